"""Which kinds of things a database has at all, in one cheap query: what it has none of is not asked about.

Most databases have tables, and little of what may hang on them. To plan the queries about views, rights, triggers and the like takes the server
longer than to find out that there are none. Each answer errs on one side only: True where there may be some, in any schema.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemadiff.backends.records import Record
from schemadiff.frozen import dataclass

__all__ = ["CENSUS", "OWN", "Census"]

# Everything below this oid came with initdb (FirstNormalObjectId in src/include/access/transam.h).
OWN = 16384

# One row per schema, the same counts in each: the schemas are wanted, too. Without a schema there is nothing to read.
CENSUS = f"""
    WITH class AS MATERIALIZED (
        SELECT bool_or(c.relkind IN ('r', 'p')) AS tables, bool_or(c.relkind IN ('v', 'm')) AS views,
            bool_or(c.relkind = 'S') AS sequences, bool_or(c.relkind = 'p') AS partitioned,
            bool_or(c.relkind IN ('f', 'c', 'm') OR c.relispartition) AS others, bool_or(c.relkind = 'c') AS composites,
            bool_or(c.relacl IS NOT NULL) AS granted,
            bool_or(c.relkind IN ('r', 'p') AND (
                c.relowner <> (SELECT u.oid FROM pg_catalog.pg_roles AS u WHERE u.rolname = current_user)
                OR c.relrowsecurity OR c.relforcerowsecurity OR c.relreplident <> 'd'
            )) AS marked
        FROM pg_catalog.pg_class AS c WHERE c.oid >= {OWN} AND c.relpersistence <> 't'
    ), attribute AS MATERIALIZED (
        SELECT bool_or(a.attacl IS NOT NULL) AS granted, bool_or(a.attidentity <> '') AS identities,
            bool_or((a.attoptions IS NOT NULL OR a.attstattarget >= 0)
                AND a.attrelid IN (SELECT x.indexrelid FROM pg_catalog.pg_index AS x)) AS settings
        FROM pg_catalog.pg_attribute AS a WHERE a.attrelid >= {OWN} AND a.attnum > 0
    ), type AS MATERIALIZED (
        SELECT bool_or(t.typtype <> 'c' AND t.typinput <> 'pg_catalog.array_in'::pg_catalog.regproc) AS types,
            bool_or(t.typtype IN ('b', 'r', 'm') AND t.typinput <> 'pg_catalog.array_in'::pg_catalog.regproc) AS others,
            bool_or(t.typacl IS NOT NULL) AS granted
        FROM pg_catalog.pg_type AS t WHERE t.oid >= {OWN}
    ), routine AS MATERIALIZED (
        SELECT count(*) > 0 AS functions, bool_or(p.proacl IS NOT NULL) AS granted FROM pg_catalog.pg_proc AS p WHERE p.oid >= {OWN}
    ), hanging AS MATERIALIZED (
        SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE NOT t.tgisinternal)
            OR EXISTS (SELECT FROM pg_catalog.pg_rewrite AS w WHERE w.oid >= {OWN} AND w.ev_type <> '1')
            OR EXISTS (SELECT FROM pg_catalog.pg_policy) OR EXISTS (SELECT FROM pg_catalog.pg_statistic_ext)
            OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel) AS parts,
            EXISTS (SELECT FROM pg_catalog.pg_default_acl)
            OR EXISTS (SELECT FROM pg_catalog.pg_index AS x WHERE x.indrelid >= {OWN} AND x.indisclustered) AS marks
    )
    SELECT n.nspname::text AS name, pg_catalog.current_schema()::text AS current, n.oid >= {OWN} AND n.nspacl IS NOT NULL AS granted,
        c.tables, c.views, c.sequences, c.partitioned, t.types OR c.composites AS types, r.functions,
        c.others OR t.others OR a.identities OR EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        ) AS others,
        c.granted OR a.granted OR t.granted OR r.granted AS object_granted, h.parts, c.marked OR h.marks AS marks, a.settings,
        EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_type AS y ON y.oid = d.refobjid
            WHERE d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid >= {OWN}
                AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid > 0 AND (y.typtype = 'c' OR y.typcategory = 'A')
        ) AS row_types
    FROM pg_catalog.pg_namespace AS n, class AS c, attribute AS a, type AS t, routine AS r, hanging AS h
"""


@dataclass(frozen=True, slots=True)
class Census:
    """Which kinds of things there may be.

    Args:
        tables: tables at all.
        types: enums, domains and the like.
        sequences: sequences, those behind columns too.
        standing: views and functions.
        parts: what is a part of a table, or said of a dependant, its partitions included.
        edges: dependants that stand on something.
        grants: rights that are not the usual ones.
        others: relations and types that have a name, and are none of the above.
        settings: settings of the columns of indexes.
    """

    tables: bool = True
    types: bool = True
    sequences: bool = True
    standing: bool = True
    parts: bool = True
    edges: bool = True
    grants: bool = True
    others: bool = True
    settings: bool = True

    @classmethod
    def of(cls, rows: Sequence[Record]) -> Census:
        """Return what the rows of :data:`CENSUS` tell."""
        if not rows:
            return cls()
        row = rows[0]
        standing = bool(row.views or row.functions)
        return cls(
            tables=bool(row.tables),
            types=bool(row.types),
            sequences=bool(row.sequences),
            standing=standing,
            parts=bool(standing or row.parts or row.marks or row.partitioned),
            edges=bool(standing or row.parts or row.row_types),
            grants=bool(row.object_granted or any(each.granted for each in rows)),
            others=bool(row.others),
            settings=bool(row.settings),
        )
