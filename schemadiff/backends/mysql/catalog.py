"""The statements that read ``information_schema``, and their rows.

MariaDB looks up one database quickly only where the statement compares with one constant ("Information Schema Optimization"), so a
statement is a UNION ALL of one SELECT per database and kind of object; and it joins these tables slowly, so nothing is joined here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from schemadiff.backends.mysql.server import Facts
from schemadiff.backends.mysql.shown import hint, read_prints
from schemadiff.backends.mysql.text import quoted, string_literal
from schemadiff.frozen import dataclass
from schemadiff.schema import Name

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["Catalog", "Row", "read_catalog", "read_column"]

Row = dict[str, Any]

Part = tuple[str, Mapping[str, str], str]
"""A table of information_schema, its columns by our own names, and a further condition."""


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
    of_keys = {"ignored": "ignored", "expression": "NULL"} if facts.mariadb else _MYSQL_KEYS
    found = reader.rows(
        {
            "schemas": ("schemata", _SCHEMAS, ""),
            "tables": ("tables", _TABLES, "temporary = 'N'" if facts.mariadb and facts.version >= (11, 2) else ""),
            "columns": ("columns", _COLUMNS, ""),
            "keys": ("statistics", _KEYS | of_keys, ""),
            "key_columns": ("key_column_usage", _KEY_COLUMNS, "referenced_table_name IS NOT NULL"),
            "references": ("referential_constraints", _REFERENCES, ""),
            "triggers": ("triggers", _TRIGGERS, ""),
            "views": ("views", _VIEWS | {"algorithm": "algorithm" if facts.mariadb else "NULL"}, ""),
            **reader.of_checks(),
        }
    )
    for kind, order in (
        ("columns", "position"),
        ("keys", "position"),
        ("key_columns", "position"),
        ("triggers", "order"),
    ):
        found[kind].sort(key=lambda row, order=order: int(row[order]))  # type: ignore[misc]
    tables, keys, checks, triggers = found["tables"], found["keys"], _checks(found), found["triggers"]
    own = [(row["schema"], row["name"]) for row in tables if row["type"] in ("BASE TABLE", "SYSTEM VERSIONED")]
    prints, triggers_shown = read_prints(connection, facts, own, hint(tables, keys, checks), triggers)
    return Catalog(
        schemas=found["schemas"],
        tables=tables,
        columns=found["columns"],
        keys=keys,
        foreign_keys=_with_rules(found["key_columns"], found["references"]),
        checks=checks,
        triggers=triggers,
        views=found["views"],
        sequences=reader.sequences(tables),
        prints=prints,
        triggers_shown=triggers_shown,
    )


def read_column(connection: Connection, facts: Facts, table: Name, column: str) -> Catalog:
    """Read one column and the checks of its table."""
    reader = _Statements(connection, facts, [name for name in [table.schema or facts.schema] if name is not None])
    here = f"table_name = {reader.literal(table.name)}"
    this = ("columns", _COLUMNS, f"{here} AND column_name = {reader.literal(column)}")
    found = reader.rows({"columns": this, **reader.of_checks(here)})
    checks = [row for row in _checks(found) if row["table"] == table.name]
    return Catalog([], [], found["columns"], [], [], checks, [], [], [], {}, {})


# An index that the optimizer does not use is IGNORED in MariaDB, and not VISIBLE in MySQL.
_MYSQL_KEYS = {"ignored": "IF(is_visible = 'NO', 'YES', 'NO')", "expression": "expression"}


class _Statements:
    """Sends the statements, each for all databases."""

    def __init__(self, connection: Connection, facts: Facts, databases: list[str]) -> None:
        self.connection = connection
        self.facts = facts
        self.databases = databases

    def rows(self, kinds: Mapping[str, Part]) -> dict[str, list[Row]]:
        """Return the rows of several tables of information_schema, by kind, their columns called by our names; all in one statement.

        The rows of one table are one JSON text: so rows of all shapes make one result, and drivers that read field by field have little to
        read. MariaDB cuts what an aggregate function makes at ``group_concat_max_len``, MySQL its JSON_ARRAYAGG never.
        """
        texts: dict[str, list[str]] = {kind: [] for kind in kinds}
        if not self.databases:
            return {kind: [] for kind in kinds}
        together = "GROUP_CONCAT" if self.facts.mariadb else "JSON_ARRAYAGG"
        setting = "SET STATEMENT group_concat_max_len = 4294967295 FOR " if self.facts.mariadb else ""
        parts = []
        for kind, (table, columns, where) in kinds.items():
            chosen = ", ".join(columns.values())
            condition = f" AND {where}" if where else ""
            for name in self.databases:
                here = f"{columns['schema']} = {self.literal(name)}{condition}"
                gathered = f"{together}(JSON_ARRAY({chosen}))"
                by = columns.get("table", columns["name"])
                parts.append(f"SELECT '{kind}', {gathered} FROM information_schema.{table} WHERE {here} GROUP BY {by}")
        for kind, text in self.send(f"{setting}{' UNION ALL '.join(parts)}"):
            texts[kind].append(text if self.facts.mariadb else text[1:-1])
        return {kind: _rows(texts[kind], list(columns)) for kind, (_, columns, _) in kinds.items()}

    def send(self, statement: str) -> list[list[Any]]:
        result = self.connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        return [list(map(_text, row)) for row in result]

    def literal(self, text: str) -> str:
        return string_literal(text, backslash_escapes=self.facts.backslash_escapes)

    def of_checks(self, where: str = "") -> dict[str, Part]:
        """Return what to read of check constraints. MySQL's table of them does not say what table they belong to."""
        columns = {"schema": "constraint_schema", "name": "constraint_name", "clause": "check_clause"}
        if self.facts.mariadb:
            own = columns | {"table": "table_name", "level": "level", "enforced": "'YES'"}
            return {"checks": ("check_constraints", own, where)}
        usage = {"schema": "table_schema", "table": "table_name", "name": "constraint_name", "enforced": "enforced"}
        return {
            "clauses": ("check_constraints", columns, ""),
            "checks": ("table_constraints", usage, "constraint_type = 'CHECK'"),
        }

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
        names = ("schema", "name", *columns)
        rows = [dict(zip(names, row, strict=True)) for row in self.send(" UNION ALL ".join(parts))]
        comments = {(row["schema"], row["name"]): row["comment"] for row in found}
        return [row | {"comment": comments[row["schema"], row["name"]]} for row in rows]


def _text(value: Any) -> Any:
    """Some drivers give the texts of information_schema as bytes."""
    return bytes(value).decode() if isinstance(value, (bytes, bytearray, memoryview)) else value


def _rows(texts: list[str], names: list[str]) -> list[Row]:
    """Return rows from their JSON arrays."""
    return [dict(zip(names, row, strict=True)) for row in json.loads(f"[{','.join(texts)}]")]


def _checks(found: Mapping[str, list[Row]]) -> list[Row]:
    """Return the check constraints, on MySQL put together from its two tables."""
    if "clauses" not in found:
        return found["checks"]
    clauses = {(row["schema"], row["name"]): row["clause"] for row in found["clauses"]}
    return [row | {"clause": clauses[row["schema"], row["name"]], "level": "Table"} for row in found["checks"]]


def _with_rules(columns: list[Row], references: list[Row]) -> list[Row]:
    rules = {(row["schema"], row["table"], row["name"]): row for row in references}
    found = []
    for row in columns:
        rule = rules[row["schema"], row["table"], row["name"]]
        found.append(row | {"onupdate": rule["onupdate"], "ondelete": rule["ondelete"]})
    return found
