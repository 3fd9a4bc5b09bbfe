"""The catalog of MariaDB or MySQL, read in bulk: one statement per kind of object for all databases together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from schemadiff.backends.mysql.canonical import canonical_now, finish_table, type_from
from schemadiff.backends.mysql.catalog import Catalog, Row, read_catalog, read_column
from schemadiff.backends.mysql.defaults import canonical_default
from schemadiff.backends.mysql.dependants import trigger_body
from schemadiff.backends.mysql.names import hidden_indexes
from schemadiff.backends.mysql.options import table_options
from schemadiff.backends.mysql.server import Facts, facts
from schemadiff.backends.mysql.shown import Shown, parse
from schemadiff.backends.mysql.text import (
    canonical_expression,
    lexicon_for,
    quoted,
    respell,
    string_literal,
    without_schema,
)
from schemadiff.frozen import dataclass
from schemadiff.schema import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    Dependant,
    Expression,
    ForeignKey,
    Index,
    IndexElement,
    Name,
    PrimaryKey,
    Schema,
    Server,
    Table,
    options,
)
from schemadiff.schema import Sequence as SequenceNoun

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["reflect", "reflect_column"]


def reflect(connection: Connection, server: Server, schemas: Sequence[str | None]) -> Schema:
    """Return everything in ``schemas``; None is the default database of ``connection``, which need not be that of ``server``.

    Two databases are compared as one server sees them: what goes without saying is what does so in the database of ``server``.
    """
    result = connection.exec_driver_sql(
        "SELECT DATABASE(), CURRENT_USER(), @@SESSION.sql_mode", execution_options={"no_parameters": True}
    )
    database, *session = result.one()
    known = replace(facts(server), schema=database)
    catalog = read_catalog(connection, known, schemas)
    reader = _Reader(known, catalog, _Session(*session))
    return Schema(
        server=server,
        tables=reader.tables(),
        sequences=reader.sequences(),
        schemas=frozenset(row["name"] for row in catalog.schemas if row["name"] != known.schema),
        dependants=reader.views(),
        complete=True,
    )


def reflect_column(connection: Connection, known: Facts, table: Name, column: str) -> Column | None:
    """Return one column of a live table, its own check among its options; None where there is none of this name."""
    reader = _Reader(known, read_column(connection, known, table, column))
    key = (table.schema or known.schema or "", table.name)
    rows = [row for row in reader.by_table["columns"][key] if row["name"].lower() == column.lower()]
    if not rows:
        return None
    json_columns = reader.json_columns(key)
    found = reader.column(rows[0], rows[0]["name"] in json_columns)
    own = [row for row in reader.by_table["checks"][key] if row["level"] == "Column" and row["name"] == found.name]
    if own and found.name not in json_columns:
        found = replace(found, options=options({**dict(found.options), "check": reader.check(own[0]).expression.sql}))
    return found


@dataclass(frozen=True, slots=True)
class _Session:
    """Who reads, and under which modes: what a statement that is run like this need not say."""

    user: str = ""
    sql_mode: str = ""


# What makes a column what it is.
_shape = itemgetter("name", "type", "default", "nullable", "extra", "generated", "collation", "comment")


class _Reader:
    """Puts the rows of the catalog together."""

    def __init__(self, known: Facts, catalog: Catalog, session: _Session | None = None) -> None:
        self.facts = known
        self.session = session or _Session()
        self.catalog = catalog
        self.lexicon = lexicon_for(known)
        self._columns: dict[tuple[Any, ...], Column] = {}
        self.by_table = {
            kind: _grouped(rows)
            for kind, rows in (
                ("columns", catalog.columns),
                ("keys", catalog.keys),
                ("foreign_keys", catalog.foreign_keys),
                ("checks", catalog.checks),
                ("triggers", catalog.triggers),
            )
        }

    def name(self, schema: str, name: str) -> Name:
        """Return a qualified name, that of the default database being None."""
        return Name(name, None if schema == self.facts.schema else schema)

    def shown(self, key: tuple[str, str]) -> Shown:
        """Return what SHOW CREATE TABLE tells beyond the catalog."""
        printed = self.catalog.prints.get(key)
        return Shown() if printed is None else parse(printed, self.facts)

    def written(self, schema: str, name: str) -> str:
        """Return a qualified name as it stands in a statement."""
        return quoted(name) if schema == self.facts.schema else f"{quoted(schema)}.{quoted(name)}"

    def tables(self) -> dict[Name, Table]:
        found = {}
        for row in self.catalog.tables:
            if row["type"] in ("BASE TABLE", "SYSTEM VERSIONED"):
                name = self.name(row["schema"], row["name"])
                found[name] = self.table(name, (row["schema"], row["name"]), row)
        return found

    def table(self, name: Name, key: tuple[str, str], row: Row) -> Table:
        json_columns = self.json_columns(key)
        checks = [check for check in self.by_table["checks"][key] if not self.is_json_check(check, json_columns)]
        shown = self.shown(key)
        primary_key, indexes = self.keys(key, shown)
        settings = dict(table_options(row)) | dict(shown.options)
        if "transactional" not in shown.options and self.facts.shows_block_sizes:
            settings.pop("transactional", None)
        if shown.partitions is not None:
            settings["partition_by"] = canonical_expression(shown.partitions, self.lexicon)
        if row["type"] == "SYSTEM VERSIONED":
            settings["system_versioning"] = True
        if "period" in settings:
            # The period is its own check.
            checks = [check for check in checks if check["name"] != settings["period"][0]]
        rows = self.by_table["columns"][key]
        if shown.defaults:
            rows = [each | {"default": shown.defaults.get(each["name"], each["default"])} for each in rows]
        read = Table(
            name=name,
            columns=tuple(self.column(each, each["name"] in json_columns, row["table_collation"]) for each in rows),
            primary_key=primary_key,
            checks=tuple(self.check(each) for each in checks),
            foreign_keys=self.foreign_keys(key),
            indexes=indexes,
            comment=row["comment"] or None,
            options=options(settings),
            dependants=tuple(self.trigger(each) for each in self.by_table["triggers"][key]),
        )
        finished = finish_table(read, self.facts)
        hidden = hidden_indexes(read, finished)
        return replace(finished, dependants=(*finished.dependants, *hidden)) if hidden else finished

    # -- columns

    def json_columns(self, key: tuple[str, str]) -> set[str]:
        """Return the columns that are JSON: on MariaDB, LONGTEXT with that collation and that check ("JSON Data Type")."""
        if not self.facts.mariadb:
            return set()
        valid = {check["name"] for check in self.by_table["checks"][key] if _checks_json(check)}
        return {
            column["name"]
            for column in self.by_table["columns"][key]
            if column["name"] in valid and column["type"] == "longtext" and column["collation"] == "utf8mb4_bin"
        }

    def is_json_check(self, check: Row, json_columns: set[str]) -> bool:
        return check["name"] in json_columns and _checks_json(check)

    def column(self, row: Row, is_json: bool, table_collation: str | None = None) -> Column:
        """Return a column: one that is known where all that it is made of has been seen before.

        The collation of its table goes without saying.
        """
        implied = table_collation is not None and row["collation"] == table_collation
        key = (is_json, implied, *_shape(row))
        known = self._columns.get(key)
        if known is None:
            made = self.new_column(row, is_json)
            known = self._columns[key] = replace(made, collation=None) if implied else made
        return known

    def new_column(self, row: Row, is_json: bool) -> Column:
        extra = str(row["extra"] or "")
        type_ = DataType("json") if is_json else type_from(self.type_text(row["type"]), self.facts)
        found: dict[str, Any] = {}
        on_update = re.search(r"on update (\w+(?:\(\d*\))?)", extra, re.IGNORECASE)
        if on_update:
            found["on_update"] = canonical_now(on_update.group(1), self.lexicon)
        if "INVISIBLE" in extra.upper().split():
            found["invisible"] = True
        default: Expression | Computed | None = self.default(row, type_, extra, on_update and on_update.group(1))
        if "WITHOUT SYSTEM VERSIONING" in extra.upper():
            found["without_system_versioning"] = True
        if row["generated"] in ("ROW START", "ROW END"):
            # The times of a system-versioned table, with names of their own.
            found["system_time"] = row["generated"].removeprefix("ROW ").lower()
        elif row["generated"]:
            text = self.expression_text(row["generated"])
            default = Computed(Expression(text, canonical_expression(text, self.lexicon)), "STORED" in extra.upper())
        return Column(
            name=row["name"],
            type=type_,
            nullable=row["nullable"] == "YES",
            default=default,
            autoincrement="auto_increment" in extra,
            collation=None if is_json else row["collation"],
            comment=row["comment"] or None,
            options=options(found),
        )

    def type_text(self, text: str) -> str:
        """The values of ENUM and SET are spelled with backslashes, as all of the catalog is."""
        return respell(text, self.facts)

    def default(self, row: Row, type_: DataType, extra: str, on_update: str | None) -> Expression | None:
        written = row["default"]
        if written is None:
            return None
        if self.facts.mariadb:
            text = without_schema(respell(written, self.facts), self.facts.schema, self.lexicon)
        else:
            text = self.mysql_default(written, type_, extra)
        if text.upper() == "NULL" and on_update is None:
            return None
        if on_update is not None:
            text = f"{text} ON UPDATE {on_update}"
        return Expression(text, canonical_default(text, type_, self.facts))

    def mysql_default(self, written: str, type_: DataType, extra: str) -> str:
        """MySQL gives a literal as its bare value, and marks expressions ("The INFORMATION_SCHEMA COLUMNS Table")."""
        if "DEFAULT_GENERATED" in extra:
            text = self.expression_text(written)
            return text if re.match(r"(?i)current_timestamp\b", text) else f"({text})"
        base = re.split(r"[( ]", type_.sql)[0]
        numeric = base in ("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year")
        if numeric or re.fullmatch(r"(?i)[bx]'[0-9a-f]*'|0x[0-9a-f]+", written):
            return written
        if re.match(r"(?i)current_timestamp\b", written):
            return written
        return string_literal(written, backslash_escapes=self.facts.backslash_escapes)

    def expression_text(self, text: str) -> str:
        """MySQL escapes the quotes of strings once more in its catalog (bug 100607 and others); MariaDB does not."""
        if not self.facts.mariadb:
            text = text.replace("\\'", "'")
        return respell(text, self.facts)

    # -- constraints and indexes

    def keys(self, key: tuple[str, str], shown: Shown) -> tuple[PrimaryKey | None, tuple[Index, ...]]:
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.by_table["keys"][key]:
            rows[row["name"]].append(row)
        primary_key = None
        indexes = []
        for name, parts in rows.items():
            own = dict(shown.keys.get(name, {}))
            if "without_overlaps" in own:
                # The end and the start of the period stand at the end.
                parts = parts[:-2]
            if name == "PRIMARY":
                lengths = tuple((part["column"], int(part["length"])) for part in parts if part["length"] is not None)
                columns = tuple(part["column"] for part in parts)
                own["descending"] = tuple(part["column"] for part in parts if part["direction"] == "D") or None
                primary_key = PrimaryKey(
                    name=None,
                    implicit=True,
                    columns=columns,
                    options=options(own | {"length": lengths or None, "comment": parts[0]["comment"] or None}),
                )
            else:
                indexes.append(self.index(name, parts, own))
        return primary_key, tuple(indexes)

    def index(self, name: str, parts: list[Row], own: dict[str, Any]) -> Index:
        first = parts[0]
        method = first["method"].lower()
        found = own | ({"ignored": True} if first["ignored"] == "YES" else {})
        return Index(
            name=name,
            elements=tuple(self.element(part, method) for part in parts),
            unique=not int(first["non_unique"]),
            method=method,
            options=options(found),
            comment=first["comment"] or None,
        )

    def element(self, part: Row, method: str) -> IndexElement:
        what: str | Expression = part["column"]
        if part["column"] is None:
            text = self.expression_text(part["expression"])
            what = Expression(text, canonical_expression(text, self.lexicon))
        length = None if part["length"] is None or method in ("fulltext", "spatial") else int(part["length"])
        return IndexElement(what=what, descending=part["direction"] == "D", length=length)

    def foreign_keys(self, key: tuple[str, str]) -> tuple[ForeignKey, ...]:
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.by_table["foreign_keys"][key]:
            rows[row["name"]].append(row)
        return tuple(
            ForeignKey(
                name=name,
                columns=tuple(part["column"] for part in parts),
                referent=self.name(parts[0]["referent_schema"], parts[0]["referent"]),
                referent_columns=tuple(part["referent_column"] for part in parts),
                # RESTRICT is what a foreign key does that says nothing; NO ACTION does the same, under another name.
                onupdate=None if parts[0]["onupdate"] == "RESTRICT" else parts[0]["onupdate"],
                ondelete=None if parts[0]["ondelete"] == "RESTRICT" else parts[0]["ondelete"],
            )
            for name, parts in rows.items()
        )

    def check(self, row: Row) -> CheckConstraint:
        text = self.expression_text(row["clause"])
        expression = Expression(text, canonical_expression(text, self.lexicon))
        own = row["level"] == "Column"
        found = {"not_enforced": row["enforced"] == "NO" or None, "column": own or None}
        return CheckConstraint(name=row["name"], expression=expression, implicit=own, options=options(found))

    # -- what else there is

    def trigger(self, row: Row) -> Dependant:
        # The default database goes without saying: the statement may run on one of another name.
        name, table = (self.written(row["schema"], row[each]) for each in ("name", "table"))
        definer = self.definer(row)
        shown = self.catalog.triggers_shown.get((row["schema"], row["name"]))
        body = row["statement"] if shown is None else trigger_body(shown)
        statements = [f"CREATE {definer}TRIGGER {name} {row['timing']} {row['event']} ON {table} FOR EACH ROW {body}"]
        if _modes(row["sql_mode"]) != _modes(self.session.sql_mode):
            # It is read, and runs, under the modes of the session that made it.
            modes = string_literal(row["sql_mode"], backslash_escapes=self.facts.backslash_escapes)
            statements = [
                "SET @schemadiff_sql_mode = @@SESSION.sql_mode",
                f"SET SESSION sql_mode = {modes}",
                *statements,
                "SET SESSION sql_mode = @schemadiff_sql_mode",
            ]
        return Dependant(
            kind="trigger",
            name=row["name"],
            table=self.name(row["schema"], row["table"]),
            sql=statements[0],
            also=tuple(statements[1:]),
            drop=f"DROP TRIGGER {name}",
        )

    def definer(self, row: Row) -> str:
        """Return DEFINER for one who is not the user that reads: without it, whoever runs a statement is the definer."""
        if row["definer"] == self.session.user:
            return ""
        user, _, host = row["definer"].rpartition("@")
        return f"DEFINER={quoted(user)}@{quoted(host)} " if host else f"DEFINER={quoted(user)} "

    def views(self) -> dict[Name, Dependant]:
        found = {}
        for row in self.catalog.views:
            name = self.name(row["schema"], row["name"])
            written = self.written(row["schema"], row["name"])
            algorithm = f"ALGORITHM={row['algorithm']} " if row["algorithm"] not in (None, "UNDEFINED") else ""
            query = without_schema(respell(row["definition"], self.facts), self.facts.schema, self.lexicon)
            check = "" if row["check_option"] == "NONE" else f" WITH {row['check_option']} CHECK OPTION"
            how = f"{algorithm}{self.definer(row)}SQL SECURITY {row['security']}"
            found[name] = Dependant(
                kind="view",
                name=row["name"],
                schema=name.schema,
                sql=f"CREATE {how} VIEW {written} AS {query}{check}",
                drop=f"DROP VIEW {written}",
            )
        return found

    def sequences(self) -> dict[Name, SequenceNoun]:
        found = {}
        for row in self.catalog.sequences:
            name = self.name(row["schema"], row["name"])
            found[name] = SequenceNoun(
                name=name,
                start=int(row["start"]),
                increment=int(row["increment"]),
                minvalue=int(row["minimum"]),
                maxvalue=int(row["maximum"]),
                cache=int(row["cache"]),
                cycle=bool(row["cycle"]),
                comment=row["comment"] or None,
            )
        return found


def _modes(text: str) -> frozenset[str]:
    return frozenset(text.split(","))


def _checks_json(check: Row) -> bool:
    """Return True for the check that the type JSON brings along."""
    name = str(check["name"])
    spellings = (quoted(name), '"' + name.replace('"', '""') + '"')
    return check["level"] == "Column" and check["clause"] in {f"json_valid({spelling})" for spelling in spellings}


def _grouped(rows: Sequence[Row]) -> Mapping[tuple[str, str], list[Row]]:
    grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["schema"], row["table"]].append(row)
    return grouped
