"""What has to be known of a MariaDB or MySQL server: its flavour, its defaults, and the modes that change how text is read."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from schemadiff.frozen import dataclass
from schemadiff.schema import Server

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect

__all__ = [
    "Facts",
    "ask_server",
    "charset_of",
    "collation_clause",
    "facts",
    "introduced",
    "max_bytes",
    "offline_server",
    "prints_at_once",
]

# The default collations of character sets in common use, for when there is no server to ask: "Supported Character Sets and Collations"
# in either manual.
_COLLATIONS = {
    "ascii": "ascii_general_ci",
    "binary": "binary",
    "latin1": "latin1_swedish_ci",
    "latin2": "latin2_general_ci",
    "ucs2": "ucs2_general_ci",
    "utf16": "utf16_general_ci",
    "utf32": "utf32_general_ci",
    "utf8mb3": "utf8mb3_general_ci",
    "utf8mb4": "utf8mb4_general_ci",
}
_MAX_BYTES = {
    "utf8mb4": 4,
    "utf16": 4,
    "utf16le": 4,
    "utf32": 4,
    "gb18030": 4,
    "utf8mb3": 3,
    "eucjpms": 3,
    "ujis": 3,
} | dict.fromkeys(("ucs2", "big5", "gbk", "sjis", "cp932", "euckr", "gb2312"), 2)

# The newest versions whose behaviour is written down here: assumed where nobody is connected.
_CURRENT = {"mariadb": (11, 8), "mysql": (8, 4)}


@dataclass(frozen=True, slots=True)
class Facts:
    """A server's settings, unpacked.

    Args:
        mariadb: it is MariaDB.
        mysql: it is MySQL. Of a server that nobody is connected to neither may be known: then DDL is such as both understand.
        version: its version.
        engine: the default storage engine.
        collation: the default collation of the default database.
        server_collation: the one that CREATE DATABASE gives.
        collations: the default collation of other databases, where it is not the server's.
        charsets: the default collation of each character set.
        backslash_escapes: a backslash escapes in strings (no NO_BACKSLASH_ESCAPES in sql_mode).
        ansi_quotes: double quotes enclose identifiers.
        real_is_float: REAL is FLOAT.
        oracle: sql_mode has ORACLE, under which compound statements are PL/SQL.
        lower_case_names: table names are stored in lower case.
        explicit_timestamps: TIMESTAMP columns have no defaults of their own (explicit_defaults_for_timestamp).
        schema: the default database.
        several_results: the driver reads several results of one statement.
        alters_history: the session lets ALTER TABLE change system-versioned tables (system_versioning_alter_history).
    """

    mariadb: bool
    mysql: bool
    version: tuple[int, ...]
    engine: str
    collation: str
    server_collation: str
    collations: tuple[tuple[str, str], ...]
    charsets: tuple[tuple[str, str], ...]
    backslash_escapes: bool
    ansi_quotes: bool
    real_is_float: bool
    oracle: bool
    lower_case_names: bool
    explicit_timestamps: bool
    schema: str | None
    several_results: bool
    alters_history: bool

    def collation_of(self, schema: str | None) -> str:
        """Return the default collation of a database; one that does not exist yet will have the server's."""
        if schema is None or schema == self.schema:
            return self.collation
        return dict(self.collations).get(schema, self.server_collation)

    def default_collation(self, charset: str) -> str:
        """Return the default collation of a character set; ``utf8`` is an old name of ``utf8mb3``.

        Where it is not known, the name of the character set stands for it.
        """
        charset = charset.lower()
        charset = "utf8mb3" if charset == "utf8" else charset
        return dict(self.charsets).get(charset, charset)

    @property
    def descending_indexes(self) -> bool:
        """DESC in an index counts: MariaDB 10.8 and later, MySQL 8.0 and later; before, it is read and forgotten."""
        return self.version >= ((10, 8) if self.mariadb else (8,))

    @property
    def shows_block_sizes(self) -> bool:
        """The block size of each key is read: where all tables are printed in one statement."""
        return self.mariadb and not self.oracle and self.several_results

    @property
    def shows_widths(self) -> bool:
        """The display width of integers is kept: not by MySQL 8.0.19 and later."""
        return not self.mysql or self.version < (8, 0, 19)


def charset_of(collation: str) -> str:
    """Return the character set of a collation: the part before its first underscore."""
    charset = collation.partition("_")[0]
    return "utf8mb3" if charset == "utf8" else charset


def max_bytes(collation: str) -> int:
    """Return how many bytes one character takes at most."""
    return _MAX_BYTES.get(charset_of(collation or "utf8mb4"), 1)


def collation_clause(collation: str) -> str:
    """Return CHARACTER SET and COLLATE; the name of a character set alone stands for its default collation."""
    charset = charset_of(collation)
    words = f"CHARACTER SET {_word(charset)}"
    return words if charset == collation else f"{words} COLLATE {_word(collation)}"


def _word(name: str) -> str:
    """Return a name that is a word as it is; any other is quoted, so that it stays a name."""
    return name if re.fullmatch(r"\w+", name) else "`" + name.replace("`", "``") + "`"


@lru_cache(maxsize=16)
def facts(server: Server) -> Facts:
    """Return the settings of ``server``, unpacked; what nobody asked for has a current server's default."""
    mariadb = server.flavour == "mariadb"
    mysql = bool(server.version) and not mariadb
    mode = server.setting("sql_mode").upper().split(",")
    known = json.loads(server.setting("charsets", "{}")) or _static_collations(mariadb, mysql, server.version)
    collation = server.setting("collation", known.get("utf8mb4", ""))
    others = json.loads(server.setting("collations", "{}"))
    return Facts(
        mariadb=mariadb,
        mysql=mysql,
        version=server.version or _CURRENT["mariadb" if mariadb else "mysql"],
        engine=server.setting("engine", "InnoDB"),
        collation=collation,
        server_collation=server.setting("server_collation", collation),
        collations=tuple(sorted(others.items())),
        charsets=tuple(sorted(known.items())),
        backslash_escapes="NO_BACKSLASH_ESCAPES" not in mode,
        ansi_quotes="ANSI_QUOTES" in mode or "ANSI" in mode,
        real_is_float="REAL_AS_FLOAT" in mode or "ANSI" in mode,
        oracle="ORACLE" in mode,
        lower_case_names=server.setting("lower_case_table_names", "0") == "1",
        explicit_timestamps=server.setting("explicit_defaults_for_timestamp", "1") != "0",
        schema=server.default_schema,
        several_results=server.setting("several_results", "1") == "1",
        alters_history=server.setting("alters_history") == "KEEP",
    )


def _static_collations(mariadb: bool, mysql: bool, version: tuple[int, ...]) -> dict[str, str]:
    """Return the default collations of a server that was not asked; nothing where not even its kind is known."""
    if mysql:
        return _COLLATIONS | {"utf8mb4": "utf8mb4_0900_ai_ci"}
    if not mariadb:
        return {}
    # "Character Set and Collation Overview": since 11.6 the UCA collations are the default.
    newer = version >= (11, 6) or not version
    unicode = ("ucs2", "utf16", "utf32", "utf8mb3", "utf8mb4")
    return _COLLATIONS | ({name: f"{name}_uca1400_ai_ci" for name in unicode} if newer else {})


_SETTINGS = {
    "engine": "@@default_storage_engine",
    "collation": "@@collation_database",
    "server_collation": "@@collation_server",
    "sql_mode": "@@sql_mode",
    "lower_case_table_names": "@@lower_case_table_names",
    "explicit_defaults_for_timestamp": "@@explicit_defaults_for_timestamp",
}


# What MySQL does not know stands in a comment that only MariaDB reads ("Comment Syntax").
_OF_MARIADB = {"alters_history": "@@system_versioning_alter_history"}


def reads_several_results(connection: Connection) -> bool:
    """Return True where the driver's cursor goes on to the next result of a statement, and says so (``nextset`` of PEP 249).

    The server has to be a MariaDB whose compound statements are not PL/SQL. What an asynchronous driver's cursor has as ``nextset`` does
    not say whether there is another result. It is asked once of a connection.
    """
    known = connection.info.get(_SEVERAL_RESULTS)
    if known is None:
        known = connection.info[_SEVERAL_RESULTS] = _reads_several_results(connection)
    return bool(known)


_SEVERAL_RESULTS = "schemadiff several results"


def _reads_several_results(connection: Connection) -> bool:
    result = connection.exec_driver_sql("BEGIN NOT ATOMIC SELECT 1; SELECT 2; END")
    try:
        cursor: Any = result.cursor
        further = getattr(cursor, "nextset", None)
        cursor.fetchall()
        found = further is not None and bool(further()) and [*map(tuple, cursor.fetchall())] == [(2,)]
        while further is not None and further():
            pass
        return found
    finally:
        result.close()


def prints_at_once(connection: Connection, facts: Facts) -> bool:
    """Return True where one statement can print many tables: a compound one, with a result for each."""
    return facts.mariadb and not facts.oracle and reads_several_results(connection)


def only_transactional_tables(connection: Connection) -> bool:
    """Return True where all tables of the connection's database are of engines with transactions."""
    found = _rows(
        connection,
        "SELECT COUNT(*) FROM information_schema.tables AS t LEFT JOIN information_schema.engines AS e ON e.engine = t.engine "
        "WHERE t.table_schema = DATABASE() AND t.table_type <> 'VIEW' AND COALESCE(e.transactions, 'NO') <> 'YES'",
    )
    return not found[0][0]


def ask_server(connection: Connection) -> Server:
    """Return the server at the other end of ``connection``, in three statements, of which one is sent once per connection."""
    dialect = connection.dialect
    own = "".join(f", {variable}" for variable in _OF_MARIADB.values())
    row = _rows(connection, f"SELECT VERSION(), DATABASE(), {', '.join(_SETTINGS.values())} /*M!{own} */")[0]
    names = (*_SETTINGS, *_OF_MARIADB)
    settings = {name: str(value) for name, value in zip(names, row[2:], strict=False)}
    mariadb = "mariadb" in str(row[0]).lower()
    compound = mariadb and "ORACLE" not in settings["sql_mode"].upper().split(",")
    settings["several_results"] = "1" if compound and reads_several_results(connection) else "0"
    collations = _rows(
        connection,
        "SELECT 'charset', character_set_name, default_collate_name FROM information_schema.character_sets "
        "UNION ALL SELECT 'database', schema_name, default_collation_name FROM information_schema.schemata",
    )
    charsets = {name: collation for kind, name, collation in collations if kind == "charset"}
    databases = {name: collation for kind, name, collation in collations if kind == "database"}
    settings["charsets"] = json.dumps(charsets, sort_keys=True)
    others = {name: collation for name, collation in databases.items() if collation != settings["server_collation"]}
    settings["collations"] = json.dumps(others, sort_keys=True)
    return Server(
        dialect=dialect.name,
        version=_version(str(row[0])),
        default_schema=row[1],
        flavour="mariadb" if mariadb else "mysql",
        settings=tuple(sorted(settings.items())),
    )


def offline_server(dialect: Dialect) -> Server:
    """Return what can be assumed of a server that nobody is connected to."""
    mariadb = dialect.name == "mariadb" or bool(getattr(dialect, "is_mariadb", False))
    version = tuple(part for part in getattr(dialect, "server_version_info", None) or () if isinstance(part, int))
    return Server(
        dialect=dialect.name,
        version=version,
        default_schema=getattr(dialect, "default_schema_name", None),
        flavour="mariadb" if mariadb else "mysql",
    )


def _version(text: str) -> tuple[int, ...]:
    """Return the numbers of a version: "10.11.19-MariaDB-..." and, from old replication, "5.5.5-10.11.19-MariaDB"."""
    number = text.removeprefix("5.5.5-").partition("-")[0]
    return tuple(int(part) for part in number.split(".") if part.isdigit())


def _rows(connection: Connection, statement: str) -> list[Any]:
    return list(connection.exec_driver_sql(statement, execution_options={"no_parameters": True}))


def introduced(dialect: Dialect, facts: Facts) -> Dialect:
    """Return ``dialect``, a new one, with what it would have found out on a connection."""
    known: Any = dialect
    if facts.mariadb and not known.is_mariadb:
        known._set_mariadb(True, facts.version)
    if facts.version:
        known.server_version_info = facts.version
        known.supports_sequences = facts.mariadb and facts.version >= (10, 3)
        known.supports_native_uuid = facts.mariadb and facts.version >= (10, 7)
        known._support_default_function = facts.version >= ((10, 2, 1) if facts.mariadb else (8, 0, 13))
    return dialect
