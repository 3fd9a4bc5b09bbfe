"""Frozen dataclasses that cost little until they are used.

:func:`dataclasses.dataclass` writes and compiles up to seven functions for each class, half a millisecond; there are some two hundred classes of
ours, and most commands make instances of few of them. Here the functions that are alike for all classes are shared, and the others compiled when
they are called first. To a type checker, and to :func:`dataclasses.fields` and :func:`dataclasses.replace`, they are dataclasses
like any others.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, *, frozen=False, slots=False, kw_only=False, eq=True):
        """Return ``cls`` as a dataclass; it is called as :func:`dataclasses.dataclass` is."""

        def made(cls):
            if not frozen:
                return dataclasses.dataclass(slots=slots, kw_only=kw_only, eq=eq)(cls)
            return _frozen(cls, slots=slots, kw_only=kw_only, eq=eq)

        return made if cls is None else made(cls)


def _frozen(cls: type[Any], *, slots: bool, kw_only: bool, eq: bool) -> type[Any]:
    own = set(vars(cls))
    # Without a docstring, the standard library would look at the signature to make one.
    cls.__doc__ = cls.__doc__ or cls.__name__
    make = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)
    # The standard library lets no other class come of a frozen one, and compiles what makes one frozen.
    bases = [base.__dict__.get("__dataclass_params__") for base in cls.__mro__[1:]]
    frozen = [each for each in bases if each is not None and each.frozen]
    for each in frozen:
        each.frozen = False
    try:
        made: Any = make(cls)
    finally:
        for each in frozen:
            each.frozen = True
    made.__dataclass_params__.frozen = True
    functions = {
        "__init__": _late(made, "__init__", _compiled_init),
        "__repr__": _late(made, "__repr__", _compiled_repr),
        "__setattr__": _setattr(made),
        "__delattr__": _delattr(made),
    }
    if slots:
        functions |= {"__getstate__": _state, "__setstate__": _set_state}
    if eq:
        functions |= {
            "__eq__": _late(made, "__eq__", _compiled_eq),
            "__hash__": _late(made, "__hash__", _compiled_hash),
        }
    for name, function in functions.items():
        # A class with an __eq__ of its own and no __hash__ has None for it.
        if name not in own or (name == "__hash__" and vars(made)[name] is None):
            setattr(made, name, function)
    if "__init__" not in own:
        made.__signature__ = _SIGNATURE
    found: type[Any] = made
    return found


def _late(cls: type[Any], name: str, compiled: Callable[[type[Any]], Any]) -> Any:
    """Return a method that gives way to the real one, which ``compiled`` makes, when it is called first."""

    def first(self: Any, *args: Any, **kwargs: Any) -> Any:
        real = compiled(cls)
        setattr(cls, name, real)
        return real(self, *args, **kwargs)

    return first


def _compiled(cls: type[Any], name: str, parameters: Iterable[str], body: Iterable[str], space: dict[str, Any]) -> Any:
    # Names of fields and nothing else, as dataclasses does.
    source = f"def {name}({', '.join(parameters)}):\n " + "\n ".join(body)
    exec(source, space)
    function = space[name]
    function.__qualname__ = f"{cls.__qualname__}.{name}"
    return function


def _compiled_init(cls: type[Any]) -> Any:
    space: dict[str, Any] = {"_set": object.__setattr__, "_missing": dataclasses.MISSING}
    plain: list[str] = []
    by_name: list[str] = []
    body: list[str] = []
    for field in dataclasses.fields(cls):
        name = field.name
        value = name
        parameter = name
        if field.default is not dataclasses.MISSING:
            space[f"_default_{name}"] = field.default
            parameter = f"{name}=_default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            space[f"_make_{name}"] = field.default_factory
            parameter = f"{name}=_missing"
            value = f"_make_{name}() if {name} is _missing else {name}"
        if field.init:
            (by_name if field.kw_only else plain).append(parameter)
        elif value == name:
            continue
        else:
            value = f"_make_{name}()"
        body.append(f"_set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ["self", *plain, *(["*"] if by_name else []), *by_name]
    return _compiled(cls, "__init__", parameters, body or ["pass"], space)


def _compared(cls: type[Any], owner: str) -> str:
    return "(" + "".join(f"{owner}.{field.name}, " for field in dataclasses.fields(cls) if field.compare) + ")"


def _compiled_eq(cls: type[Any]) -> Any:
    body = [
        "if self is other: return True",
        "if other.__class__ is not self.__class__: return NotImplemented",
        f"return {_compared(cls, 'self')} == {_compared(cls, 'other')}",
    ]
    return _compiled(cls, "__eq__", ["self", "other"], body, {})


def _compiled_hash(cls: type[Any]) -> Any:
    return _compiled(cls, "__hash__", ["self"], [f"return hash({_compared(cls, 'self')})"], {})


def _compiled_repr(cls: type[Any]) -> Any:
    shown = ", ".join(f"{field.name}={{self.{field.name}!r}}" for field in dataclasses.fields(cls) if field.repr)
    return _compiled(cls, "__repr__", ["self"], [f'return f"{{self.__class__.__qualname__}}({shown})"'], {})


class _Signature:
    """The signature of a class, for ``help()`` and editors: before the first call there is no function that could tell it."""

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        home = next(cls for cls in owner.__mro__ if "__init__" in vars(cls))
        if instance is not None or vars(home).get("__signature__") is not self:
            raise AttributeError("__signature__")
        from inspect import Parameter, Signature

        parameters = []
        for kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY):
            for field in dataclasses.fields(home):
                if not field.init or field.kw_only is not (kind is Parameter.KEYWORD_ONLY):
                    continue
                default: Any = Parameter.empty
                if field.default is not dataclasses.MISSING:
                    default = field.default
                elif field.default_factory is not dataclasses.MISSING:
                    default = _FACTORY
                parameters.append(Parameter(field.name, kind, default=default, annotation=field.type))
        return Signature(parameters, return_annotation=None)


class _Factory:
    def __repr__(self) -> str:
        return "<factory>"


_SIGNATURE = _Signature()
_FACTORY = _Factory()


def _setattr(cls: type[Any]) -> Any:
    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807
        # A class of a user's own that is no dataclass may have further attributes.
        if type(self) is cls or name in cls.__dataclass_fields__:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    return __setattr__


def _delattr(cls: type[Any]) -> Any:
    def __delattr__(self: Any, name: str) -> None:  # noqa: N807
        if type(self) is cls or name in cls.__dataclass_fields__:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return __delattr__


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
