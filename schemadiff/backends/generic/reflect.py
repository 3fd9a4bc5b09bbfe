"""SQLAlchemy's Inspector to a Schema.

The Inspector does not see everything on every dialect. What it cannot see is noted in the settings of the Schema's server, and
:mod:`.arrange` leaves it alone:

- ``unseen``: kinds of constraints, and ``index``, that the dialect's inspector does not tell;
- ``unseen_index``: indexes that it passes over, those on expressions mostly.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.engine.reflection import Inspector, ObjectKind

from schemadiff.backends.generic.types import data_type
from schemadiff.backends.tokens import Lexicon, canonical
from schemadiff.errors import OperationError
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    Default,
    Dependant,
    Expression,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Name,
    PrimaryKey,
    Schema,
    Server,
    Table,
    UniqueConstraint,
    options,
)

__all__ = ["reflect"]

Details = Mapping[tuple[str | None, str], Any]

# Inspectors that answer, but with nothing.
_BLIND: Mapping[str, frozenset[str]] = {
    "duckdb": frozenset({"primary", "unique", "check", "foreignkey", "index"}),
}

_SKIPPED = re.compile(r"index (?P<name>.+?)(?: of table .*)?\Z")


def reflect(
    connection: Connection,
    schemas: Sequence[str | None],
    server: Server,
    lexicon: Lexicon,
    finish: Callable[[Table], Table],
) -> Schema:
    """Return what the Inspector sees in ``schemas``.

    Args:
        connection: the connection.
        schemas: the schemas; None is the default one.
        server: the server at the other end.
        lexicon: how it spells expressions.
        finish: puts a table into canonical form.

    Raises:
        OperationError: the dialect's inspector cannot read tables.
    """
    reader = _Reader(connection, lexicon)
    wanted = sorted({None if schema == server.default_schema else schema for schema in schemas}, key=lambda s: s or "")
    tables: dict[Name, Table] = {}
    dependants: dict[Name, Dependant] = {}
    for schema in wanted:
        for table in reader.tables(schema):
            tables[table.name] = finish(table)
        for name, sql in reader.views(schema):
            dependants[name] = Dependant(kind="view", name=name.name, sql=sql)
    settings = (
        *server.settings,
        *(("unseen", kind) for kind in sorted(reader.unseen)),
        *(("unseen_index", name) for name in sorted(reader.skipped)),
    )
    return Schema(
        server=replace(server, settings=settings),
        tables=tables,
        schemas=frozenset(schema for schema in wanted if schema is not None),
        dependants=dependants,
        complete=True,
    )


class _Reader:
    """Asks one Inspector, and notes what it cannot tell."""

    def __init__(self, connection: Connection, lexicon: Lexicon) -> None:
        self.dialect: Dialect = connection.dialect
        self.lexicon = lexicon
        self.inspector: Inspector = sa.inspect(connection)
        self.unseen = set(_BLIND.get(self.dialect.name, frozenset()))
        self.skipped: set[str] = set()

    def tables(self, schema: str | None) -> Iterable[Table]:
        columns = self._columns(schema)
        keys = self._details("primary", self.inspector.get_multi_pk_constraint, schema)
        uniques = self._details("unique", self.inspector.get_multi_unique_constraints, schema)
        checks = self._details("check", self.inspector.get_multi_check_constraints, schema)
        foreign = self._details("foreignkey", self.inspector.get_multi_foreign_keys, schema)
        indexes = self._details("index", self.inspector.get_multi_indexes, schema)
        comments = self._details("comment", self.inspector.get_multi_table_comment, schema)
        for key in sorted(columns, key=str):
            name = Name(key[1], schema)
            found_uniques = tuple(self._unique(item) for item in uniques.get(key) or ())
            yield Table(
                name=name,
                columns=tuple(self._column(item) for item in columns[key]),
                primary_key=self._key(keys.get(key)),
                uniques=found_uniques,
                checks=tuple(self._check(item) for item in checks.get(key) or ()),
                foreign_keys=tuple(self._foreign_key(item, schema) for item in foreign.get(key) or ()),
                indexes=tuple(self._indexes(indexes.get(key) or (), {unique.name for unique in found_uniques})),
                comment=(comments.get(key) or {}).get("text"),
            )

    def _columns(self, schema: str | None) -> Details:
        try:
            with warnings.catch_warnings():
                # A type that it does not know is one that we do not compare.
                warnings.simplefilter("ignore", exc.SAWarning)
                found: Details = self.inspector.get_multi_columns(schema=schema, kind=ObjectKind.TABLE)
        except NotImplementedError as error:
            raise OperationError(
                f"the dialect {self.dialect.name} cannot read tables; compare with a dialect whose inspector can"
            ) from error
        return found

    def _details(self, kind: str, ask: Callable[..., Any], schema: str | None) -> Details:
        if kind in self.unseen:
            return {}
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", exc.SAWarning)
                found: Details = ask(schema=schema, kind=ObjectKind.TABLE)
        except NotImplementedError:
            self.unseen.add(kind)
            return {}
        for warning in caught:
            if kind == "index" and (match := _SKIPPED.search(str(warning.message))):
                self.skipped.add(match.group("name"))
        return found

    def views(self, schema: str | None) -> Iterable[tuple[Name, str]]:
        try:
            names = self.inspector.get_view_names(schema=schema)
            for name in sorted(names):
                sql = self.inspector.get_view_definition(name, schema=schema)
                if sql:
                    yield Name(name, schema), sql
        except NotImplementedError:
            return

    # -- parts of a table

    def _expression(self, sql: str) -> Expression:
        return Expression(str(sql), canonical(str(sql), self.lexicon))

    def _column(self, found: Mapping[str, Any]) -> Column:
        return Column(
            name=str(found["name"]),
            type=data_type(found["type"], self.dialect),
            nullable=bool(found.get("nullable", True)),
            default=self._default(found),
            autoincrement=found.get("autoincrement") is True,
            collation=getattr(found["type"], "collation", None),
            comment=found.get("comment"),
        )

    def _default(self, found: Mapping[str, Any]) -> Default | None:
        if computed := found.get("computed"):
            return Computed(self._expression(computed["sqltext"]), stored=bool(computed.get("persisted")))
        if identity := found.get("identity"):
            return Identity(
                always=bool(identity.get("always")),
                start=identity.get("start"),
                increment=identity.get("increment"),
                minvalue=identity.get("minvalue"),
                maxvalue=identity.get("maxvalue"),
                cycle=bool(identity.get("cycle")),
                cache=identity.get("cache"),
            )
        default = found.get("default")
        return None if default is None else self._expression(default)

    @staticmethod
    def _key(found: Mapping[str, Any] | None) -> PrimaryKey | None:
        if not found or not found.get("constrained_columns"):
            return None
        return PrimaryKey(name=_name(found.get("name")), columns=tuple(map(str, found["constrained_columns"])))

    @staticmethod
    def _unique(found: Mapping[str, Any]) -> UniqueConstraint:
        return UniqueConstraint(name=_name(found.get("name")), columns=tuple(map(str, found["column_names"])))

    def _check(self, found: Mapping[str, Any]) -> CheckConstraint:
        return CheckConstraint(name=_name(found.get("name")), expression=self._expression(found["sqltext"]))

    @staticmethod
    def _foreign_key(found: Mapping[str, Any], schema: str | None) -> ForeignKey:
        said = found.get("options") or {}
        return ForeignKey(
            name=_name(found.get("name")),
            columns=tuple(map(str, found["constrained_columns"])),
            referent=Name(str(found["referred_table"]), found.get("referred_schema")),
            referent_columns=tuple(map(str, found["referred_columns"])),
            onupdate=_action(said.get("onupdate")),
            ondelete=_action(said.get("ondelete")),
            match=None if (said.get("match") or "SIMPLE").upper() in ("SIMPLE", "NONE") else said["match"].upper(),
            deferrable=bool(said.get("deferrable")),
            initially_deferred=str(said.get("initially") or "").upper() == "DEFERRED",
        )

    def _indexes(self, found: Sequence[Mapping[str, Any]], constraints: set[str | None]) -> Iterable[Index]:
        for item in found:
            # What implements a unique constraint is no index of its own.
            if item.get("duplicates_constraint") or item.get("name") is None or item["name"] in constraints:
                continue
            said = {
                key.removeprefix(f"{self.dialect.name}_"): v for key, v in (item.get("dialect_options") or {}).items()
            }
            where = said.pop("where", None)
            include = said.pop("include", None) or item.get("include_columns") or ()
            method = said.pop("using", None)
            yield Index(
                name=str(item["name"]),
                elements=tuple(self._elements(item)),
                unique=bool(item.get("unique")),
                where=None if where is None else self._expression(where),
                include=tuple(map(str, include)),
                method=None if method in (None, "btree") else str(method),
                options=options(said),
            )

    def _elements(self, found: Mapping[str, Any]) -> Iterable[IndexElement]:
        sorting = found.get("column_sorting") or {}
        expressions = found.get("expressions") or found["column_names"]
        for name, text in zip(found["column_names"], expressions, strict=True):
            order = sorting.get(name, sorting.get(text, ()))
            yield IndexElement(
                what=str(name) if name is not None else self._expression(text), descending="desc" in order
            )


def _name(name: Any) -> str | None:
    return None if name is None else str(name)


def _action(action: str | None) -> str | None:
    words = " ".join((action or "NO ACTION").upper().split())
    return None if words == "NO ACTION" else words
