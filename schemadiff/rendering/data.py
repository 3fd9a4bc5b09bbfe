"""A diff as data, for programs that read it: stable, documented, with a version number.

A change of what a field means, or one that goes, raises the version; a field that is added does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from schemadiff.backends import Backend
from schemadiff.operations import Operation
from schemadiff.rendering.hazards import Hazard
from schemadiff.rendering.labels import Change, changes_with_hazards

__all__ = ["VERSION", "diff_data", "diff_schema"]

VERSION = 1
"""The version of the form."""


def diff_data(operations: Iterable[Operation], backend: Backend, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Return what operations change, as what ``json.dumps`` takes; :func:`diff_schema` describes it.

    Args:
        operations: the operations of one direction, in order.
        backend: the backend that they run on.
        warnings: what the diff could not do as well as it wished.
    """
    found = changes_with_hazards(operations, backend)
    return {
        "dialect": backend.dialect.name,
        "operations": [_change(change) for change in found],
        "warnings": list(warnings),
        "summary": _summary(found),
    }


def _change(change: Change) -> dict[str, Any]:
    table = change.table
    return {
        "sign": change.sign,
        "kind": change.kind,
        "schema": None if table is None else table.schema,
        "table": None if table is None else table.name,
        "name": change.name,
        "details": [{"setting": part.name or None, "before": part.before, "after": part.text} for part in change.parts],
        "hazards": [_hazard(hazard) for hazard in change.hazards],
    }


def _hazard(hazard: Hazard) -> dict[str, Any]:
    return {"kind": hazard.kind, "words": hazard.words}


def _summary(found: Sequence[Change]) -> dict[str, int]:
    signs = Counter(change.sign for change in found)
    kinds = Counter(hazard.kind for change in found for hazard in change.hazards)
    return {
        "added": signs["+"],
        "dropped": signs["-"],
        "changed": signs["~"],
        "loses_data": kinds["loses data"],
        "may_fail": kinds["may fail"],
    }


def diff_schema() -> dict[str, Any]:
    """Return the JSON Schema of what ``schemadiff diff --json`` prints."""
    text, text_or_null, count = {"type": "string"}, {"type": ["string", "null"]}, {"type": "integer", "minimum": 0}
    names = {"type": ["array", "null"], "items": text}
    detail = _object(
        {
            "setting": text_or_null | {"description": "What changes; null where the text is about the whole."},
            "before": text_or_null | {"description": "Its value before; null where that is not known."},
            "after": text | {"description": "Its value after, in words."},
        }
    )
    hazard = _object(
        {
            "kind": {"enum": ["loses data", "may fail"]},
            "words": text | {"description": "What is lost, or which rows are in the way."},
        }
    )
    operation = _object(
        {
            "sign": {"enum": ["+", "-", "~"], "description": "Added, dropped, changed."},
            "kind": text | {"description": "table, column, index, unique constraint, enum type ..."},
            "schema": text_or_null | {"description": "Null for the default schema."},
            "table": text_or_null | {"description": "The table, view, type or sequence; null for what stands in none."},
            "name": text_or_null | {"description": "The name in the table; null where the table itself is meant."},
            "details": {"type": "array", "items": detail},
            "hazards": {"type": "array", "items": hazard},
        }
    )
    database = _object(
        {
            "database": text_or_null | {"description": "Its name, where the project has several."},
            "dialect": text,
            "operations": {"type": "array", "items": operation, "description": "In the order in which they would run."},
            "warnings": {"type": "array", "items": text},
            "summary": _object(dict.fromkeys(("added", "dropped", "changed", "loses_data", "may_fail"), count)),
            "current": names | {"description": "The revisions that the database stands at; null where not known."},
            "heads": {"type": "array", "items": text, "description": "The heads of the revision files."},
        }
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What schemadiff diff --json prints",
        **_object({"version": {"const": VERSION}, "databases": {"type": "array", "items": database, "minItems": 1}}),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    # A field that is added later is no error for those who read.
    return {"type": "object", "required": list(properties), "properties": properties}
