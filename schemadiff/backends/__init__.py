"""Everything that differs by database. :func:`backend_for` gives the backend of a dialect or connection."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from schemadiff.backends.base import Backend
from schemadiff.backends.questions import Question, Verdict
from schemadiff.backends.script import Guard

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect

    from schemadiff.schema import Server

__all__ = [
    "WITHOUT_SERVER",
    "Backend",
    "Guard",
    "Question",
    "Verdict",
    "backend_class",
    "backend_for",
    "backend_of",
    "connected_backend",
    "same_kind",
]

# Dialect name to "module:class". A dialect that is not here goes through SQLAlchemy's Inspector.
_BACKENDS = {
    "sqlite": "schemadiff.backends.sqlite:SqliteBackend",
    "postgresql": "schemadiff.backends.postgresql:PostgresqlBackend",
    "mysql": "schemadiff.backends.mysql:MysqlBackend",
    "mariadb": "schemadiff.backends.mysql:MysqlBackend",
}
# What can be had without any server, by the word for it: the dialect whose backend makes it.
WITHOUT_SERVER = {"embedded": "postgresql", "sqlite": "sqlite"}

_GENERIC = "schemadiff.backends.generic:GenericBackend"


def backend_class(dialect_name: str) -> type[Backend]:
    """Return the backend class of the dialect ``dialect_name``."""
    module, _, name = _BACKENDS.get(dialect_name, _GENERIC).partition(":")
    found: type[Backend] = getattr(import_module(module), name)
    return found


def same_kind(one: str, other: str) -> bool:
    """Return True where two dialects, given by their names, are of one kind of database: what the one says, the other understands."""
    return one == other or (one in _BACKENDS and backend_class(one) is backend_class(other))


def backend_for(dialect: Dialect) -> Backend:
    """Return the backend of ``dialect`` with nobody at the other end: a current server is assumed."""
    return backend_class(dialect.name)(dialect)


def backend_of(server: Server) -> Backend:
    """Return the backend of a server that a Schema is canonical for, with nobody at the other end."""
    found = backend_class(server.dialect)
    return found(found.dialect_of(server), server)


def connected_backend(connection: Connection) -> Backend:
    """Return the backend of ``connection``, which knows its server's version and settings."""
    found = backend_class(connection.dialect.name)
    return found(connection.dialect, found.ask_server(connection))
