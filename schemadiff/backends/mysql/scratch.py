"""Scratch databases of MariaDB and MySQL: databases of the same server, which no statement may leave."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemadiff.backends.mysql.text import quoted
from schemadiff.backends.scratch import administer, made, new_name
from schemadiff.backends.tokens import Lexicon, Token, TokenError, tokenize
from schemadiff.errors import ConfigError

__all__ = ["database_named", "other_databases", "refusing", "scratch_database"]

_SETTINGS = "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name = :name"
_SESSIONS = "SELECT id FROM information_schema.processlist WHERE db = :name AND id <> CONNECTION_ID()"
_DATABASES = "SELECT schema_name FROM information_schema.schemata WHERE schema_name <> DATABASE()"

# Databases that only tell: whoever names them changes nothing.
_ONLY_READ = frozenset({"information_schema", "performance_schema"})

# What may follow ALTER DATABASE where it is about the database that is in use.
_OWN_OPTIONS = frozenset({"CHARACTER", "CHARSET", "COLLATE", "COMMENT", "DEFAULT", "ENCRYPTION", "READ", "UPGRADE"})

# What MariaDB and MySQL run all the same ("Comment Syntax").
_RUN_COMMENT = re.compile(r"/\*M?!\d*(.*)\*/", re.DOTALL)


@contextmanager
def scratch_database(url: sa.URL, connect_args: Mapping[str, Any]) -> Iterator[sa.URL]:
    """Give the URL of an empty database with the character set and collation of that of ``url``; it is dropped afterwards."""
    name = new_name()
    server = url.set(database="")

    def create(connection: Connection) -> None:
        row = connection.execute(sa.text(_SETTINGS), {"name": url.database or ""}).one_or_none()
        words = "" if row is None else f" CHARACTER SET {row[0]} COLLATE {row[1]}"
        connection.exec_driver_sql(f"CREATE DATABASE {quoted(name)}{words}")

    def drop(connection: Connection) -> None:
        # A transaction that has read a table would keep DROP waiting.
        for session in connection.execute(sa.text(_SESSIONS), {"name": name}).scalars().all():
            _kill(connection, session)
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted(name)}")

    administered = partial(administer, server, connect_args)
    with made(name, partial(administered, create), partial(administered, drop)):
        yield url.set(database=name)


def _kill(connection: Connection, session: int) -> None:
    try:
        connection.exec_driver_sql(f"KILL {int(session)}")
    except sa.exc.DBAPIError:
        return  # It has ended by itself.


def other_databases(connection: Connection) -> frozenset[str]:
    """Return the names, in lower case, of the server's databases that something can be changed in, but for the connection's own."""
    return frozenset(str(name).casefold() for name in connection.exec_driver_sql(_DATABASES).scalars()) - _ONLY_READ


@contextmanager
def refusing(connection: Connection, lexicon: Lexicon, others: Collection[str]) -> Iterator[None]:
    """Refuse every statement of the block that names one of the databases ``others``.

    Raises:
        ConfigError: before it is sent. The message names the database.
    """

    def check(_: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        name = database_named(statement, lexicon, others)
        if name is not None:
            raise ConfigError(
                f"a revision would leave the scratch database by {name!r}, and a replay touches no other database of the server: name none in it"
            )

    sa.event.listen(connection, "before_cursor_execute", check)
    try:
        yield
    finally:
        sa.event.remove(connection, "before_cursor_execute", check)


def database_named(statement: str, lexicon: Lexicon, others: Collection[str]) -> str | None:
    """Return how ``statement`` names a database that is none of its own; None where it names none.

    Args:
        statement: what would be sent.
        lexicon: how it is spelled.
        others: the names of the databases that it may not name, in lower case. A table may have such a name too: where it stands in the
            statement by itself, what is qualified with it is a column.
    """
    try:
        tokens = list(_run(statement, lexicon))
    except TokenError:
        # Nobody can tell what it says; what looks like a qualified name is taken for one.
        found = re.search(
            rf"[`\"]?\b({'|'.join(map(re.escape, others)) or '(?!)'})\b[`\"]?\s*\.", statement, re.IGNORECASE
        )
        return None if found is None else found[1]
    names = [token.text if token.kind in ("word", "identifier") else None for token in tokens]
    said = [name.upper() for name in names if name is not None]
    of_database = said[:1] in (["CREATE"], ["DROP"], ["ALTER"]) and {"DATABASE", "SCHEMA"} & set(said[1:4])
    if said[:1] == ["USE"] or (of_database and not (said[0] == "ALTER" and set(said[2:3]) & _OWN_OPTIONS)):
        return " ".join(name for name in names[:6] if name is not None)
    dots = [token.kind == "operator" and token.text == "." for token in tokens]
    qualifying, alone = set[str](), set[str]()
    for place, name in enumerate(names):
        if name is None or name.casefold() not in others or (place and dots[place - 1]):
            continue
        is_qualifying = place + 1 < len(dots) and dots[place + 1]
        (qualifying if is_qualifying else alone).add(name)
    return min(qualifying - alone, default=None)


def _run(statement: str, lexicon: Lexicon) -> Iterator[Token]:
    """Yield the tokens that are run, those inside of comments among them that only look like comments."""
    for token in tokenize(statement, lexicon):
        if token.kind != "comment":
            yield token
        elif run := _RUN_COMMENT.fullmatch(token.text):
            yield from _run(run[1], lexicon)
