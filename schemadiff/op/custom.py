"""Operations of a user's own.

All that there is to say of one stands in one class: its DDL, its way back, its words. A module that env.py imports registers it:

    from dataclasses import dataclass
    from schemadiff import op

    @op.register("create_trigger")
    @dataclass(frozen=True)
    class CreateTrigger(op.CustomOperation):
        name: str
        table: str
        body: str

        def statements(self, dialect):
            quote = dialect.identifier_preparer.quote
            yield f"CREATE TRIGGER {quote(self.name)} AFTER INSERT ON {quote(self.table)} BEGIN {self.body}; END"

        def reverse(self):
            return DropTrigger(self.name, self.table, self.body)

        def label(self):
            return "+", "trigger", f"{self.table}.{self.name}"

A revision then says ``op.create_trigger("stamp", "account", "...")``, and so does a file that autogen writes where a hook has put
such an operation in (``process_revision_directives``). It is carried out, printed by ``--sql``, recorded, reversed and shown as
any other.

Who comes from Alembic finds :func:`register_operation` and :func:`implementation_for` as they were.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from schemadiff.backends import backend_for
from schemadiff.errors import OperationError
from schemadiff.operations import CustomOperation, Operation
from schemadiff.runtime import executor
from schemadiff.runtime.site import Site

__all__ = ["CustomOperation", "MigrateOperation", "implementation_for", "register", "register_operation"]

Custom = TypeVar("Custom", bound=CustomOperation)

_PACKAGE = "schemadiff.op"
_registered: dict[str, type[CustomOperation]] = {}
_implementations: dict[type, Callable[[Any, Any], object]] = {}


def register(name: str) -> Callable[[type[Custom]], type[Custom]]:
    """Return a decorator that makes a class of operations known as ``op.<name>()``.

    Args:
        name: the name of the function in ``op``. Its arguments are those of the class.

    Raises:
        OperationError: the name is none, it is taken, or the class is no :class:`CustomOperation`.
    """

    def registered(cls: type[Custom]) -> type[Custom]:
        def directive(*args: Any, **kwargs: Any) -> None:
            executor.active(name).invoke(cls(*args, **kwargs))

        _make_known(name, cls, directive)
        directive.__signature__ = inspect.signature(cls)  # type: ignore[attr-defined]
        return cls

    return registered


def register_operation(name: str, sourcename: str | None = None) -> Callable[[type[Custom]], type[Custom]]:
    """Return a decorator that makes a class method known as ``op.<name>()``, as Alembic's of this name does.

    The method gets the module ``op`` before its other arguments, and passes an operation to its ``invoke()``.

    Args:
        name: the name of the function in ``op``.
        sourcename: the name of the class method; ``name``, where it is None.

    Raises:
        OperationError: as for :func:`register`; or there is no such class method.
    """

    def registered(cls: type[Custom]) -> type[Custom]:
        method = getattr(cls, sourcename or name, None)
        if not callable(method):
            raise OperationError(
                f"op.register_operation({name!r}): {cls.__qualname__} has no class method {sourcename or name!r}; write it, or use "
                "op.register()"
            )

        def directive(*args: Any, **kwargs: Any) -> Any:
            executor.active(name)
            return method(sys.modules[_PACKAGE], *args, **kwargs)

        _make_known(name, cls, directive)
        directive.__doc__ = inspect.getdoc(method)
        return cls

    return registered


def implementation_for(
    op_cls: type[CustomOperation], *, replace: bool = False
) -> Callable[[Callable[[Any, Any], object]], Callable[[Any, Any], object]]:
    """Return a decorator for the function that carries operations of a class out, as Alembic's of this name does.

    The function gets the module ``op`` and the operation, and calls what is in ``op``: ``operations.execute(...)``.

    Args:
        op_cls: the class, a :class:`MigrateOperation`.
        replace: let it take the place of another one.

    Raises:
        OperationError: the class has one already, or is no :class:`MigrateOperation`.
    """

    def known(function: Callable[[Any, Any], object]) -> Callable[[Any, Any], object]:
        if not (isinstance(op_cls, type) and issubclass(op_cls, MigrateOperation)):
            raise OperationError(
                f"op.implementation_for(): {getattr(op_cls, '__qualname__', op_cls)!r} is no op.MigrateOperation; derive it from that"
            )
        other = _implementations.get(op_cls)
        if other is not None and not replace and not _is_same(other, function):
            raise OperationError(
                f"op.implementation_for({op_cls.__qualname__}): there is one already, {other.__qualname__}; give replace=True"
            )
        _implementations[op_cls] = function
        return function

    return known


class MigrateOperation(CustomOperation):
    """Base of operations as Alembic's users write them: any class, and beside it a function (:func:`implementation_for`).

    Two of them are equal where their attributes are. One that autogen shall write has a ``python()``.
    """

    def statements(self, dialect: Any) -> Iterable[Operation]:
        function = next((_implementations[cls] for cls in type(self).__mro__ if cls in _implementations), None)
        if function is None:
            raise OperationError(
                f"{self.describe()}: nothing says how {type(self).__qualname__} is carried out: "
                "write a function with @op.implementation_for(...)"
            )
        site = executor.current_site() or Site(backend_for(dialect))
        recording = executor.Recording(site)
        with executor.activate(recording):
            function(sys.modules[_PACKAGE], self)
        return tuple(recording.operations)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = object.__hash__


def _make_known(name: str, cls: type[Any], directive: Callable[..., Any]) -> None:
    """Put ``directive`` into the module ``op``."""
    package = sys.modules[_PACKAGE]
    if not name.isidentifier():
        raise OperationError(f"op.register({name!r}): that is no name of a function; choose another one")
    if not (isinstance(cls, type) and issubclass(cls, CustomOperation)):
        raise OperationError(
            f"op.register({name!r}): {getattr(cls, '__qualname__', cls)!r} is no op.CustomOperation; derive it from that"
        )
    other = _registered.get(name)
    # env.py runs once for each command, and makes its classes anew.
    if hasattr(package, name) and (other is None or not _is_same(other, cls)):
        raise OperationError(f"op.register({name!r}): the name is taken; choose another one")
    directive.__name__ = directive.__qualname__ = name
    directive.__doc__ = inspect.getdoc(cls)
    cls.directive = name
    _registered[name] = cls
    setattr(package, name, directive)


def _is_same(one: Any, other: Any) -> bool:
    return (one.__module__, one.__qualname__) == (other.__module__, other.__qualname__)
