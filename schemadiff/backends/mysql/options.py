"""The options of tables, columns and indexes: what a model may say of them, and how the catalog tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from schemadiff.backends.mysql.partitions import PARTITION_WORDS, partitioning
from schemadiff.backends.mysql.server import Facts, collation_clause
from schemadiff.backends.mysql.text import canonical_expression, lexicon_for, quoted, string_literal
from schemadiff.backends.tokens import Lexicon, TokenError, tokenize
from schemadiff.schema import Options, option, options

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
_LEFT_OUT = {"auto_increment", "comment", "password"}
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
        elif key in PARTITION_WORDS:
            # One alone is no partitioning: a revision may say it, and is told what is missing.
            found[key] = canonical_expression(str(value), lexicon_for(facts))
        elif key in ("prefixes", "system_versioning"):
            found[key] = value
        elif key == "period":
            found[key] = tuple(map(str, value))
        elif key in ("data_directory", "index_directory"):
            found[key] = str(value).rstrip("/") + "/"
        elif key == "union":
            found[key] = union_tables(value, lexicon_for(facts))
        else:
            found[key] = str(value).upper() if key == "row_format" else str(value)
    partitions = partitioning(given, lexicon_for(facts))
    if partitions is not None:
        found = {key: value for key, value in found.items() if key not in PARTITION_WORDS}
        found["partition_by"] = canonical_expression(partitions, lexicon_for(facts))
    return options(found)


def union_tables(value: Any, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the names in a UNION, which SQLAlchemy's users write as ``(january, february)``."""
    if not isinstance(value, str):
        return tuple(map(str, value))
    try:
        tokens = tokenize(value, lexicon)
    except TokenError:
        return (value,)
    return tuple(token.text for token in tokens if token.kind in ("word", "identifier"))


def collation_name(name: str) -> str:
    """Return a collation's name; ``utf8_...`` is an old name of ``utf8mb3_...``."""
    name = name.lower()
    return "utf8mb3_" + name.removeprefix("utf8_") if name.startswith("utf8_") else name


def table_options(row: Mapping[str, Any]) -> Options:
    """Return the options of a table from its row of ``information_schema.tables``.

    ``create_options`` holds those that the table states: ``row_format=COMPRESSED key_block_size=8 `encrypted`='no'``.
    """
    return _table_options(str(row["engine"]), row["table_collation"], str(row["create_options"] or ""))


_OPTION = re.compile(r"(?:`([^`]+)`|((?:DATA |INDEX )?\w+))(?:=(?:'((?:[^'\\]|\\.|'')*)'|\"([^\"]*)\"|(\S+)))?")


@lru_cache(maxsize=256)
def _table_options(engine: str, collation: str | None, stated: str) -> Options:
    found: dict[str, Any] = {"engine": engine_name(engine), "collate": collation}
    for match in _OPTION.finditer(stated):
        identifier, word, single, double, bare = match.groups()
        name = (identifier or word).lower().replace(" ", "_")
        value = next((text for text in (single, double, bare) if text is not None), None)
        if value is not None and name not in _LEFT_OUT | _NO_OPTIONS:
            found[name] = value.upper() if name == "row_format" else value
    return options(found)


def relative(values: Options, schema: str | None, facts: Facts) -> Options:
    """Return a table's options without those that a table has anyway when it says nothing."""
    defaults = {"engine": engine_name(facts.engine), "collate": facts.collation_of(schema), **_RESETS}
    if not facts.shows_block_sizes:
        # Aria states it without being asked, and the catalog does not tell whether somebody asked for it.
        defaults["transactional"] = "1"
    kept = {key: value for key, value in values if value not in (defaults.get(key), "DEFAULT")}
    if option(values, "engine") == "Aria":
        # It states that too, and no DEFAULT takes it back.
        kept.setdefault("page_checksum", "1")
    else:
        # A table that left Aria still states it, and it means nothing there.
        kept.pop("page_checksum", None)
    return options(kept)


# What other clauses say.
_NO_OPTIONS_OF_THEIR_OWN = frozenset((*PARTITION_WORDS, "prefixes", "system_versioning", "period"))


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
            clauses.append(f"{_OF_TWO_WORDS.get(key) or _word(key).upper()}={_value(key, value, facts)}")
    return clauses


def partition_clause(values: Options) -> str:
    """Return the PARTITION BY clause of CREATE TABLE; empty where the table has none."""
    found = dict(values)
    return " ".join(f"{word.replace('_', ' ').upper()} {found[word]}" for word in PARTITION_WORDS if word in found)


# What takes an option back where DEFAULT is not understood.
_RESETS = dict.fromkeys(
    ("max_rows", "min_rows", "avg_row_length", "checksum", "delay_key_write", "key_block_size"), "0"
) | {"insert_method": "NO"}
_TEXTS = frozenset(
    {
        "compression",
        "connection",
        "data_directory",
        "encryption",
        "engine_attribute",
        "index_directory",
        "secondary_engine_attribute",
        "tablespace",
    }
)
_OF_TWO_WORDS = {"data_directory": "DATA DIRECTORY", "index_directory": "INDEX DIRECTORY"}


def _value(key: str, value: Any, facts: Facts) -> str:
    if key == "union":
        return f"({', '.join(map(quoted, value or ()))})"
    if value is None:
        return "''" if key in _TEXTS else _RESETS.get(key, "DEFAULT")
    text = str(value)
    if key in _TEXTS or not re.fullmatch(r"\w+", text):
        return string_literal(text, backslash_escapes=facts.backslash_escapes)
    return text


def _word(text: str) -> str:
    """Return an option's name; one that is no word is quoted, so that it stays a name."""
    return text if re.fullmatch(r"\w+", text) else "`" + text.replace("`", "``") + "`"
