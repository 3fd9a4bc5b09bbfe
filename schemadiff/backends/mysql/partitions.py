"""Partitions of a table, as the options by which SQLAlchemy's users write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemadiff.backends.mysql.text import canonical_expression, quoted
from schemadiff.backends.tokens import Lexicon

__all__ = ["partition_options"]


def partition_options(rows: Sequence[Mapping[str, Any]], lexicon: Lexicon) -> dict[str, str]:
    """Return ``partition_by`` and ``partitions`` (and the same of subpartitions) for the rows of a table; nothing for none.

    HASH and KEY partitions are told by their number, RANGE and LIST partitions by their definitions, behind the method. Where partitions
    carry names of their own that nobody can see from a number, the number says it: the names are no part of a comparison.
    """
    if not rows:
        return {}
    first = rows[0]
    method = str(first["method"])
    found = {"partition_by": f"{method} ({first['expression'] or ''})"}
    names = list(dict.fromkeys(row["name"] for row in rows))
    if first["submethod"]:
        found["subpartition_by"] = f"{first['submethod']} ({first['subexpression'] or ''})"
        found["subpartitions"] = str(sum(row["name"] == first["name"] for row in rows))
    if "RANGE" in method or "LIST" in method:
        # The definitions stand behind everything else.
        definitions = ", ".join(_definition(next(row for row in rows if row["name"] == name)) for name in names)
        found["subpartitions" if first["submethod"] else "partition_by"] += f" ({definitions})"
    else:
        found["partitions"] = str(len(names))
    return {key: canonical_expression(text, lexicon) for key, text in found.items()}


def _definition(row: Mapping[str, Any]) -> str:
    values = str(row["description"])
    word = "LESS THAN" if "RANGE" in str(row["method"]) else "IN"
    clause = values if values == "MAXVALUE" and word == "LESS THAN" else f"({values})"
    return f"PARTITION {quoted(str(row['name']))} VALUES {word} {clause}"
