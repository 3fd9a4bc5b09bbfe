"""A dialect whose compilers write what is sent without parameters."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

__all__ = ["without_percent_doubling"]


def without_percent_doubling(dialect: Dialect) -> Dialect:
    """Return a copy of ``dialect`` that compiles a percent sign as one percent sign.

    With a driver whose parameters are written ``%s`` SQLAlchemy's compilers double percent signs, for the driver to halve them again. Our
    statements are sent without parameters (``Backend.run``) and printed, so they must say what they mean.
    """
    quiet = copy(dialect)
    quiet.paramstyle = "named"
    quiet.positional = False
    quiet.identifier_preparer = copy(dialect.identifier_preparer)
    quiet.identifier_preparer.dialect = quiet
    quiet.identifier_preparer._double_percents = False
    # Quoted names are kept by the preparer, those with doubled percent signs among them.
    quiet.identifier_preparer._strings = {}
    quiet.type_compiler_instance = type(dialect.type_compiler_instance)(quiet)
    # The name that SQLAlchemy 1.x gave it; 2.x keeps it for third-party dialects.
    quiet.type_compiler = quiet.type_compiler_instance
    # What the original has cached of types (how they write literals) doubles percent signs too.
    quiet.__dict__.pop("_type_memos", None)
    return quiet
