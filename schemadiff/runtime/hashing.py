"""What an operation and a revision are known by in the journal: hashes, the same in every process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa

from schemadiff.backends import Backend
from schemadiff.errors import BrokenRevision
from schemadiff.operations import BulkInsert, Execute, Operation
from schemadiff.revisions.checksum import checksum
from schemadiff.revisions.naming import shown_path
from schemadiff.runtime.steps import Step

__all__ = ["code_checksum", "operation_hash"]


def operation_hash(operation: Operation, backend: Backend) -> str:
    """Return the hash of ``operation``: over its class and what two operations are compared by, statements with their values.

    Args:
        operation: the operation.
        backend: compiles what stands in it as SQLAlchemy's.
    """
    digest = hashlib.sha256()
    for piece in _pieces(operation, backend):
        # The length goes ahead, so that no two rows of pieces read alike.
        digest.update(f"{len(piece)}:{piece}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _pieces(value: Any, backend: Backend) -> Iterator[str]:
    """Yield the text of a value, without what differs from process to process: addresses, and the order of sets."""
    if isinstance(value, Execute) and value.statement is not None:
        yield "execute"
        yield from _pieces(value.sql, backend)
        yield from _pieces(_parameters(value.statement, backend), backend)
        yield from _pieces(value.parameters, backend)
    elif isinstance(value, BulkInsert):
        yield "insert"
        yield str(value.table.fullname if isinstance(value.table, sa.Table) else value.table.name)
        yield from _pieces(value.rows, backend)
    elif is_dataclass(value) and not isinstance(value, type):
        yield type(value).__name__
        for field in fields(value):
            if field.compare:
                yield field.name
                yield from _pieces(getattr(value, field.name), backend)
    elif isinstance(value, Mapping):
        yield f"mapping {len(value)}"
        for key in sorted(value, key=repr):
            yield from _pieces(key, backend)
            yield from _pieces(value[key], backend)
    elif isinstance(value, (set, frozenset)):
        yield f"set {len(value)}"
        yield from sorted("\0".join(_pieces(each, backend)) for each in value)
    elif isinstance(value, (list, tuple)):
        yield f"list {len(value)}"
        for each in value:
            yield from _pieces(each, backend)
    elif isinstance(value, sa.ClauseElement):
        yield str(value.compile(dialect=backend.dialect))
        yield from _pieces(_parameters(value, backend), backend)
    elif isinstance(value, Enum):
        yield f"{type(value).__name__}.{value.name}"
    else:
        yield type(value).__name__
        yield repr(value)


def _parameters(statement: Any, backend: Backend) -> Mapping[str, Any]:
    """Return the values that a statement is sent with."""
    return dict(statement.compile(dialect=backend.dialect).params)


def code_checksum(step: Step) -> str:
    """Return the checksum of what the file of a revision does.

    Raises:
        BrokenRevision: it cannot be read.
    """
    if step.checksum is not None:
        return step.checksum.code
    revision = step.revision
    try:
        source = revision.path.read_bytes()
    except OSError as error:
        raise BrokenRevision(f"{shown_path(revision.path)} cannot be read: {error.strerror or error}") from None
    return checksum(source, revision.path).code
