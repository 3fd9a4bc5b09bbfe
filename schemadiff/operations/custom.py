"""Operations of a user's own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from schemadiff.errors import OperationError
from schemadiff.operations.base import Operation

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

__all__ = ["CustomOperation"]


class CustomOperation(Operation):
    """Base of operations of a user's own: all that there is to say of one stands in its class.

    A subclass is a frozen dataclass, whose fields are the arguments of the function in ``op`` that :func:`schemadiff.op.register` makes.
    :meth:`statements` has to be there; everything else says by itself something that is true. Other methods that may be overridden are
    those of :class:`~schemadiff.operations.Operation`: ``reverse()``, ``describe()``, ``effects()``.
    """

    directive: ClassVar[str] = ""
    """The name of the function in ``op``; set by :func:`schemadiff.op.register`."""

    imports: ClassVar[tuple[str, ...]] = ()
    """Import lines that :meth:`python` needs."""

    def statements(self, dialect: Dialect) -> Iterable[Any]:
        """Return what carries the operation out, in order: texts of SQL, SQLAlchemy statements, or other operations.

        Args:
            dialect: the database's dialect: ``dialect.name`` tells which one it is, ``dialect.identifier_preparer.quote()`` quotes names.
        """
        raise OperationError(f"{self.describe()}: {type(self).__qualname__} has no statements(): write the method")

    def label(self) -> tuple[Literal["+", "-", "~"], str, str]:
        """Return what the log and the diff say: whether something is added, dropped or changed, of what kind it is, and its name."""
        return ("~", "operation", self.describe())

    def python(self) -> str | None:
        """Return the call that stands in a revision file, as source; None for the function in ``op`` with the fields as arguments."""
        return None

    def describe(self) -> str:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", type(self).__name__).split(" ")
        return " ".join([words[0], *(word.lower() for word in words[1:])])
