"""Every dialect that we have no backend of its own for, through SQLAlchemy's Inspector and DDL compilers.

It compares what the dialect's Inspector sees: columns (type, nullability, server default, comment), primary keys, unique, check and
foreign key constraints, indexes. What an Inspector does not see on a dialect is not compared, rather than reported wrongly: there a
change of it has to be written by hand. Types are compared by the words of their declaration, with the synonyms that databases
print one for the other, and by the arguments that both sides tell; nobody is asked whether two expressions mean the same. Enum types that
stand on their own are the user's to make.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

from schemadiff.backends.base import Backend
from schemadiff.backends.generic import types
from schemadiff.backends.generic.arrange import arrange
from schemadiff.backends.generic.build import Builder
from schemadiff.backends.generic.ddl import Ddl
from schemadiff.backends.generic.narrowing import narrowings
from schemadiff.backends.generic.reflect import reflect
from schemadiff.backends.generic.script import CLIENTS, Client
from schemadiff.backends.generic.spelling import SPELLINGS, Spelling
from schemadiff.backends.narrowing import Narrowing
from schemadiff.backends.script import Guard
from schemadiff.backends.tokens import Lexicon
from schemadiff.operations import BulkInsert, Effects, Key, Operation
from schemadiff.schema import Column, DataType, Schema, Server, Table

__all__ = ["GenericBackend"]

# Databases whose DDL takes part in transactions. Of any other we do not promise it.
# Constraints are objects of the schema there, beside tables ("Schema Object Names", Oracle; "sys.objects", SQL Server).
_NAMED_IN_SCHEMA = frozenset({"mssql", "oracle"})
_TRANSACTIONAL = frozenset({"cockroachdb", "duckdb", "mssql", "redshift", "sqlite", "sybase"})


class GenericBackend(Backend):
    """A dialect through SQLAlchemy's own means."""

    def __init__(self, dialect: Dialect, server: Server | None = None) -> None:
        super().__init__(dialect, server)
        if self.dialect.name == "mssql" and self.dialect.default_schema_name is None:
            # SQLAlchemy's compiler asks for it, and nobody has connected.
            self.dialect.default_schema_name = "dbo"
        # What a class says elsewhere, the dialect says here.
        quotes = dialect.identifier_preparer.initial_quote or '"'
        self.lexicon = Lexicon(identifier_quotes=quotes)  # type: ignore[misc]
        self.option_prefixes = (dialect.name,)  # type: ignore[misc]
        self.transactional_ddl = dialect.name in _TRANSACTIONAL  # type: ignore[misc]
        self._client = CLIENTS.get(dialect.name, Client())
        self.script_header = self._client.header  # type: ignore[misc]
        self.keys_need_referents = bool(getattr(dialect, "supports_alter", True))  # type: ignore[misc]

    @classmethod
    def ask_server(cls, connection: Connection) -> Server:
        # SQLAlchemy has asked when it connected.
        return cls.offline_server(connection.dialect)

    @cached_property
    def ddl(self) -> Ddl:
        """Writes statements for the dialect."""
        return Ddl(self.dialect, Builder(self.dialect, self.sqlalchemy_type))

    def reflect(self, connection: Connection, schemas: Sequence[str | None]) -> Schema:
        return reflect(connection, schemas, self.server, self.lexicon, self.finish_table)

    def data_type(self, type_: sa.types.TypeEngine[Any]) -> DataType:
        return types.data_type(type_, self.dialect)

    def sqlalchemy_type(self, type_: DataType, *, collation: str | None = None) -> sa.types.TypeEngine[Any]:
        return types.sqlalchemy_type(type_, self.dialect)

    def narrowings(self, old: DataType, new: DataType) -> tuple[Narrowing, ...]:
        return narrowings(old, new)

    def finish_column(self, column: Column, origin: sa.Column[Any]) -> Column:
        table = getattr(origin, "table", None)
        counts = table is not None and table._autoincrement_column is origin and origin.server_default is None
        comment = (column.comment or None) if self.dialect.supports_comments else None
        return replace(column, comment=comment, autoincrement=counts)

    def finish_table(self, table: Table) -> Table:
        """Return ``table`` with the members of its primary key NOT NULL, and without comments where there are none."""
        key = frozenset() if table.primary_key is None else frozenset(table.primary_key.columns)
        return replace(
            table,
            columns=tuple(replace(c, nullable=c.nullable and c.name not in key) for c in table.columns),
            uniques=_sorted(table.uniques),
            checks=_sorted(table.checks),
            foreign_keys=_sorted(table.foreign_keys),
            indexes=tuple(sorted(table.indexes, key=lambda index: index.name)),
            primary_key=None if table.primary_key is None else replace(table.primary_key, comment=None),
            comment=(table.comment or None) if self.dialect.supports_comments else None,
        )

    @property
    def has_identities(self) -> bool:
        return super().has_identities or SPELLINGS.get(self.dialect.name, Spelling()).has_identities

    def arrange(self, operations: Sequence[Operation], source: Schema, target: Schema) -> tuple[Operation, ...]:
        return arrange(operations, source)

    def effects(self, operation: Operation) -> Effects:
        """Return what ``operation`` touches: on some databases the name of a constraint is unique in its schema."""
        effects = operation.effects()
        if self.dialect.name not in _NAMED_IN_SCHEMA:
            return effects
        return effects | Effects(provides=_names(effects.provides), removes=_names(effects.removes))

    def own_statements(self, operation: Operation) -> tuple[str, ...]:
        return tuple(self.ddl.run(operation))

    def script_statement(self, sql: str) -> str:
        return self._client.statement(sql, self.lexicon)

    def script_guard(self, guard: Guard) -> tuple[str, ...]:
        return self._client.guard(guard)

    def script_inserts(self, operation: BulkInsert) -> tuple[str, ...]:
        return tuple(self.ddl.run(operation))

    def script_table(self, table: sa.Table) -> str:
        return self.ddl.created_if_missing(table)

    @property
    def begin_script(self) -> tuple[str, ...]:
        return super().begin_script if self._client.begin is None else self._client.begin

    @property
    def commit_script(self) -> tuple[str, ...]:
        return super().commit_script if self._client.commit is None else self._client.commit


def _names(keys: frozenset[Key]) -> frozenset[Key]:
    """Return the names among the keys of constraints, which are those of nobody's own table; one without a name has a question mark."""
    found = (key for key in keys if key[0] == "constraint" and not key[3].startswith("?"))
    return frozenset(("name of a constraint", schema, name) for _, schema, _, name in found)


def _sorted(constraints: Any) -> tuple[Any, ...]:
    return tuple(sorted(constraints, key=lambda constraint: (constraint.name or "", repr(constraint))))
