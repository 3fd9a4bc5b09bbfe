"""The server as the oracle of what it stores: it prints expressions, and what it makes of its own prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import sqlalchemy as sa

__all__ = ["default_prints", "prints", "refusals"]

# What was printed is put to the server again, since it may print that in another way: see judge.py.
_PASSES = 3

_REFUSALS = """
CREATE OR REPLACE FUNCTION pg_temp.refusals(texts jsonb) RETURNS jsonb LANGUAGE plpgsql AS $body$
DECLARE
    text_ text;
    answers jsonb := '[]';
BEGIN
    FOR text_ IN SELECT value FROM jsonb_array_elements_text(texts) LOOP
        BEGIN
            EXECUTE 'SELECT 1 FROM t WHERE false AND (' || text_ || ')';
            answers := answers || 'null'::jsonb;
        EXCEPTION WHEN OTHERS THEN
            answers := answers || to_jsonb(SQLERRM);
        END;
    END LOOP;
    RETURN answers;
END
$body$
"""


def _run(connection: sa.Connection, statement: str) -> None:
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def refusals(connection: sa.Connection, texts: Sequence[str]) -> list[str | None]:
    """Return for each condition on table ``t`` why the server does not understand it; None where it does."""
    _run(connection, _REFUSALS)
    call = sa.text("SELECT pg_temp.refusals(CAST(:texts AS jsonb))")
    found: list[str | None] = connection.execute(call, {"texts": json.dumps(texts)}).scalar_one()
    return found


def prints(connection: sa.Connection, texts: Sequence[str]) -> list[list[str]]:
    """Return how the server prints each of ``texts`` as a check of table ``t``, and what it prints of that, and so on."""
    query = "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conrelid = 't'::regclass ORDER BY length(conname), conname"

    def once(current: Sequence[str]) -> list[str]:
        checks = ", ".join(f"CONSTRAINT c{i} CHECK ({text})" for i, text in enumerate(current))
        return _printed(connection, ["ALTER TABLE t RENAME TO plain", f"CREATE TABLE t (LIKE plain, {checks})"], query)

    return _again_and_again(once, texts)


def default_prints(connection: sa.Connection, defaults: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Return the same for defaults, each of a column of a type."""
    query = "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'd'::regclass ORDER BY adnum"

    def once(current: Sequence[str]) -> list[str]:
        columns = (
            f"c{i} {type_} DEFAULT ({text})" for i, ((type_, _), text) in enumerate(zip(defaults, current, strict=True))
        )
        return _printed(connection, [f"CREATE TABLE d ({', '.join(columns)})"], query)

    return _again_and_again(once, [text for _, text in defaults])


def _printed(connection: sa.Connection, statements: Sequence[str], query: str) -> list[str]:
    with connection.begin_nested() as savepoint:
        for statement in statements:
            _run(connection, statement)
        found = list(connection.exec_driver_sql(query).scalars())
        savepoint.rollback()
    return found


def _again_and_again(once: Callable[[Sequence[str]], list[str]], texts: Sequence[str]) -> list[list[str]]:
    forms: list[list[str]] = []
    current = list(texts)
    for _ in range(_PASSES):
        current = once(current)
        forms.append(current)
    return [list(each) for each in zip(*forms, strict=True)]
