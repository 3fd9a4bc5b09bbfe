"""Builders of operations that are statements of the user's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from schemadiff.errors import NotRecordable, OperationError
from schemadiff.operations import BulkInsert, Execute, Operation
from schemadiff.runtime.site import Site

__all__ = ["bulk_insert", "execute", "inline_literal"]

_ESCAPED_COLON = re.compile(r"\\(:\w+)(?!:)")


def execute(site: Site, statement: Any, execution_options: Mapping[str, Any] | None) -> Operation:
    """Return the operation that executes a statement.

    A plain string is sent as it is, except that ``\\:name`` means ``:name``, as it does in ``sa.text()``.

    Raises:
        NotRecordable: a value has no literal form, and the statement has to be written out whole.
    """
    if isinstance(statement, str):
        sql = _ESCAPED_COLON.sub(r"\1", statement)
        if not execution_options:
            return Execute(sql=sql)
        # What stands for itself in the string must not become a parameter.
        statement = sa.text(re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", statement))
    if not isinstance(statement, sa.sql.base.Executable):
        raise OperationError(
            f"op.execute() takes a string or an SQLAlchemy statement, not a {type(statement).__name__}: write sa.text(...)"
        )
    if execution_options:
        statement = statement.execution_options(**execution_options)
    return Execute(sql=_compiled(site, statement), statement=statement)


def bulk_insert(
    site: Site, table: Any, rows: Sequence[Mapping[str, Any]], *, multiinsert: bool
) -> tuple[Operation, ...]:
    """Return the operations that insert rows: one for all of them, or one for each.

    Raises:
        OperationError: ``rows`` is no list of mappings.
        NotRecordable: a value has no literal form, and the statements have to be written out whole.
    """
    if isinstance(rows, (str, bytes, Mapping)) or not all(isinstance(row, Mapping) for row in rows):
        raise OperationError("op.bulk_insert() takes a list of dictionaries, one for each row")
    if not isinstance(table, sa.TableClause):
        raise OperationError(
            "op.bulk_insert() takes the table that op.create_table() returns, or sa.table(...) with its columns"
        )
    plain = [dict(row) for row in rows]
    batches = [tuple(plain)] if multiinsert else [(row,) for row in plain]
    return tuple(BulkInsert(table=table, rows=batch, sql=_inserts(site, table, batch)) for batch in batches if batch)


def _inserts(site: Site, table: Any, rows: tuple[dict[str, Any], ...]) -> tuple[str, ...]:
    if not site.literals:
        return ()
    return tuple(_compiled(site, table.insert().values(_typed(table, row))) for row in rows)


def _typed(table: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of ``row`` as literals of the columns' types."""
    typed: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, sa.ClauseElement) or key not in table.c:
            typed[key] = value
        elif value is None:
            typed[key] = sa.null()
        else:
            typed[key] = sa.literal(value, table.c[key].type)
    return typed


def inline_literal(value: Any, type_: sa.types.TypeEngine[Any] | None) -> ColumnElement[Any]:
    """Return ``value`` as a literal that is written into the statement."""
    return sa.literal(value, type_, literal_execute=True)


def _compiled(site: Site, statement: Any) -> str:
    """Return the text of ``statement`` with its values written into it, as far as they can be."""
    dialect = site.backend.dialect
    try:
        compiled = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    except (sa.exc.CompileError, NotImplementedError) as error:
        if site.literals:
            reason = " ".join(str(error).split())
            raise NotRecordable(
                f"a value of the statement cannot be written as SQL: {reason}: use op.inline_literal()"
            ) from error
        compiled = statement.compile(dialect=dialect)
    return str(compiled).strip()
