"""The catalog to a Schema, in a constant number of statements.

Names inside expressions are printed by the server relative to the connection's own search path, the one under which the model's expressions are
sent and the revision's statements run: what is found without its schema here is found without it there. So nothing has to be set and
put back, and a standby or a pooled connection does as well as any. Names of objects are taken from the catalog itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from schemadiff.backends.base import ExpressionKind
from schemadiff.backends.postgresql import queries
from schemadiff.backends.postgresql.canonical import canonical, partition_key, rereadable, without_parentheses
from schemadiff.backends.postgresql.clauses import quoted_collation
from schemadiff.backends.postgresql.lexicon import LEXICON, quoted
from schemadiff.backends.postgresql.types import quoted_type, spelled, sqlalchemy_type
from schemadiff.backends.postgresql.vocabulary import BUILTIN_TYPES, INTEGER_TYPES
from schemadiff.backends.tokens import TokenError, tokenize
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    Default,
    Dependant,
    Enum,
    ExcludeConstraint,
    ExcludeElement,
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
from schemadiff.schema import Sequence as SequenceNoun

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

__all__ = ["reflect"]

Rows = Sequence["Row[Any]"]

_NAMESPACES = """
    SELECT n.nspname::text AS name, pg_catalog.current_schema()::text AS current
    FROM pg_catalog.pg_namespace AS n
"""


def reflect(connection: Connection, server: Server, schemas: Sequence[str | None]) -> Schema:
    """Return everything in ``schemas`` (None: the default schema).

    Args:
        connection: the connection; the caller ends the transaction that reading begins.
        server: what is known of the server.
        schemas: the schemas.
    """
    namespaces = connection.execute(sa.text(_NAMESPACES)).all()
    default = server.default_schema or (namespaces[0].current if namespaces else None)
    wanted = sorted({str(schema or default) for schema in schemas if schema or default})
    major = server.version[0] if server.version else 12

    def read(query: str) -> Rows:
        statement = sa.text(queries.for_version(query, major))
        return connection.execute(statement, {"schemas": wanted}).all()

    types = _Types(read(queries.TYPES), default)
    sequences = _sequences(read(queries.SEQUENCES), default)
    reader = _Reader(server, default, types, sequences)
    tables = reader.tables(
        read(queries.RELATIONS),
        read(queries.COLUMNS),
        read(queries.CONSTRAINTS),
        read(queries.INDEXES),
        read(queries.ELEMENTS),
        read(queries.DEPENDANTS),
    )
    existing = {row.name for row in namespaces}
    return Schema(
        server=server,
        tables=tables,
        enums=types.enums(wanted),
        sequences={
            s.noun.name: s.noun for s in sequences.values() if s.oid not in reader.implementing and not s.is_identity
        },
        schemas=frozenset(schema for schema in wanted if schema in existing and schema != default),
        dependants=_views(read(queries.VIEWS), default),
        complete=True,
    )


def _name(name: str, schema: str | None, default: str | None) -> Name:
    return Name(name, None if schema == default else schema)


# -- types


class _Types:
    """The types of the database's own, by the oid of the type and of its array."""

    def __init__(self, rows: Rows, default: str | None) -> None:
        self._default = default
        self._rows = {row.oid: row for row in rows}
        self._arrays = {row.array_oid: row for row in rows if row.array_oid}
        self._known: dict[tuple[int, str], DataType] = {}

    def of(self, oid: int, written: str) -> DataType:
        """Return the type of a column.

        Args:
            oid: its type's oid.
            written: what ``format_type()`` prints.
        """
        key = (oid, written)
        if key not in self._known:
            self._known[key] = self._found(oid, written)
        return self._known[key]

    def _found(self, oid: int, written: str) -> DataType:
        row = self._rows.get(oid) or self._arrays.get(oid)
        if row is None or row.extension:
            sql, named = spelled(written, self._default)
            return DataType(sql, named)
        name = _name(row.name, row.schema, self._default)
        # A type that is called like one of pg_catalog is found by its qualified name only.
        sql = f"{quoted(row.schema)}.{quoted(row.name)}" if row.name in BUILTIN_TYPES else quoted_type(name)
        origin = self._origin(row)
        if oid == row.array_oid:
            return DataType(f"{sql}[]", name, None if origin is None else pg.ARRAY(origin))
        return DataType(sql, name, origin)

    def _origin(self, row: Row[Any]) -> sa.types.TypeEngine[Any] | None:
        """Return the SQLAlchemy type of an enum or domain, which its name alone could not tell."""
        schema = None if row.schema == self._default else row.schema
        if row.kind == "e":
            return pg.ENUM(*(row.labels or ()), name=row.name, schema=schema, create_type=False)
        if row.kind == "d":
            # Only its name is ever used.
            base = sqlalchemy_type(DataType(*spelled(row.base, self._default)), None)
            return pg.DOMAIN(row.name, base, schema=schema, create_type=False)
        return None

    def enums(self, schemas: Iterable[str]) -> dict[Name, Enum]:
        """Return the enum types of ``schemas``, those of extensions excepted."""
        wanted = set(schemas)
        found = (row for row in self._rows.values() if row.kind == "e" and row.schema in wanted and not row.extension)
        enums = (
            Enum(name=_name(row.name, row.schema, self._default), values=tuple(row.labels or ()), comment=row.comment)
            for row in found
        )
        return {enum.name: enum for enum in sorted(enums, key=lambda enum: enum.name)}


# -- sequences


@dataclass(frozen=True, slots=True)
class _Sequence:
    """A sequence and the column that owns it."""

    oid: int
    noun: SequenceNoun
    written: str
    owner: tuple[int, int] | None
    is_identity: bool

    def is_plain(self) -> bool:
        """Return True where it has just the options that SERIAL gives."""
        noun = self.noun
        high = INTEGER_TYPES.get(noun.type.sql if noun.type else "", (0, 0))[1]
        stated = (noun.start, noun.increment, noun.minvalue, noun.maxvalue, noun.cycle, noun.cache)
        return stated == (1, 1, 1, high, False, 1)

    def default(self) -> str:
        """Return the default that takes the column's values from it, as the server prints it."""
        return "nextval('" + self.written.replace("'", "''") + "'::regclass)"


def _sequences(rows: Rows, default: str | None) -> dict[int, _Sequence]:
    found = {}
    for row in rows:
        noun = SequenceNoun(
            name=_name(row.name, row.schema, default),
            type=DataType(row.type),
            start=row.start,
            increment=row.increment,
            minvalue=row.minvalue,
            maxvalue=row.maxvalue,
            cycle=row.cycle,
            cache=row.cache,
            comment=row.comment,
        )
        owner = None if row.owner is None else (row.owner, row.owner_column)
        found[row.oid] = _Sequence(row.oid, noun, row.written, owner, row.ownership == "i")
    return found


# -- tables


def _grouped(rows: Rows) -> Mapping[int, Rows]:
    groups: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[row.relation].append(row)
    return groups


def _parameters(values: Sequence[str] | None, prefix: str = "") -> dict[str, str]:
    """Return storage parameters, ``["fillfactor=70"]`` in the catalog."""
    pairs = (value.partition("=") for value in values or ())
    return {prefix + name: setting.lower() for name, _, setting in pairs}


_ACTIONS = {"a": None, "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_MATCHES = {"s": None, "f": "FULL", "p": "PARTIAL"}


class _Reader:
    """Puts tables together from the rows of the catalog."""

    def __init__(self, server: Server, default: str | None, types: _Types, sequences: Mapping[int, _Sequence]) -> None:
        self._server = server
        self._default = default
        self._types = types
        self._owned: dict[tuple[int, int], list[_Sequence]] = defaultdict(list)
        for sequence in sequences.values():
            if sequence.owner is not None:
                self._owned[sequence.owner].append(sequence)
        self.implementing: set[int] = set()
        """The sequences behind serial columns."""

    def tables(
        self, relations: Rows, columns: Rows, constraints: Rows, indexes: Rows, elements: Rows, dependants: Rows
    ) -> dict[Name, Table]:
        """Return the tables by name."""
        columns_of, constraints_of, indexes_of, dependants_of = map(
            _grouped, (columns, constraints, indexes, dependants)
        )
        elements_of: dict[int, list[Row[Any]]] = defaultdict(list)
        for row in elements:
            elements_of[row.index_oid].append(row)
        tables = []
        for row in relations:
            found = tuple(self._column(column) for column in columns_of.get(row.oid, ()))
            table = Table(
                name=_name(row.name, row.schema, self._default),
                columns=found,
                comment=row.comment,
                options=self._table_options(row),
                dependants=tuple(
                    Dependant(kind=d.kind, name=d.name, sql=d.sql) for d in dependants_of.get(row.oid, ())
                ),
                **self._constraints(constraints_of.get(row.oid, ()), indexes_of.get(row.oid, ()), elements_of),
                indexes=tuple(
                    sorted(
                        (
                            self._index(index, elements_of[index.oid])
                            for index in indexes_of.get(row.oid, ())
                            if index.exclusion is None
                        ),
                        key=lambda index: index.name,
                    )
                ),
            )
            tables.append(table)
        return {table.name: table for table in sorted(tables, key=lambda table: table.name)}

    def _expression(self, sql: str, kind: ExpressionKind, type_: DataType | None = None) -> Expression:
        sql = rereadable(sql)
        return Expression(sql, canonical(sql, kind, type_, self._default))

    def _table_options(self, row: Row[Any]) -> Any:
        parameters = _parameters(row.parameters) | _parameters(row.toast_parameters, "toast.")
        return options(
            {
                "prefixes": ("UNLOGGED",) if row.persistence == "u" else None,
                "with": parameters or None,
                "tablespace": row.tablespace,
                "using": None if row.method == self._server.setting("access_method", "heap") else row.method,
                "partition_by": None if row.partition_key is None else partition_key(row.partition_key),
                "inherits": tuple(row.parents) if row.parents else None,
            }
        )

    # -- columns

    def _column(self, row: Row[Any]) -> Column:
        type_ = self._types.of(row.type_oid, row.type)
        serial = self._serial(row, type_)
        return Column(
            name=row.name,
            type=type_,
            nullable=not row.not_null,
            default=None if serial else self._default_of(row, type_),
            autoincrement=serial,
            collation=row.collation,
            comment=row.comment,
        )

    def _serial(self, row: Row[Any], type_: DataType) -> bool:
        """Return True where the column is a SERIAL: an integer that takes its values from a plain sequence of its own."""
        if type_.sql not in INTEGER_TYPES or row.expression is None or row.identity or row.generated:
            return False
        for sequence in self._owned.get((row.relation, row.number), ()):
            if row.expression == sequence.default() and sequence.is_plain():
                self.implementing.add(sequence.oid)
                return True
        return False

    def _default_of(self, row: Row[Any], type_: DataType) -> Default | None:
        if row.identity:
            sequence = next((s for s in self._owned.get((row.relation, row.number), ()) if s.is_identity), None)
            if sequence is None:
                return Identity(always=row.identity == "a")
            noun = sequence.noun
            return Identity(
                always=row.identity == "a",
                start=noun.start,
                increment=noun.increment,
                minvalue=noun.minvalue,
                maxvalue=noun.maxvalue,
                cycle=noun.cycle,
                cache=noun.cache,
            )
        if row.expression is None:
            return None
        if row.generated:
            expression = self._expression(without_parentheses(row.expression), "computed", type_)
            return Computed(expression, stored=row.generated == "s")
        return self._expression(row.expression, "default", type_)

    # -- constraints

    def _constraints(self, rows: Rows, indexes: Rows, elements: Mapping[int, Rows]) -> dict[str, Any]:
        found: dict[str, Any] = {"uniques": [], "checks": [], "foreign_keys": [], "excludes": []}
        by_oid = {index.exclusion: index for index in indexes if index.exclusion is not None}
        for row in sorted(rows, key=lambda row: row.name):
            match row.kind:
                case "p":
                    found["primary_key"] = PrimaryKey(options=self._key_options(row), **self._timed(row))
                case "u":
                    found["uniques"].append(
                        UniqueConstraint(options=self._key_options(row), comment=row.comment, **self._timed(row))
                    )
                case "c":
                    found["checks"].append(self._check(row))
                case "f":
                    found["foreign_keys"].append(self._foreign_key(row))
                case "x":
                    found["excludes"].append(self._exclude(row, by_oid[row.oid], elements[row.index_oid]))
        return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}

    def _timed(self, row: Row[Any]) -> dict[str, Any]:
        return {
            "name": row.name,
            "columns": tuple(row.columns),
            "deferrable": row.deferrable,
            "initially_deferred": row.deferred,
        }

    def _key_options(self, row: Row[Any]) -> Any:
        return options(
            {
                "include": tuple(row.include) if row.include else None,
                "nulls_not_distinct": row.nulls_not_distinct or None,
                "with": _parameters(row.parameters) or None,
                "tablespace": row.tablespace,
                "without_overlaps": row.period or None,
            }
        )

    def _check(self, row: Row[Any]) -> CheckConstraint:
        return CheckConstraint(
            name=row.name,
            expression=self._expression(without_parentheses(row.expression), "check"),
            options=options(
                {
                    "no_inherit": row.no_inherit or None,
                    "not_valid": (row.enforced and not row.validated) or None,
                    "not_enforced": not row.enforced or None,
                }
            ),
            comment=row.comment,
        )

    def _foreign_key(self, row: Row[Any]) -> ForeignKey:
        ondelete = _ACTIONS[row.on_delete]
        if row.set_columns:
            ondelete = f"{ondelete} ({', '.join(quoted(column) for column in row.set_columns)})"
        return ForeignKey(
            referent=_name(row.referent, row.referent_schema, self._default),
            referent_columns=tuple(row.referent_columns),
            onupdate=_ACTIONS[row.on_update],
            ondelete=ondelete,
            match=_MATCHES[row.match],
            options=options(
                {
                    "not_valid": (row.enforced and not row.validated) or None,
                    "not_enforced": not row.enforced or None,
                    "period": row.period or None,
                }
            ),
            comment=row.comment,
            **self._timed(row),
        )

    def _exclude(self, row: Row[Any], index: Row[Any], elements: Rows) -> ExcludeConstraint:
        whole = self._index(index, elements)
        return ExcludeConstraint(
            name=row.name,
            elements=tuple(
                ExcludeElement(element.what, operator, _written_after(element))
                for element, operator in zip(whole.elements, row.operators, strict=True)
            ),
            method=index.method,
            where=whole.where,
            deferrable=row.deferrable,
            initially_deferred=row.deferred,
            options=options({"include": whole.include or None, **{k: v for k, v in whole.options if k != "invalid"}}),
            comment=row.comment,
        )

    # -- indexes

    def _index(self, row: Row[Any], elements: Rows) -> Index:
        collations = _collations(row.definition) if row.definition is not None else {}
        return Index(
            name=row.name,
            elements=tuple(self._element(e, collations.get(e.position)) for e in elements if e.is_key),
            unique=row.is_unique,
            where=None if row.predicate is None else self._expression(without_parentheses(row.predicate), "predicate"),
            method=None if row.method == "btree" else row.method,
            include=tuple(e.column for e in elements if not e.is_key),
            options=options(
                {
                    "with": _parameters(row.parameters) or None,
                    "tablespace": row.tablespace,
                    "nulls_not_distinct": row.nulls_not_distinct or None,
                    "invalid": row.invalid or None,
                }
            ),
            comment=row.comment,
        )

    def _element(self, row: Row[Any], collation: str | None) -> IndexElement:
        what: str | Expression = row.column
        if row.column is None:
            what = self._expression(without_parentheses(row.expression), "index")
        opclass = row.opclass
        if opclass is not None and row.opclass_parameters:
            opclass += "(" + ", ".join(row.opclass_parameters) + ")"
        descending = bool(row.flags & 1)
        nulls_first = bool(row.flags & 2)
        return IndexElement(
            what=what,
            descending=descending,
            nulls_first=None if nulls_first == descending else nulls_first,
            opclass=opclass,
            collation=row.collation if row.column is not None else collation,
        )


def _written_after(element: IndexElement) -> str | None:
    """Return all that stands between an element of an exclusion constraint and its operator, as ``ops=`` of SQLAlchemy's constraint takes it."""
    collation = None if element.collation is None else f"COLLATE {quoted_collation(element.collation)}"
    nulls = None if element.nulls_first is None else f"NULLS {'FIRST' if element.nulls_first else 'LAST'}"
    parts = [collation, element.opclass, "DESC" if element.descending else None, nulls]
    return " ".join(part for part in parts if part) or None


def _collations(definition: str) -> dict[int, str]:
    """Return the collations that an index states for its elements, by position: the catalog does not tell which are stated.

    Args:
        definition: the whole CREATE INDEX statement.
    """
    try:
        tokens = tokenize(definition, LEXICON)
    except TokenError:
        return {}
    using = next(i for i, token in enumerate(tokens) if token.kind == "word" and token.text == "USING")
    found: dict[int, str] = {}
    depth, position = 0, 1
    for i in range(using + 2, len(tokens)):
        token = tokens[i]
        depth += token.kind == "open"
        depth -= token.kind == "close"
        if depth == 0:
            break
        if depth == 1 and token.kind == "comma":
            position += 1
        if depth == 1 and token.kind == "word" and token.text == "COLLATE":
            qualified = tokens[i + 2].text == "."
            found[position] = tokens[i + 3 if qualified else i + 1].text
    return found


# -- views


def _views(rows: Rows, default: str | None) -> dict[Name, Dependant]:
    views = {}
    for row in sorted(rows, key=lambda row: (row.schema, row.name)):
        name = _name(row.name, row.schema, default)
        kind = "materialized view" if row.materialized else "view"
        written = f"{quoted(row.name)}" if name.schema is None else f"{quoted(row.schema)}.{quoted(row.name)}"
        with_ = f" WITH ({', '.join(row.parameters)})" if row.parameters else ""
        query = row.query.rstrip().removesuffix(";")
        views[name] = Dependant(kind=kind, name=row.name, sql=f"CREATE {kind.upper()} {written}{with_} AS\n{query}")
    return views
