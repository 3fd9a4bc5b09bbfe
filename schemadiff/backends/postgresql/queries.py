"""The catalog queries of reflection: one for each kind of object, for all schemas together.

Each takes the parameter ``schemas``, a list of names. ``name`` and ``"char"`` columns are cast, as drivers differ in what they make of them.
Where a column of the catalog exists from some version on only, :func:`for_version` puts in what older servers have in its place.
"""

from __future__ import annotations

import re

__all__ = [
    "COLUMNS",
    "CONSTRAINTS",
    "ELEMENTS",
    "INDEXES",
    "RELATION",
    "RELATIONS",
    "SEQUENCES",
    "TYPES",
    "for_version",
]

_NO_EXTENSION = """
    NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS e
        WHERE e.classid = '{catalog}'::pg_catalog.regclass AND e.objid = {oid} AND e.deptype = 'e'
    )
"""

_SCOPE = "n.nspname::text = ANY (CAST(:schemas AS text[]))"

# The name of a collation; one that is not on the search path with its schema, both quoted: "i18n"."german".
_COLLATION = """
    CASE WHEN l.oid IS NULL OR pg_catalog.pg_collation_is_visible(l.oid) THEN l.collname::text ELSE (
        SELECT '"' || replace(ln.nspname, '"', '""') || '"."' || replace(l.collname, '"', '""') || '"'
        FROM pg_catalog.pg_namespace AS ln WHERE ln.oid = l.collnamespace
    ) END
"""

# The beginning of a query. Ordinary and partitioned tables: no partitions, nothing temporary, nothing that belongs to an extension.
RELATION = f"""
    WITH relation AS (
        SELECT c.oid, c.relname, n.nspname, c.relkind, c.relpersistence, c.reloptions, c.reltoastrelid, c.reltablespace, c.relam, c.reloftype
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AND {_SCOPE}
            AND {_NO_EXTENSION.format(catalog="pg_catalog.pg_class", oid="c.oid")}
    )
"""

RELATIONS = f"""
    {RELATION}
    SELECT r.oid, r.relname::text AS name, r.nspname::text AS schema, r.relpersistence::text AS persistence,
        r.reloptions AS parameters, t.reloptions AS toast_parameters, s.spcname::text AS tablespace,
        m.amname::text AS method,
        CASE WHEN r.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(r.oid) END AS partition_key,
        (
            SELECT pg_catalog.array_agg(
                CASE WHEN q.nspname = pg_catalog.current_schema() THEN '' ELSE pg_catalog.quote_ident(q.nspname) || '.' END
                || pg_catalog.quote_ident(p.relname) ORDER BY i.inhseqno
            )
            FROM pg_catalog.pg_inherits AS i
            JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent
            JOIN pg_catalog.pg_namespace AS q ON q.oid = p.relnamespace
            WHERE i.inhrelid = r.oid
        ) AS parents,
        CASE WHEN r.reloftype <> 0 THEN pg_catalog.format_type(r.reloftype, NULL) END AS of_type, d.description AS comment
    FROM relation AS r
    LEFT JOIN pg_catalog.pg_class AS t ON t.oid = r.reltoastrelid
    LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = r.reltablespace
    LEFT JOIN pg_catalog.pg_am AS m ON m.oid = r.relam
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = r.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
"""

# What stands after the first three columns makes a column what it is: the same values are the same column. The name of a NOT NULL is null
# where it is the usual one.
COLUMNS = f"""
    {RELATION}
    SELECT a.attrelid AS relation, a.attnum AS number, a.attislocal AS is_local, a.attname::text AS name, a.attnotnull AS not_null,
        a.attidentity::text AS identity, a.attgenerated::text AS generated,
        a.atttypid AS type_oid, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
        pg_catalog.pg_get_expr(f.adbin, f.adrelid) AS expression,
        {_COLLATION} AS collation, a.attcollation::int8 AS collation_oid, d.description AS comment,
        CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END AS storage, {{a.attcompression|''}}::text AS compression,
        NULLIF(a.attstattarget, -1) AS statistics,
        CASE WHEN a.attoptions::text LIKE '%n_distinct%' THEN pg_catalog.array_to_string(a.attoptions, ' ') END AS attributes,
        k.oid IS NOT NULL AS not_null_named, NULLIF(k.conname::text, r.relname || '_' || a.attname || '_not_null') AS not_null_name, k.connoinherit AS not_null_no_inherit, k.convalidated AS not_null_validated,
        kd.description AS not_null_comment
    FROM relation AS r
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef AS f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation AND a.attcollation <> t.typcollation
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = a.attrelid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = a.attnum
    LEFT JOIN pg_catalog.pg_constraint AS k
        ON k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND k.conislocal
    LEFT JOIN pg_catalog.pg_description AS kd
        ON kd.objoid = k.oid AND kd.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND kd.objsubid = 0
    ORDER BY a.attrelid, a.attnum
"""

# Constraints that a table has of its own: not those that it inherits, nor the rows that a foreign key to a partitioned table has for
# each of its partitions (conparentid). Columns are told by their numbers, "{1,2}": COLUMNS has their names, unless they are of a table that
# is not read.
CONSTRAINTS = f"""
    {RELATION}
    SELECT k.oid, k.conrelid AS relation, k.conname::text AS name, k.contype::text AS kind,
        k.condeferrable AS deferrable, k.condeferred AS deferred, k.convalidated AS validated, k.connoinherit AS no_inherit,
        {{k.conenforced|true}} AS enforced, {{k.conperiod|false}} AS period, k.conkey::text AS columns,
        fn.nspname::text AS referent_schema, fc.relname::text AS referent, k.confrelid AS referent_oid, k.confkey::text AS referent_columns,
        CASE WHEN k.contype = 'f' AND k.confrelid NOT IN (SELECT oid FROM relation) THEN (
            SELECT pg_catalog.array_agg(a.attname::text ORDER BY u.position)
            FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u (number, position)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.number
        ) END AS outer_columns,
        k.confupdtype::text AS on_update, k.confdeltype::text AS on_delete, k.confmatchtype::text AS match,
        {{k.confdelsetcols|NULL::int2[]}}::text AS set_columns,
        CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END AS expression,
        CASE WHEN k.contype = 'x' THEN (
            SELECT pg_catalog.array_agg(
                CASE WHEN pg_catalog.pg_operator_is_visible(o.oid) THEN o.oprname::text
                ELSE 'OPERATOR(' || pg_catalog.quote_ident(q.nspname) || '.' || o.oprname || ')' END ORDER BY u.position
            )
            FROM pg_catalog.unnest(k.conexclop) WITH ORDINALITY AS u (operator, position)
            JOIN pg_catalog.pg_operator AS o ON o.oid = u.operator
            JOIN pg_catalog.pg_namespace AS q ON q.oid = o.oprnamespace
        ) END AS operators,
        x.indexrelid AS index_oid, {{x.indnullsnotdistinct|false}} AS nulls_not_distinct,
        CASE WHEN x.indnatts > x.indnkeyatts THEN (
            SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = x.indexrelid AND a.attnum > x.indnkeyatts
        ) END AS include,
        ic.reloptions AS parameters, s.spcname::text AS tablespace, d.description AS comment
    FROM relation AS r
    JOIN pg_catalog.pg_constraint AS k ON k.conrelid = r.oid
    LEFT JOIN pg_catalog.pg_class AS fc ON fc.oid = k.confrelid
    LEFT JOIN pg_catalog.pg_namespace AS fn ON fn.oid = fc.relnamespace
    LEFT JOIN pg_catalog.pg_index AS x ON x.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
    LEFT JOIN pg_catalog.pg_class AS ic ON ic.oid = x.indexrelid
    LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = ic.reltablespace
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = k.oid AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objsubid = 0
    WHERE k.contype IN ('p', 'u', 'c', 'f', 'x') AND k.conislocal AND k.conparentid = 0
"""

# Indexes that are no primary key and no unique constraint; those of exclusion constraints are needed for their elements. Columns, collations
# and flags of the elements are lists of numbers, "1 2"; an element that is an expression has the number 0.
INDEXES = f"""
    {RELATION}
    SELECT x.indexrelid AS oid, x.indrelid AS relation, ic.relname::text AS name, m.amname::text AS method, x.indisunique AS is_unique,
        ic.relkind = 'i' AND NOT x.indisvalid AS invalid, {{x.indnullsnotdistinct|false}} AS nulls_not_distinct,
        pg_catalog.pg_get_expr(x.indpred, x.indrelid) AS predicate,
        CASE WHEN x.indexprs IS NOT NULL THEN pg_catalog.pg_get_indexdef(x.indexrelid) END AS definition,
        x.indnkeyatts AS keys, x.indkey::text AS columns, x.indoption::text AS flags, x.indcollation::text AS collations,
        x.indclass::oid[] <@ (SELECT pg_catalog.array_agg(o.oid) FROM pg_catalog.pg_opclass AS o WHERE o.opcdefault) AS usual,
        ic.reloptions AS parameters, s.spcname::text AS tablespace, d.description AS comment, k.oid AS exclusion
    FROM relation AS r
    JOIN pg_catalog.pg_index AS x ON x.indrelid = r.oid
    JOIN pg_catalog.pg_class AS ic ON ic.oid = x.indexrelid
    JOIN pg_catalog.pg_am AS m ON m.oid = ic.relam
    LEFT JOIN pg_catalog.pg_constraint AS k ON k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')
    LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = ic.reltablespace
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = ic.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
    WHERE k.oid IS NULL OR k.contype = 'x'
"""

# The elements of the indexes that say more than columns and their order.
ELEMENTS = f"""
    SELECT x.indexrelid AS index_oid, g.position AS position, g.position <= x.indnkeyatts AS is_key, a.attname::text AS column,
        CASE WHEN x.indkey[g.position - 1] = 0 THEN pg_catalog.pg_get_indexdef(x.indexrelid, g.position, false) END AS expression,
        CASE WHEN NOT o.opcdefault OR p.attoptions IS NOT NULL THEN
            CASE WHEN pg_catalog.pg_opclass_is_visible(o.oid) THEN '' ELSE pg_catalog.quote_ident(q.nspname) || '.' END
            || pg_catalog.quote_ident(o.opcname)
        END AS opclass,
        p.attoptions AS opclass_parameters, NULLIF(p.attstattarget, -1) AS statistics,
        CASE WHEN a.attname IS NOT NULL AND x.indcollation[g.position - 1] <> a.attcollation THEN {_COLLATION} END AS collation,
        CASE WHEN g.position <= x.indnkeyatts THEN x.indoption[g.position - 1] ELSE 0 END AS flags
    FROM pg_catalog.pg_index AS x
    CROSS JOIN LATERAL pg_catalog.generate_series(1, x.indnatts::int) AS g (position)
    JOIN pg_catalog.pg_attribute AS p ON p.attrelid = x.indexrelid AND p.attnum = g.position
    LEFT JOIN pg_catalog.pg_attribute AS a
        ON a.attrelid = x.indrelid AND a.attnum = x.indkey[g.position - 1] AND x.indkey[g.position - 1] <> 0
    LEFT JOIN pg_catalog.pg_opclass AS o ON o.oid = x.indclass[g.position - 1] AND g.position <= x.indnkeyatts
    LEFT JOIN pg_catalog.pg_namespace AS q ON q.oid = o.opcnamespace
    LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = x.indcollation[g.position - 1] AND g.position <= x.indnkeyatts
    WHERE x.indexrelid = ANY (CAST(:indexes AS oid[]))
    ORDER BY x.indexrelid, g.position
"""

# Enums, domains and the like of all schemas: columns may use types of schemas that are not read. Their users are what hangs on them,
# is no part of a table and cannot be taken off for a while, as views and functions are. What a domain of a schema that is read is made of
# is one JSON value.
TYPES = f"""
    SELECT t.oid, t.typarray AS array_oid, n.nspname::text AS schema, t.typname::text AS name, t.typtype::text AS kind,
        NOT ({_NO_EXTENSION.format(catalog="pg_catalog.pg_type", oid="t.oid")}) AS extension,
        (
            SELECT pg_catalog.array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
            FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid
        ) AS labels,
        CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END AS base,
        d.description AS comment,
        CASE WHEN t.typtype IN ('e', 'd') THEN (
            SELECT pg_catalog.array_agg(u.description ORDER BY u.description)
            FROM (
                SELECT pg_catalog.pg_describe_object(x.classid, x.objid, x.objsubid) AS description
                FROM pg_catalog.pg_depend AS x
                LEFT JOIN pg_catalog.pg_class AS r ON r.oid = x.objid AND x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                WHERE x.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND x.refobjid IN (t.oid, t.typarray) AND x.deptype = 'n'
                    AND (r.relkind = 'c' OR x.classid IN (
                        'pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_range'::pg_catalog.regclass,
                        'pg_catalog.pg_cast'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass
                    ))
            ) AS u
        ) END AS users,
        CASE WHEN t.typtype = 'd' AND {_SCOPE} THEN (
            SELECT pg_catalog.json_build_object('not_null', t.typnotnull, 'type_oid', t.typbasetype::int8,
                'expression', pg_catalog.pg_get_expr(t.typdefaultbin, 0), 'collation', l.collname::text,
                'checks', (
                    SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', k.conname::text, 'validated', k.convalidated,
                        'expression', pg_catalog.pg_get_expr(k.conbin, 0), 'comment', kd.description) ORDER BY k.conname::text)
                    FROM pg_catalog.pg_constraint AS k
                    LEFT JOIN pg_catalog.pg_description AS kd
                        ON kd.objoid = k.oid AND kd.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND kd.objsubid = 0
                    WHERE k.contypid = t.oid AND k.contype = 'c'
                ))::text
            FROM pg_catalog.pg_type AS b
            LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = t.typcollation AND t.typcollation <> b.typcollation
            WHERE b.oid = t.typbasetype
        ) END AS domain
    FROM pg_catalog.pg_type AS t
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objsubid = 0
    WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
        AND (t.typtype IN ('e', 'd', 'r', 'm') OR t.typtype = 'b' AND t.typcategory <> 'A' OR t.typtype = 'c' AND c.relkind = 'c')
"""

SEQUENCES = f"""
    SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.oid::pg_catalog.regclass::text AS written,
        pg_catalog.format_type(s.seqtypid, NULL) AS type, s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS minvalue,
        s.seqmax AS maxvalue, s.seqcycle AS cycle, s.seqcache AS cache,
        c.relpersistence = 'u' AS unlogged, o.refobjid AS owner, o.refobjsubid AS owner_column, o.deptype::text AS ownership,
        t.relname::text AS owner_name, a.attname::text AS owner_column_name, d.description AS comment
    FROM pg_catalog.pg_sequence AS s
    JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_depend AS o
        ON o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.objid = c.oid AND o.objsubid = 0
        AND o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
    LEFT JOIN pg_catalog.pg_class AS t ON t.oid = o.refobjid
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
    WHERE c.relpersistence <> 't' AND {_SCOPE} AND {_NO_EXTENSION.format(catalog="pg_catalog.pg_class", oid="c.oid")}
"""

# The version from which on a column of the catalog exists.
_SINCE = {
    "attcompression": 14,
    "confdelsetcols": 15,
    "indnullsnotdistinct": 15,
    "prattrs": 15,
    "prqual": 15,
    "stxstattarget": 13,
    "conenforced": 18,
    "conperiod": 18,
}

_CHOICE = re.compile(r"\{(\w+\.(\w+))\|([^}]*)\}")


def for_version(query: str, major: int) -> str:
    """Return ``query`` as a server of the major version ``major`` understands it: of ``{new|old}``, one is left."""
    return _CHOICE.sub(lambda match: match.group(1) if major >= _SINCE[match.group(2)] else match.group(3), query)
