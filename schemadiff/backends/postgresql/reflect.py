"""The catalog to a Schema, in a constant number of statements.

Names inside expressions are printed by the server relative to the connection's own search path, the one under which the model's expressions are
sent and the revision's statements run: what is found without its schema here is found without it there. So nothing has to be set and
put back, and a standby or a pooled connection does as well as any. Names of objects are taken from the catalog itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends.postgresql import queries
from schemadiff.backends.postgresql.canonical import partition_key, without_parentheses
from schemadiff.backends.postgresql.census import CENSUS, Census
from schemadiff.backends.postgresql.column_options import names_not_null, read_column_options, read_serial_options
from schemadiff.backends.postgresql.dependants import Dependants
from schemadiff.backends.postgresql.domains import read_domains
from schemadiff.backends.postgresql.reflect_keys import KeyReader
from schemadiff.backends.postgresql.reflect_types import Types
from schemadiff.backends.postgresql.relation_names import OTHERS, read_others
from schemadiff.backends.postgresql.rows import Rows, read_expression, read_name, storage_parameters
from schemadiff.backends.postgresql.vocabulary import INTEGER_TYPES
from schemadiff.backends.records import Record, records
from schemadiff.frozen import dataclass
from schemadiff.schema import (
    Column,
    Computed,
    DataType,
    Default,
    Identity,
    Name,
    OwnedSequence,
    Schema,
    Server,
    Table,
    options,
)
from schemadiff.schema import Sequence as SequenceNoun

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["reflect"]

_SHAPE = 3
"""Where the values begin in COLUMNS that make a column what it is."""

# With it, up to the end of the transaction, the server's just-in-time compiler is off, which takes longer to compile what reads the catalog than
# that takes to run ("When to JIT?", PostgreSQL's manual), and tables are joined in the order in which our queries name them: to look for a
# better one is half of the time of planning, and finds none ("Controlling the Planner with Explicit JOIN Clauses").
_SETTINGS = """
    WITH settings AS MATERIALIZED (
        SELECT pg_catalog.set_config('jit', 'off', true), pg_catalog.set_config('join_collapse_limit', '1', true)
    ),
"""
_CENSUS_WITH_SETTINGS = CENSUS.replace("WITH", _SETTINGS, 1) + ", settings"


def reflect(connection: Connection, server: Server, schemas: Sequence[str | None]) -> Schema:
    """Return everything in ``schemas`` (None: the default schema).

    Args:
        connection: the connection; the caller ends the transaction that reading begins.
        server: what is known of the server.
        schemas: the schemas.
    """
    # A transaction of the caller's stays as it is, also where we are interrupted.
    first = CENSUS if connection.in_transaction() else _CENSUS_WITH_SETTINGS
    namespaces = records(connection.execute(sa.text(first)))
    census = Census.of(namespaces)
    default = server.default_schema or (namespaces[0].current if namespaces else None)
    wanted = sorted({str(schema or default) for schema in schemas if schema or default})
    major = server.version[0] if server.version else 12

    def read(query: str, **parameters: Any) -> Rows:
        statement = sa.text(queries.for_version(query, major))
        scope = {"schemas": wanted} if ":schemas" in query else {}
        return records(connection.execute(statement, scope | parameters))

    types = Types(read(queries.TYPES) if census.types else (), default)
    sequences = _sequences(read(queries.SEQUENCES) if census.sequences else (), default)
    dependants = Dependants(read, census, default)
    others = read_others(read(OTHERS) if census.others else (), default)
    domains = read_domains(types, default)
    reader = _Reader(server, default, types, sequences, dependants)
    tables = reader.tables(read, census) if census.tables else {}
    existing = {row.name for row in namespaces}
    return Schema(
        server=server,
        tables=tables,
        enums=types.enums(wanted),
        domains=domains,
        sequences={
            s.noun.name: s.noun for s in sequences.values() if s.noun.name not in reader.owned and not s.is_identity
        },
        owned=reader.owned,
        schemas=frozenset(schema for schema in wanted if schema in existing and schema != default),
        dependants=dependants.views(),
        routines=dependants.routines(),
        others=others,
        complete=True,
    )


# -- sequences


@dataclass(frozen=True, slots=True)
class _Sequence:
    """A sequence and the column that owns it."""

    oid: int
    noun: SequenceNoun
    written: str
    owner: tuple[int, int] | None
    is_identity: bool

    def default(self) -> str:
        """Return the default that takes the column's values from it, as the server prints it."""
        return "nextval('" + self.written.replace("'", "''") + "'::regclass)"


def _sequences(rows: Rows, default: str | None) -> dict[int, _Sequence]:
    found = {}
    for row in rows:
        noun = SequenceNoun(
            name=read_name(row.name, row.schema, default),
            type=DataType(row.type),
            start=row.start,
            increment=row.increment,
            minvalue=row.minvalue,
            maxvalue=row.maxvalue,
            cycle=row.cycle,
            cache=row.cache,
            unlogged=row.unlogged,
            owner=None if row.owner is None else (row.owner_name, row.owner_column_name),
            comment=row.comment,
        )
        owner = None if row.owner is None else (row.owner, row.owner_column)
        found[row.oid] = _Sequence(row.oid, noun, row.written, owner, row.ownership == "i")
    return found


class _Owned(Mapping[Name, OwnedSequence]):
    """The sequences behind serial columns, each read where it is asked for: hardly a diff is about them."""

    def __init__(self, types: Types, default: str | None) -> None:
        self._types = types
        self._default = default
        self._found: dict[Name, tuple[SequenceNoun, Name, Record]] = {}

    def add(self, sequence: SequenceNoun, table: Name, column: Record) -> None:
        """Add the sequence of a column.

        Args:
            sequence: the sequence.
            table: the column's table.
            column: its row of COLUMNS.
        """
        self._found[sequence.name] = (sequence, table, column)

    def __getitem__(self, name: Name) -> OwnedSequence:
        sequence, table, column = self._found[name]
        type_ = self._types.of(column.type_oid, column.type)
        default = read_expression(column.expression, "default", self._default, type_)
        return OwnedSequence(sequence, table, column.name, default)

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[Name]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


# -- tables


def _grouped(rows: Rows) -> Mapping[int, Rows]:
    groups: dict[int, list[Record]] = defaultdict(list)
    for row in rows:
        groups[row.relation].append(row)
    return groups


class _Reader:
    """Puts tables together from the rows of the catalog."""

    def __init__(
        self,
        server: Server,
        default: str | None,
        types: Types,
        sequences: Mapping[int, _Sequence],
        dependants: Dependants,
    ) -> None:
        self._server = server
        self._default = default
        self._types = types
        self._dependants = dependants
        self._owned: dict[tuple[int, int], list[_Sequence]] = defaultdict(list)
        for sequence in sequences.values():
            if sequence.owner is not None:
                self._owned[sequence.owner].append(sequence)
        self._columns: dict[tuple[Any, ...], Column] = {}
        self.owned = _Owned(types, default)
        """The sequences behind serial columns."""

    def tables(self, read: Callable[..., Rows], census: Census) -> dict[Name, Table]:
        """Return the tables by name.

        Args:
            read: runs one of the queries.
            census: what there may be at all.
        """
        relations, columns = read(queries.RELATIONS), _grouped(read(queries.COLUMNS))
        constraints, indexes = _grouped(read(queries.CONSTRAINTS)), read(queries.INDEXES)
        keys = KeyReader(self._default, columns)
        special = [row.oid for row in indexes if census.settings or keys.is_special(row)]
        elements: dict[int, list[Record]] = defaultdict(list)
        for row in read(queries.ELEMENTS, indexes=special) if special else ():
            elements[row.index_oid].append(row)
        indexes_of = _grouped(indexes)
        tables = []
        for row in relations:
            name = read_name(row.name, row.schema, self._default)
            found = [(column.is_local, self._column(column, row)) for column in columns.get(row.oid, ())]
            own = [(index, keys.index(index, elements)) for index in indexes_of.get(row.oid, ())]
            table = Table(
                name=name,
                columns=tuple(column for is_local, column in found if is_local),
                inherited=tuple(column for is_local, column in found if not is_local),
                comment=row.comment,
                options=self._table_options(row),
                dependants=self._dependants.of_table(row.oid, name),
                **keys.constraints(constraints.get(row.oid, ()), own),
                indexes=tuple(
                    sorted((index for row, index in own if row.exclusion is None), key=lambda index: index.name)
                ),
            )
            tables.append(table)
        return {table.name: table for table in sorted(tables, key=lambda table: table.name)}

    def _table_options(self, row: Record) -> Any:
        parameters = storage_parameters(row.parameters) | storage_parameters(row.toast_parameters, "toast.")
        return options(
            {
                "prefixes": ("UNLOGGED",) if row.persistence == "u" else None,
                "with": parameters or None,
                "tablespace": row.tablespace,
                "using": None if row.method == self._server.setting("access_method", "heap") else row.method,
                "partition_by": None if row.partition_key is None else partition_key(row.partition_key),
                "inherits": tuple(row.parents) if row.parents else None,
                "of": row.of_type,
            }
        )

    # -- columns

    def _column(self, row: Record, relation: Record) -> Column:
        """Return a column: one that is known where all that it is made of has been seen before."""
        if row.identity or row.not_null_name is not None or (row.expression or "").startswith("nextval("):
            return self._new_column(row, relation)
        key = row[_SHAPE:]
        known = self._columns.get(key)
        if known is None:
            known = self._columns[key] = self._new_column(row, relation)
        return known

    def _new_column(self, row: Record, relation: Record) -> Column:
        type_ = self._types.of(row.type_oid, row.type)
        serial = self._serial(row, type_)
        settings = read_column_options(row, relation.name)
        if serial is not None:
            settings = tuple(sorted((*settings, *read_serial_options(serial.noun, type_, relation.name, row.name))))
            self.owned.add(serial.noun, read_name(relation.name, relation.schema, self._default), row)
        return Column(
            name=row.name,
            type=type_,
            nullable=not self._says_not_null(row),
            default=None if serial is not None else self._default_of(row, type_),
            autoincrement=serial is not None,
            collation=row.collation,
            comment=row.comment,
            options=settings,
        )

    def _says_not_null(self, row: Record) -> bool:
        """Return True where the column is NOT NULL by its own table; since PostgreSQL 18 the catalog tells what comes from a parent alone."""
        return row.not_null and (row.not_null_named or not names_not_null(self._server))

    def _serial(self, row: Record, type_: DataType) -> _Sequence | None:
        """Return the sequence of a SERIAL, an integer NOT NULL that takes its values from a sequence of its own; None for other columns."""
        if (
            type_.sql not in INTEGER_TYPES
            or not self._says_not_null(row)
            or row.expression is None
            or row.identity
            or row.generated
        ):
            return None
        sequences = self._owned.get((row.relation, row.number), ())
        return next((sequence for sequence in sequences if row.expression == sequence.default()), None)

    def _default_of(self, row: Record, type_: DataType) -> Default | None:
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
            expression = read_expression(without_parentheses(row.expression), "computed", self._default, type_)
            return Computed(expression, stored=row.generated == "s")
        return read_expression(row.expression, "default", self._default, type_)
