"""Asks the server whether views that are put back fit the tables as a model has them: a model does not say what becomes of them.

What is asked is asked twice, in the session's temporary schema, which hides the tables of the default schema: of tables as they are, and as they will
be. Only a view that goes with the first and not with the second is refused, so what cannot be shown this way (tables of other schemas) refuses
nothing. Statements: a savepoint, CREATE FUNCTION, one call, and the rollback, whatever the number of views.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import exc

from schemadiff.backends.postgresql.clauses import comma, quoted_collation
from schemadiff.backends.postgresql.judge import RUN_SHADOW, Shadow, shadow_domain, shadow_type
from schemadiff.backends.postgresql.lexicon import dollar_quoted, quoted
from schemadiff.backends.postgresql.transaction import scratch
from schemadiff.operations import AlterColumn, AlterDomain, AlterEnum, CreateDependant, Operation
from schemadiff.schema import UNSET, Dependant, Name, Schema, Table

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["unfit"]

# A query is opened before it is put into CREATE VIEW: so the server's parser has found it to be one SELECT (see ``judge``).
_BODY = f"""
DECLARE
    item jsonb;
    failures jsonb := '{{}}';
    probe refcursor;
BEGIN
    BEGIN
        FOR item IN SELECT value FROM jsonb_array_elements(made) LOOP
            BEGIN{RUN_SHADOW}            EXCEPTION WHEN OTHERS THEN
                NULL;
            END;
        END LOOP;
        FOR item IN SELECT value FROM jsonb_array_elements(views) LOOP
            BEGIN
                probe := NULL;
                OPEN probe FOR EXECUTE item ->> 'query';
                CLOSE probe;
                EXECUTE 'CREATE TEMPORARY VIEW ' || (item ->> 'name') || ' AS ' || (item ->> 'query');
            EXCEPTION WHEN OTHERS THEN
                failures := failures || jsonb_build_object(item ->> 'id', SQLERRM);
            END;
        END LOOP;
        RAISE EXCEPTION USING ERRCODE = 'SDJ00';
    EXCEPTION WHEN SQLSTATE 'SDJ00' THEN
        NULL;
    END;
    RETURN failures::text;
END
"""
_FUNCTION = (
    "CREATE FUNCTION pg_temp.schemadiff_fitting(made jsonb, views jsonb) RETURNS text LANGUAGE plpgsql "
    f"AS {dollar_quoted(_BODY)}"
)
_CALL = """
    SELECT pg_temp.schemadiff_fitting(CAST(:before AS jsonb), CAST(:views AS jsonb)) AS before,
        pg_temp.schemadiff_fitting(CAST(:after AS jsonb), CAST(:views AS jsonb)) AS after
"""


def unfit(connection: Connection, operations: Sequence[Operation], source: Schema, target: Schema) -> tuple[str, ...]:
    """Return what is to be said of views that ``operations`` put back and that the server would not take: a line each.

    Args:
        connection: the connection to the database that the source was read from.
        operations: the operations, in order.
        source: what is there.
        target: the model.
    """
    views = [each.dependant for each in operations if isinstance(each, CreateDependant) and _query(each.dependant)]
    tables = sorted(name for name in _retyped(operations) if name.schema is None)
    if not views or not tables:
        return ()
    parameters = {
        "before": json.dumps([asdict(each) for each in _made(tables, source)]),
        "after": json.dumps([asdict(each) for each in _made(tables, target)]),
        "views": json.dumps([{"id": i, "name": quoted(v.name), "query": _query(v)} for i, v in enumerate(views)]),
    }
    try:
        with scratch(connection):
            connection.exec_driver_sql(_FUNCTION, execution_options={"no_parameters": True})
            row = connection.execute(sa.text(_CALL), parameters).one()
    except exc.DBAPIError:
        # A role that may not make temporary tables, or a standby: the upgrade will tell.
        return ()
    before, after = json.loads(row.before), json.loads(row.after)
    found = sorted(
        (str(views[int(number)]), " ".join(why.split())) for number, why in after.items() if number not in before
    )
    return tuple(
        f"{view} does not fit the new types of the columns that it uses: {why}; drop or change it in a revision before this one"
        for view, why in found
    )


def _query(view: Dependant) -> str | None:
    """Return the query of a view of the default schema, as the catalog gave it; None for anything else."""
    if view.kind not in ("view", "materialized view") or view.schema is not None:
        return None
    _, _, query = view.sql.partition(" AS\n")
    return query.removesuffix("\nWITH NO DATA") or None


def _retyped(operations: Sequence[Operation]) -> set[Name]:
    found: set[Name] = set()
    for operation in operations:
        match operation:
            case AlterColumn(table=table, after=after) if after.type is not UNSET or after.collation is not UNSET:
                found.add(table)
            case AlterEnum(columns=columns) | AlterDomain(columns=columns):
                found |= {column.table for column in columns}
    return found


def _made(tables: Sequence[Name], schema: Schema) -> Iterator[Shadow]:
    """Yield what makes the types and ``tables`` of ``schema`` in the temporary schema, as far as queries can tell."""
    yield from (shadow_type(enum) for name, enum in schema.enums.items() if name.schema is None)
    yield from (shadow_domain(domain) for name, domain in schema.domains.items() if name.schema is None)
    yield from (_table(schema.tables[name]) for name in tables if name in schema.tables)


def _table(table: Table) -> Shadow:
    parts = [
        f"{quoted(column.name)} {column.type.sql}"
        + ("" if column.collation is None else f" COLLATE {quoted_collation(column.collation)}")
        for column in table.columns
    ]
    if table.primary_key is not None:
        # A query may be grouped by it.
        parts.append(f"PRIMARY KEY ({comma(map(quoted, table.primary_key.columns))})")
    types = tuple(column.type.sql for column in table.columns)
    return Shadow(f"CREATE TEMPORARY TABLE {quoted(table.name.name)} ({comma(parts)})", types)
