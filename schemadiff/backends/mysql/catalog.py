"""The statements that read ``information_schema``, and their rows.

MariaDB looks up one database quickly only where the statement compares with one constant ("Information Schema Optimization"), so a
statement is a UNION ALL of one SELECT per database; and it joins these tables slowly, so nothing is joined here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemadiff.backends.mysql.server import Facts
from schemadiff.backends.mysql.shown import hint, read_prints, read_triggers
from schemadiff.backends.mysql.text import quoted, string_literal
from schemadiff.schema import Name

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["Catalog", "Row", "read_catalog", "read_column"]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Catalog:
    """The rows of each kind of object, by our own names of their columns."""

    schemas: list[Row]
    tables: list[Row]
    columns: list[Row]
    keys: list[Row]
    foreign_keys: list[Row]
    checks: list[Row]
    triggers: list[Row]
    views: list[Row]
    sequences: list[Row]
    prints: dict[tuple[str, str], str]
    triggers_shown: dict[tuple[str, str], str]


_SCHEMAS = {"name": "schema_name", "schema": "schema_name"}
_TABLES = {
    "schema": "table_schema",
    "name": "table_name",
    "type": "table_type",
    "engine": "engine",
    "table_collation": "table_collation",
    "create_options": "create_options",
    "comment": "table_comment",
}
_COLUMNS = {
    "schema": "table_schema",
    "table": "table_name",
    "name": "column_name",
    "position": "ordinal_position",
    "type": "column_type",
    "default": "column_default",
    "nullable": "is_nullable",
    "extra": "extra",
    "generated": "generation_expression",
    "collation": "collation_name",
    "comment": "column_comment",
}
_KEYS = {
    "schema": "table_schema",
    "table": "table_name",
    "name": "index_name",
    "position": "seq_in_index",
    "column": "column_name",
    "direction": "collation",
    "length": "sub_part",
    "non_unique": "non_unique",
    "method": "index_type",
    "comment": "index_comment",
}
_KEY_COLUMNS = {
    "schema": "table_schema",
    "table": "table_name",
    "name": "constraint_name",
    "position": "ordinal_position",
    "column": "column_name",
    "referent_schema": "referenced_table_schema",
    "referent": "referenced_table_name",
    "referent_column": "referenced_column_name",
}
_REFERENCES = {
    "schema": "constraint_schema",
    "table": "table_name",
    "name": "constraint_name",
    "onupdate": "update_rule",
    "ondelete": "delete_rule",
}
_TRIGGERS = {
    "schema": "event_object_schema",
    "table": "event_object_table",
    "name": "trigger_name",
    "timing": "action_timing",
    "event": "event_manipulation",
    "order": "action_order",
    "statement": "action_statement",
    "definer": "definer",
    "sql_mode": "sql_mode",
}
_VIEWS = {
    "schema": "table_schema",
    "name": "table_name",
    "definition": "view_definition",
    "security": "security_type",
    "definer": "definer",
    "check_option": "check_option",
}


def read_catalog(connection: Connection, facts: Facts, schemas: Sequence[str | None]) -> Catalog:
    """Read everything in ``schemas``, in a constant number of statements."""
    databases = [facts.schema if schema is None else schema for schema in schemas]
    reader = _Statements(connection, facts, [name for name in dict.fromkeys(databases) if name is not None])
    tables = reader.rows("tables", _TABLES, "temporary = 'N'" if facts.mariadb and facts.version >= (11, 2) else "")
    of_keys = {"ignored": "ignored", "expression": "NULL"} if facts.mariadb else _MYSQL_KEYS
    keys = reader.rows("statistics", _KEYS | of_keys, order="position")
    checks = reader.checks()
    own = [(row["schema"], row["name"]) for row in tables if row["type"] in ("BASE TABLE", "SYSTEM VERSIONED")]
    triggers = reader.rows("triggers", _TRIGGERS, order="`order`")
    return Catalog(
        schemas=reader.rows("schemata", _SCHEMAS),
        tables=tables,
        columns=reader.rows("columns", _COLUMNS, order="position"),
        keys=keys,
        foreign_keys=_with_rules(
            reader.rows("key_column_usage", _KEY_COLUMNS, "referenced_table_name IS NOT NULL", order="position"),
            reader.rows("referential_constraints", _REFERENCES),
        ),
        checks=checks,
        triggers=triggers,
        views=reader.rows("views", _VIEWS | ({"algorithm": "algorithm"} if facts.mariadb else {"algorithm": "NULL"})),
        sequences=reader.sequences(tables),
        prints=read_prints(connection, facts, own, hint(tables, keys, checks)) if own else {},
        triggers_shown=read_triggers(connection, facts, triggers),
    )


def read_column(connection: Connection, facts: Facts, table: Name, column: str) -> Catalog:
    """Read one column and the checks of its table."""
    reader = _Statements(connection, facts, [name for name in [table.schema or facts.schema] if name is not None])
    here = f"table_name = {reader.literal(table.name)}"
    columns = reader.rows("columns", _COLUMNS, f"{here} AND column_name = {reader.literal(column)}")
    checks = [row for row in reader.checks(here) if row["table"] == table.name]
    return Catalog([], [], columns, [], [], checks, [], [], [], {}, {})


# An index that the optimizer does not use is IGNORED in MariaDB, and not VISIBLE in MySQL.
_MYSQL_KEYS = {"ignored": "IF(is_visible = 'NO', 'YES', 'NO')", "expression": "expression"}


class _Statements:
    """Sends the statements, each for all databases."""

    def __init__(self, connection: Connection, facts: Facts, databases: list[str]) -> None:
        self.connection = connection
        self.facts = facts
        self.databases = databases

    def rows(self, table: str, columns: dict[str, str], where: str = "", order: str = "") -> list[Row]:
        """Return the rows of one table of information_schema, its columns called by our names."""
        if not self.databases:
            return []
        chosen = ", ".join(f"{expression} AS {quoted(name)}" for name, expression in columns.items())
        condition = f" AND {where}" if where else ""
        parts = [
            f"SELECT {chosen} FROM information_schema.{table} WHERE {columns['schema']} = {self.literal(name)}{condition}"
            for name in self.databases
        ]
        statement = " UNION ALL ".join(parts)
        if order:
            statement = f"SELECT * FROM ({statement}) AS found ORDER BY {order}"
        return self.send(statement, list(columns))

    def send(self, statement: str, names: list[str]) -> list[Row]:
        result = self.connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        return [dict(zip(names, map(_text, row), strict=True)) for row in result]

    def literal(self, text: str) -> str:
        return string_literal(text, backslash_escapes=self.facts.backslash_escapes)

    def checks(self, where: str = "") -> list[Row]:
        """Return the check constraints. MySQL's table of them does not say what table they belong to."""
        columns = {"schema": "constraint_schema", "name": "constraint_name", "clause": "check_clause"}
        if self.facts.mariadb:
            own = columns | {"table": "table_name", "level": "level", "enforced": "'YES'"}
            return self.rows("check_constraints", own, where)
        clauses = {(row["schema"], row["name"]): row["clause"] for row in self.rows("check_constraints", columns)}
        usage = {"schema": "table_schema", "table": "table_name", "name": "constraint_name", "enforced": "enforced"}
        found = self.rows("table_constraints", usage, "constraint_type = 'CHECK'")
        return [row | {"clause": clauses[row["schema"], row["name"]], "level": "Table"} for row in found]

    def sequences(self, tables: list[Row]) -> list[Row]:
        """Return MariaDB's sequences: each is read as a table of one row, all in one statement."""
        columns = {
            "start": "start_value",
            "increment": "increment",
            "minimum": "minimum_value",
            "maximum": "maximum_value",
            "cache": "cache_size",
            "cycle": "cycle_option",
        }
        found = [row for row in tables if row["type"] == "SEQUENCE"]
        if not found:
            return []
        parts = [
            f"SELECT {self.literal(row['schema'])}, {self.literal(row['name'])}, {', '.join(columns.values())} "
            f"FROM {quoted(row['schema'])}.{quoted(row['name'])}"
            for row in found
        ]
        rows = self.send(" UNION ALL ".join(parts), ["schema", "name", *columns])
        comments = {(row["schema"], row["name"]): row["comment"] for row in found}
        return [row | {"comment": comments[row["schema"], row["name"]]} for row in rows]


def _text(value: Any) -> Any:
    """Some drivers give the texts of information_schema as bytes."""
    return bytes(value).decode() if isinstance(value, (bytes, bytearray, memoryview)) else value


def _with_rules(columns: list[Row], references: list[Row]) -> list[Row]:
    rules = {(row["schema"], row["table"], row["name"]): row for row in references}
    found = []
    for row in columns:
        rule = rules[row["schema"], row["table"], row["name"]]
        found.append(row | {"onupdate": rule["onupdate"], "ondelete": rule["ondelete"]})
    return found
