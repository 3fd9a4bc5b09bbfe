"""What hangs on tables and is no part of a model: views, triggers, policies, grants."""

from __future__ import annotations

from schemadiff.runtime import build, executor

__all__ = ["create_dependant", "drop_dependant"]


def create_dependant(
    kind: str, name: str, statement: str, *also: str, table_name: str | None = None, schema: str | None = None
) -> None:
    """Make a view, trigger, policy or the like, by statements of the database's own.

    They are sent as they are: unlike in :func:`execute`, a colon or a percent sign is nothing special.

    Args:
        kind: what it is, in words: ``view``, ``trigger``; for people.
        name: its name; for people.
        statement: the statement that makes it.
        also: statements that follow: its owner, grants and comment, and what hangs on it in turn.
        table_name: the table that it is a part of.
        schema: the schema of the table, or its own where it is part of none.
    """
    active = executor.active("create_dependant")
    active.invoke(build.create_dependant(active.site, kind, name, (statement, *also), table=table_name, schema=schema))


def drop_dependant(
    kind: str, name: str, statement: str, *, table_name: str | None = None, schema: str | None = None
) -> None:
    """Take a view, trigger, policy or the like off. Arguments as for :func:`create_dependant`.

    Args:
        kind: what it is, in words.
        name: its name.
        statement: the statement that drops it.
        table_name: the table that it is a part of.
        schema: the schema of the table, or its own where it is part of none.
    """
    active = executor.active("drop_dependant")
    active.invoke(build.drop_dependant(active.site, kind, name, statement, table=table_name, schema=schema))
