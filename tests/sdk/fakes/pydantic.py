"""Stands in for pydantic, which crewai brings along: create_model, Field and ConfigDict, as far as
sdk/crewai uses them."""

import typing

_MISSING = object()


class _Field:
    def __init__(self, default=_MISSING, description=None):
        self.default, self.description = default, description

    def is_required(self):
        return self.default is _MISSING


def Field(default=_MISSING, *, description=None):
    return _Field(default, description)


def ConfigDict(*, extra="ignore"):
    return {"extra": extra}


class ValidationError(ValueError):
    pass


class BaseModel:
    model_config = {"extra": "ignore"}
    model_fields = {}

    @classmethod
    def model_validate(cls, given):
        model = cls()
        model.values = {}
        for name, (kind, field) in cls.model_fields.items():
            if name in given:
                value = given[name]
                plain = tuple(one for one in (typing.get_args(kind) or (kind,)) if isinstance(one, type))
                if plain and typing.Any not in (kind, *typing.get_args(kind)) \
                        and typing.get_origin(kind) is not dict and not isinstance(value, plain):
                    raise ValidationError(f"{name}: {value!r} is no {kind}")
            elif field.is_required():
                raise ValidationError(f"{name} is missing")
            else:
                value = field.default
            model.values[name] = value
        more = {name: value for name, value in given.items() if name not in cls.model_fields}
        if more and cls.model_config["extra"] == "forbid":
            raise ValidationError(f"{', '.join(more)}: not allowed")
        if cls.model_config["extra"] == "allow":
            model.values.update(more)
        return model

    def model_dump(self):
        return dict(self.values)


def create_model(name, *, __config__=None, **fields):
    for field in fields:
        if field.startswith("_") or not field.isidentifier():
            raise NameError(f"{field!r} is no name of a field")
    return type(name, (BaseModel,), {"model_fields": fields,
                                     "model_config": __config__ or BaseModel.model_config})
