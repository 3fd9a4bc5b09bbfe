"""Why there are no pairs of some kinds of objects, actions and databases: see :mod:`tests.corpus.matrix`."""

from __future__ import annotations

_NO_NAMED_TYPES = "its types have no names of their own"
_NO_MATERIALIZED = "it has no materialized views"

NO_SUCH_KIND: dict[tuple[str, str], str] = {
    ("identity", "sqlite"): "SQLite has no identity columns",
    ("identity", "mysql"): "MariaDB has AUTO_INCREMENT instead of identity columns",
    ("comment", "sqlite"): "SQLite has no comments",
    ("charset", "sqlite"): "the encoding is that of the whole database",
    ("charset", "postgresql"): "the encoding is that of the whole database",
    ("exclude constraint", "sqlite"): "only PostgreSQL has EXCLUDE",
    ("exclude constraint", "mysql"): "only PostgreSQL has EXCLUDE",
    ("schema", "sqlite"): "an attached file is not a schema of the database",
    ("enum type", "sqlite"): _NO_NAMED_TYPES,
    ("enum type", "mysql"): "ENUM is a type of one column: see column type",
    ("domain", "sqlite"): _NO_NAMED_TYPES,
    ("domain", "mysql"): _NO_NAMED_TYPES,
    ("sequence", "sqlite"): "SQLite has no sequences",
    ("partition", "sqlite"): "SQLite has no partitions",
    ("inheritance", "sqlite"): "only PostgreSQL has INHERITS",
    ("inheritance", "mysql"): "only PostgreSQL has INHERITS",
    ("tablespace", "sqlite"): "SQLite has no tablespaces",
    ("engine", "sqlite"): "only MariaDB and MySQL have storage engines",
    ("engine", "postgresql"): "only MariaDB and MySQL have storage engines",
    ("materialized view", "sqlite"): _NO_MATERIALIZED,
    ("materialized view", "mysql"): _NO_MATERIALIZED,
    ("policy", "sqlite"): "only PostgreSQL has row security",
    ("policy", "mysql"): "only PostgreSQL has row security",
    ("grant", "sqlite"): "SQLite has no users",
    ("rule", "sqlite"): "only PostgreSQL has rules",
    ("rule", "mysql"): "only PostgreSQL has rules",
    ("function", "sqlite"): "functions are the application's",
    ("extension", "sqlite"): "extensions are the connection's",
    ("extension", "mysql"): "plugins are the server's",
}
"""Kind and database: the database has no such thing."""

NO_SUCH_CHANGE: dict[tuple[str, str], str] = {}
"""Kind and action: nothing of the kind can be done, on any database."""

NO_SUCH_CHANGE_THERE: dict[tuple[str, str, str], str] = {}
"""Kind, action and database."""

NOT_DETECTED: dict[str, str] = {}
"""Action."""
