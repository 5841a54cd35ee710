"""A small part of JSON Schema 2020-12: what the schemas of the example skills use.

A keyword that is not known here is an error rather than ignored, so a schema cannot promise
something that nothing checks.
"""

import json
import re

_ANNOTATIONS = {"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples",
                "contentEncoding", "contentMediaType", "format"}


class UnknownKeyword(Exception):
    pass


def violations(schema, value):
    """A list of `pointer: what is wrong`; empty when the value matches."""
    found = []
    _check(schema, value, "", schema, found)
    return found


def _type_of(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "string", list: "array", dict: "object"}[type(value)]


def _has_type(name, value):
    actual = _type_of(value)
    if name == "integer":
        return actual == "number" and float(value).is_integer()
    return actual == name


def same_json(a, b):
    """Equality of JSON values: 1 and 1.0 are the same number, 1 and true are not the same."""
    if _type_of(a) != _type_of(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(same_json(x, y) for x, y in zip(a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same_json(a[key], b[key]) for key in a)
    return a == b


def _check(schema, value, at, root, found):
    if schema is True:
        return
    if schema is False:
        found.append(f"{at or '/'}: nothing is allowed here")
        return
    for keyword, rule in schema.items():
        if keyword in _ANNOTATIONS:
            continue
        check = _KEYWORDS.get(keyword)
        if check is None:
            raise UnknownKeyword(f"{keyword} at {at or '/'}")
        check(rule, value, at, schema, root, found)


def _ref(rule, value, at, _schema, root, found):
    target = root
    for part in rule.lstrip("#").split("/")[1:]:
        target = target[part.replace("~1", "/").replace("~0", "~")]
    _check(target, value, at, root, found)


def _type(rule, value, at, _schema, _root, found):
    names = rule if isinstance(rule, list) else [rule]
    if not any(_has_type(name, value) for name in names):
        found.append(f"{at or '/'}: is {_type_of(value)}, not {' or '.join(names)}")


def _enum(rule, value, at, _schema, _root, found):
    if not any(same_json(value, allowed) for allowed in rule):
        found.append(f"{at or '/'}: {json.dumps(value)[:60]} is not one of {json.dumps(rule)}")


def _const(rule, value, at, schema, root, found):
    _enum([rule], value, at, schema, root, found)


def _required(rule, value, at, _schema, _root, found):
    if isinstance(value, dict):
        found.extend(f"{at or '/'}: lacks {name}" for name in rule if name not in value)


def _properties(rule, value, at, _schema, root, found):
    if isinstance(value, dict):
        for name in rule.keys() & value.keys():
            _check(rule[name], value[name], f"{at}/{name}", root, found)


def _additional(rule, value, at, schema, root, found):
    if isinstance(value, dict):
        for name in sorted(value.keys() - schema.get("properties", {}).keys()):
            if rule is False:
                found.append(f"{at}/{name}: is not a known member")
            else:
                _check(rule, value[name], f"{at}/{name}", root, found)


def _items(rule, value, at, _schema, root, found):
    if isinstance(value, list):
        for index, item in enumerate(value):
            _check(rule, item, f"{at}/{index}", root, found)


def _choice(quantifier, text):
    def check(rule, value, at, _schema, root, found):
        matching = 0
        for option in rule:
            attempt = []
            _check(option, value, at, root, attempt)
            matching += not attempt
        if not quantifier(matching, len(rule)):
            found.append(f"{at or '/'}: matches {matching} of {len(rule)} alternatives, wants {text}")
    return check


def _bound(applies, measure, holds, text):
    def check(rule, value, at, _schema, _root, found):
        if _type_of(value) == applies and not holds(measure(value), rule):
            found.append(f"{at or '/'}: {text} {rule}")
    return check


def _itself(value):
    return value


_KEYWORDS = {
    "$ref": _ref,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "oneOf": _choice(lambda matching, _all: matching == 1, "exactly one"),
    "anyOf": _choice(lambda matching, _all: matching >= 1, "at least one"),
    "minimum": _bound("number", _itself, lambda a, b: a >= b, "is below"),
    "maximum": _bound("number", _itself, lambda a, b: a <= b, "is above"),
    "exclusiveMinimum": _bound("number", _itself, lambda a, b: a > b, "is not above"),
    "minLength": _bound("string", len, lambda a, b: a >= b, "is shorter than"),
    "maxLength": _bound("string", len, lambda a, b: a <= b, "is longer than"),
    "minItems": _bound("array", len, lambda a, b: a >= b, "has fewer items than"),
    "maxItems": _bound("array", len, lambda a, b: a <= b, "has more items than"),
    "pattern": _bound("string", _itself, lambda a, b: re.search(b, a) is not None, "does not match"),
}
