"""Checks the members of the input and fills in what is left out."""

import re
from dataclasses import dataclass

from errors import InputError

FORMATS = ("auto", "csv", "tsv", "json")
MISSING = ("N/A", "#N/A", "null", "None", "NaN")


@dataclass
class Derived:
    """A column made from another: the pattern's first group, or all of what it matches."""
    name: str
    source: str
    pattern: re.Pattern


@dataclass
class Options:
    text: str
    file: str
    rows: list
    format: str
    delimiter: str
    encoding: str
    comment: str
    header: object  # "auto", True or False
    columns: list
    derive: list
    missing: frozenset
    top: int
    chart_column: str
    bins: int
    title: str


def read_options(given):
    sources = [name for name in ("text", "file", "rows") if given.get(name) is not None]
    if len(sources) != 1:
        raise InputError("give exactly one of `text`, `file` and `rows`")
    return Options(
        text=_string(given, "text"),
        file=_string(given, "file"),
        rows=_rows(given.get("rows")),
        format=_choice(given, "format", FORMATS),
        delimiter=_delimiter(given),
        encoding=_string(given, "encoding") or "utf-8-sig",
        comment=_string(given, "comment"),
        header=_choice(given, "header", ("auto", True, False)),
        columns=_strings(given, "columns"),
        derive=_derived(given.get("derive")),
        missing=_missing(given),
        top=_integer(given, "top", default=5, low=0, high=100),
        chart_column=_string(given, "chart_column"),
        bins=_integer(given, "bins", default=0, low=0, high=60),
        title=_string(given, "title"),
    )


def _string(given, name):
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"`{name}` must be a string")
    return value


def _strings(given, name):
    value = given.get(name)
    if value is not None and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
        raise InputError(f"`{name}` must be an array of strings")
    return value


def _rows(value):
    if value is not None and not (isinstance(value, list)
                                  and all(isinstance(row, (list, dict)) for row in value)):
        raise InputError("`rows` must be an array of objects or of arrays")
    return value


def _choice(given, name, choices):
    value = given.get(name, choices[0])
    # `is` for booleans: 1 == True
    if not any(value is c or (isinstance(c, str) and value == c) for c in choices):
        shown = ", ".join(c if isinstance(c, str) else str(c).lower() for c in choices)
        raise InputError(f"`{name}` must be one of {shown}")
    return value


def _delimiter(given):
    value = _string(given, "delimiter")
    if value is not None and (len(value) != 1 or value in '"\r\n'):
        raise InputError("`delimiter` must be one character other than a quote or a line break")
    return value


def _integer(given, name, default, low, high):
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"`{name}` must be a whole number from {low} to {high}")
    return value


def _missing(given):
    words = _strings(given, "missing")
    words = MISSING if words is None else words
    # An empty cell is missing whatever else is.
    return frozenset(form for word in ("", *words) for form in (word, word.lower(), word.upper(), word.title()))


def _derived(value):
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError("`derive` must be an array of objects")
    return [_derived_column(item, f"derive[{index}]") for index, item in enumerate(value)]


def _derived_column(item, at):
    parts = [item.get(key) if isinstance(item, dict) else None for key in ("name", "from", "pattern")]
    if not all(isinstance(part, str) and part for part in parts):
        raise InputError(f"`{at}` must be an object with strings `name`, `from` and `pattern`")
    name, source, pattern = parts
    try:
        return Derived(name, source, re.compile(pattern))
    except (re.error, OverflowError, RecursionError) as error:
        raise InputError(f"`{at}.pattern` is not a regular expression: {error}") from None
