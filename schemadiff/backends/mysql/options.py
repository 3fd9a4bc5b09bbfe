"""The options of tables, columns and indexes: what a model may say of them, and how the catalog tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from schemadiff.backends.mysql.server import Facts, collation_clause
from schemadiff.backends.mysql.text import canonical_expression, lexicon_for, string_literal
from schemadiff.schema import Options, options

__all__ = ["default_method", "lowered", "relative", "table_clauses", "table_options"]

_ENGINES = {
    name.lower(): name
    for name in (
        "InnoDB",
        "MyISAM",
        "MEMORY",
        "CSV",
        "ARCHIVE",
        "BLACKHOLE",
        "MERGE",
        "Aria",
        "RocksDB",
        "NDBCLUSTER",
        "Spider",
    )
} | {"heap": "MEMORY", "mrg_myisam": "MERGE", "ndb": "NDBCLUSTER"}

_CHARSETS = ("charset", "character_set", "default_charset", "default_character_set")
# Counters and places that no comparison is about, and what a noun has a field for.
_LEFT_OUT = {"auto_increment", "comment", "data_directory", "index_directory", "union", "password", "connection"}
# What CREATE_OPTIONS says of a table that says nothing.
_NO_OPTIONS = {"partitioned"}


def engine_name(name: str) -> str:
    """Return the name of a storage engine in the case in which the server has it."""
    return _ENGINES.get(name.lower(), name)


def default_method(engine: str) -> str:
    """Return the method of an index that does not say one."""
    return "hash" if engine == "MEMORY" else "btree"


def lowered(arguments: Mapping[str, Any], facts: Facts) -> Options:
    """Return the options of a table that a model states, by their canonical names.

    A character set is told by its default collation: ``collate`` says both.
    """
    found: dict[str, Any] = {}
    given = {key.lower().replace(" ", "_"): value for key, value in arguments.items() if value is not None}
    charset = next((str(given.pop(key)) for key in _CHARSETS if key in given), None)
    collation = given.pop("collate", given.pop("default_collate", None))
    if collation is None and charset is not None:
        collation = facts.default_collation(charset)
    if collation is not None:
        found["collate"] = collation_name(str(collation))
    for key, value in given.items():
        if key in _LEFT_OUT:
            continue
        if key == "engine":
            found[key] = engine_name(str(value))
        elif key in ("partition_by", "partitions", "subpartition_by", "subpartitions"):
            found[key] = canonical_expression(str(value), lexicon_for(facts))
        elif key in ("prefixes", "system_versioning"):
            found[key] = value
        else:
            found[key] = str(value).upper() if key == "row_format" else str(value)
    return options(found)


def collation_name(name: str) -> str:
    """Return a collation's name; ``utf8_...`` is an old name of ``utf8mb3_...``."""
    name = name.lower()
    return "utf8mb3_" + name.removeprefix("utf8_") if name.startswith("utf8_") else name


def table_options(row: Mapping[str, Any]) -> Options:
    """Return the options of a table from its row of ``information_schema.tables``.

    ``create_options`` holds those that the table states: ``row_format=COMPRESSED key_block_size=8 `encrypted`='no'``.
    """
    found: dict[str, Any] = {"engine": engine_name(str(row["engine"])), "collate": row["table_collation"]}
    pattern = re.compile(r"(?:`([^`]+)`|(\w+))(?:=(?:'((?:[^'\\]|\\.|'')*)'|\"([^\"]*)\"|(\S+)))?")
    for match in pattern.finditer(str(row["create_options"] or "")):
        quoted, word, single, double, bare = match.groups()
        name = (quoted or word).lower()
        value = next((text for text in (single, double, bare) if text is not None), None)
        if value is not None and name not in _LEFT_OUT | _NO_OPTIONS:
            found[name] = value.upper() if name == "row_format" else value
    return options(found)


def relative(values: Options, schema: str | None, facts: Facts) -> Options:
    """Return a table's options without those that a table has anyway when it says nothing."""
    defaults = {
        "engine": engine_name(facts.engine),
        "collate": facts.collation_of(schema),
        "row_format": "DEFAULT",
        # Aria states these without being asked.
        "page_checksum": "1",
        "transactional": "1",
    }
    return tuple((key, value) for key, value in values if defaults.get(key) != value)


# What other clauses say.
_NO_OPTIONS_OF_THEIR_OWN = frozenset(
    ("partition_by", "partitions", "subpartition_by", "subpartitions", "prefixes", "system_versioning")
)


def table_clauses(values: Options, facts: Facts, *, schema: str | None = None) -> list[str]:
    """Return the options as clauses of CREATE and ALTER TABLE. None: back to the default."""
    clauses: list[str] = []
    for key, value in values:
        if key in _NO_OPTIONS_OF_THEIR_OWN:
            continue
        if key == "engine":
            clauses.append(f"ENGINE={value or facts.engine}")
        elif key == "collate":
            collation = value or facts.collation_of(schema)
            # Where nobody knows the default by name: the character set of the database, with its default collation.
            clauses.append(f"DEFAULT {collation_clause(collation) if collation else 'CHARACTER SET DEFAULT'}")
        else:
            clauses.append(f"{_word(key).upper()}={_value(key, value, facts)}")
    return clauses


def partition_clause(values: Options) -> str:
    """Return the PARTITION BY clause of CREATE TABLE; empty where the table has none."""
    words = ("partition_by", "partitions", "subpartition_by", "subpartitions")
    found = dict(values)
    return " ".join(f"{word.replace('_', ' ').upper()} {found[word]}" for word in words if word in found)


# What takes an option back where DEFAULT is not understood.
_RESETS = dict.fromkeys(
    ("max_rows", "min_rows", "avg_row_length", "checksum", "delay_key_write", "key_block_size"), "0"
) | {"insert_method": "NO"}
_TEXTS = frozenset({"compression", "encryption", "secondary_engine_attribute", "engine_attribute", "tablespace"})


def _value(key: str, value: Any, facts: Facts) -> str:
    if value is None:
        return "''" if key in _TEXTS else _RESETS.get(key, "DEFAULT")
    text = str(value)
    if key in _TEXTS or not re.fullmatch(r"\w+", text):
        return string_literal(text, backslash_escapes=facts.backslash_escapes)
    return text


def _word(text: str) -> str:
    """Return an option's name; one that is no word is quoted, so that it stays a name."""
    return text if re.fullmatch(r"\w+", text) else "`" + text.replace("`", "``") + "`"
