"""Why there are no pairs of some kinds of objects, actions and databases: see :mod:`tests.corpus.matrix`."""

from __future__ import annotations

from collections.abc import Iterable

_NO_NAMED_TYPES = "its types have no names of their own"
_ONLY_POSTGRESQL = "only PostgreSQL has it"
_ONLY_MARIADB = "only MariaDB and MySQL have it"
_SESSION = "it goes with the session that made it: tests/backends hold that it is left alone"

NO_SUCH_KIND: dict[tuple[str, str], str] = {
    ("identity", "sqlite"): "SQLite has no identity columns",
    ("identity", "mysql"): "MariaDB has AUTO_INCREMENT instead of identity columns",
    ("comment", "sqlite"): "SQLite has no comments",
    ("charset", "sqlite"): "the encoding is that of the whole database",
    ("charset", "postgresql"): "the encoding is that of the whole database",
    ("exclude constraint", "sqlite"): _ONLY_POSTGRESQL,
    ("exclude constraint", "mysql"): _ONLY_POSTGRESQL,
    ("schema", "sqlite"): "an attached file is not a schema of the database",
    (
        "schema",
        "mysql",
    ): "a schema is a database of the server, which both sides of a pair would share: tests/laws make them",
    ("enum type", "sqlite"): _NO_NAMED_TYPES,
    ("domain", "sqlite"): _NO_NAMED_TYPES,
    ("domain", "mysql"): _NO_NAMED_TYPES,
    ("sequence", "sqlite"): "SQLite has no sequences",
    ("partition", "sqlite"): "SQLite has no partitions",
    ("inheritance", "sqlite"): _ONLY_POSTGRESQL,
    ("inheritance", "mysql"): _ONLY_POSTGRESQL,
    ("tablespace", "sqlite"): "SQLite has no tablespaces",
    ("tablespace", "mysql"): "MariaDB has no general tablespaces",
    ("engine", "sqlite"): _ONLY_MARIADB,
    ("engine", "postgresql"): _ONLY_MARIADB,
    ("temporary table", "sqlite"): _SESSION,
    ("temporary table", "mysql"): _SESSION,
    ("virtual table", "postgresql"): "only SQLite has it",
    ("virtual table", "mysql"): "only SQLite has it",
    ("materialized view", "sqlite"): _ONLY_POSTGRESQL,
    ("materialized view", "mysql"): _ONLY_POSTGRESQL,
    ("policy", "sqlite"): _ONLY_POSTGRESQL,
    ("policy", "mysql"): _ONLY_POSTGRESQL,
    ("grant", "sqlite"): "SQLite has no users",
    ("grant", "mysql"): "a right names its database, which is another one on each side of a pair",
    ("rule", "sqlite"): _ONLY_POSTGRESQL,
    ("rule", "mysql"): _ONLY_POSTGRESQL,
    ("statistics", "mysql"): "statistics are rows in tables of the server's own",
    ("function", "sqlite"): "functions are the application's",
    ("extension", "sqlite"): "extensions are the connection's",
    ("extension", "mysql"): "plugins are the server's",
}
"""Kind and database: the database has no such thing, or a pair cannot hold one."""

NO_SUCH_CHANGE: dict[tuple[str, str], str] = {}
"""Kind and action: no such change exists, or no diff makes it, on any database."""


def _none_of(kinds: Iterable[str], actions: Iterable[str], why: str) -> None:
    for kind in kinds:
        for action in actions:
            NO_SUCH_CHANGE[kind, action] = why


_none_of(
    ("column type", "nullability", "server default", "computed column", "identity", "autoincrement", "comment"),
    ["rename"],
    "it has no name",
)
_none_of(
    ("collation", "charset", "partition", "inheritance", "tablespace", "storage", "engine"),
    ["rename"],
    "it has no name",
)
_none_of(
    ("column type", "nullability", "collation", "charset", "engine"),
    ("add", "drop"),
    "everything that can have it always has one: it changes",
)
_none_of(
    ("enum type", "domain", "schema"),
    ["rename"],
    "another name is another thing: nothing tells a renamed one from one that is dropped and one that is made",
)
_none_of(
    ("tablespace",),
    ("add", "drop", "change"),
    "a tablespace is the server's, and no pair can make one: tests/backends do",
)
_none_of(("inheritance",), ["change"], "parents are added and taken away; what is inherited changes with the parent")
_none_of(("temporary table",), ("add", "drop", "change", "rename"), "it goes with its session: no diff touches one")
_none_of(("schema",), ["change"], "a schema has nothing but its name")
_none_of(("grant",), ["change"], "a right is given or it is not")
# What hangs on tables and is not the model's: only what stands on a changed table is touched, and it is put back.
_NOT_THE_MODEL_S = ("materialized view", "policy", "grant", "rule", "statistics", "function", "extension", "trigger")
_none_of(
    (*_NOT_THE_MODEL_S, "virtual table"),
    ["add"],
    "it is not compared: no diff makes one that is not there, it takes off and puts back what is in the way of another change",
)
_none_of(
    ("view", *_NOT_THE_MODEL_S, "virtual table"),
    ["rename"],
    "another name is another thing: nothing tells a renamed one from one that is dropped and one that is made",
)
_none_of(("virtual table", "extension"), ("drop", "change"), "it is left alone, whatever the model says")

NO_SUCH_CHANGE_THERE: dict[tuple[str, str, str], str] = {
    (
        "table",
        "rename",
        "postgresql",
    ): "names that differ in capitals are two names; other renamings are a drop and an add",
    (
        "column",
        "rename",
        "postgresql",
    ): "names that differ in capitals are two names; other renamings are a drop and an add",
    (
        "table",
        "rename",
        "mysql",
    ): "names of tables that differ in capitals are two names, where the file system says so",
    ("autoincrement", "change", "sqlite"): "AUTOINCREMENT is there or it is not",
    ("primary key", "rename", "mysql"): "every primary key is called PRIMARY",
    ("sequence", "rename", "mysql"): "nothing tells a renamed one from one that is dropped and one that is made",
    ("function", "drop", "mysql"): "MariaDB does not know what a function reads: it is left alone",
    ("function", "change", "mysql"): "MariaDB does not know what a function reads: it is left alone",
    ("storage", "add", "sqlite"): "STRICT and WITHOUT ROWID are said of every table: they change",
    ("storage", "drop", "sqlite"): "STRICT and WITHOUT ROWID are said of every table: they change",
    ("view", "add", "postgresql"): "a view that only the other database has is told in a warning, and not made",
    ("view", "add", "mysql"): "a view that only the other database has is told in a warning, and not made",
    ("view", "change", "sqlite"): "a view's text stays as it was written: only what it reads changes",
    ("statistics", "drop", "sqlite"): "what ANALYZE counts is data",
    ("statistics", "change", "sqlite"): "what ANALYZE counts is data",
}
"""Kind, action and database."""
