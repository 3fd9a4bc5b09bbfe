"""The arguments that a model gives its tables and their parts for one dialect alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["dialect_arguments"]

_NONE: Mapping[str, Any] = {}


def dialect_arguments(item: Any) -> Mapping[str, Any]:
    """Return the dialect arguments of a SQLAlchemy object by their whole names, as ``mysql_engine``; none of anything else.

    SQLAlchemy makes an attribute for them when the first is set or asked for. So a part of a model that was given none is not asked.
    """
    found: Mapping[str, Any] = item.dialect_kwargs if "dialect_options" in getattr(item, "__dict__", _NONE) else _NONE
    return found
