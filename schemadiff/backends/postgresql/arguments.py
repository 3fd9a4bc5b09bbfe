"""Dialect arguments that PostgreSQL has a use for and the installed SQLAlchemy does not know.

A revision says with them what a database had: ``sa.CheckConstraint("a > 0", postgresql_no_inherit=True)``. SQLAlchemy refuses arguments that its
dialect has not declared, so they are declared here, in the way that it has for others (``DialectKWArgs.argument_for``). Those that
newer versions of it know keep the meaning that they have there.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from schemadiff.backends.postgresql.column_options import COLUMN_OPTIONS

__all__ = ["declare_arguments"]

_ARGUMENTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (sa.Table, ("of", "using", "with")),
    (sa.Column, COLUMN_OPTIONS),
    (sa.Index, ("nulls_not_distinct", "statistics")),
    (postgresql.ExcludeConstraint, ("include", "tablespace", "with")),
    (sa.CheckConstraint, ("no_inherit", "not_enforced", "not_valid")),
    (sa.ForeignKeyConstraint, ("not_enforced", "not_valid", "period")),
    (sa.PrimaryKeyConstraint, ("include", "tablespace", "with", "without_overlaps")),
    (sa.UniqueConstraint, ("include", "nulls_not_distinct", "tablespace", "with", "without_overlaps")),
)


def declare_arguments() -> None:
    """Declare the arguments that the installed SQLAlchemy does not know. It may be called again."""
    known: dict[Any, Any] = dict(postgresql.dialect.construct_arguments or ())
    for construct, names in _ARGUMENTS:
        for name in names:
            if name not in known.get(construct, ()):
                construct.argument_for("postgresql", name, None)
