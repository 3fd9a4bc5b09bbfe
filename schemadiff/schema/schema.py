"""A whole schema, as plain data: what one side of a comparison holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from schemadiff.frozen import dataclass
from schemadiff.schema.names import Name
from schemadiff.schema.objects import Domain, Enum, OtherRelation, OwnedSequence, Sequence
from schemadiff.schema.tables import Dependant, Table, View

__all__ = ["Schema", "Server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The database that a Schema is canonical for.

    Args:
        dialect: SQLAlchemy's name of the dialect.
        version: the server's version; an empty tuple where there is no server (offline, or a MetaData alone).
        default_schema: the schema of unqualified names; None where the database has no schemas or none is known.
        flavour: ``mariadb`` where the dialect ``mysql`` talks to MariaDB; else empty.
        settings: what else lowering has to know, e.g. the default engine, charset and collation of a MySQL database.
    """

    dialect: str
    version: tuple[int, ...] = ()
    default_schema: str | None = None
    flavour: str = ""
    settings: tuple[tuple[str, str], ...] = ()

    def setting(self, name: str, default: str = "") -> str:
        """Return the setting ``name``, or ``default``."""
        return next((value for key, value in self.settings if key == name), default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """Tables and what stands beside them, canonical for one server. It knows no operation and no connection.

    Args:
        server: what it is canonical for.
        tables, enums, domains, sequences, views: by name.
        schemas: the schemas that exist (on the database's side) or are asked for (on the model's), the default one excluded.
        dependants: views that are not the model's, by name; kept, never compared.
        routines: functions and what else stands on tables and types, by itself, and shares no name space with them; kept, never compared.
        owned: sequences behind autoincrement columns, by name: no objects of their own unless the other side names them as such.
        others: what else has a name that a new table, index or type cannot have, by name; kept, never compared.
        complete: it states every type and sequence there is, as a database's does. A model may leave some out: what it does not
            name is then nobody's to drop.
    """

    server: Server
    tables: Mapping[Name, Table] = field(default_factory=dict)
    enums: Mapping[Name, Enum] = field(default_factory=dict)
    domains: Mapping[Name, Domain] = field(default_factory=dict)
    sequences: Mapping[Name, Sequence] = field(default_factory=dict)
    views: Mapping[Name, View] = field(default_factory=dict)
    schemas: frozenset[str] = frozenset()
    dependants: Mapping[Name, Dependant] = field(default_factory=dict, compare=False)
    routines: tuple[Dependant, ...] = field(default=(), compare=False)
    owned: Mapping[Name, OwnedSequence] = field(default_factory=dict, compare=False)
    others: Mapping[Name, OtherRelation] = field(default_factory=dict, compare=False)
    complete: bool = field(default=False, compare=False)
