"""The query about partitions, which hang on a partitioned table: they are left alone, and come back with a table that was dropped.

Those that are partitioned again come before what is in them. Their rows do not come back, as those of no dropped table do.
"""

from __future__ import annotations

from schemadiff.backends.postgresql.queries import RELATION

__all__ = ["PARTITIONS"]

_OWN = """
    SELECT 1 AS rank, a.attname::text AS name, 'ALTER TABLE ' || t.oid::pg_catalog.regclass || ' ALTER COLUMN '
        || pg_catalog.quote_ident(a.attname) || COALESCE(' SET DEFAULT ' || pg_catalog.pg_get_expr(f.adbin, f.adrelid), ' DROP DEFAULT') AS sql
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_attribute AS b ON b.attrelid = t.parent AND b.attname = a.attname
    LEFT JOIN pg_catalog.pg_attrdef AS f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    LEFT JOIN pg_catalog.pg_attrdef AS g ON g.adrelid = b.attrelid AND g.adnum = b.attnum
    WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
        AND pg_catalog.pg_get_expr(f.adbin, f.adrelid) IS DISTINCT FROM pg_catalog.pg_get_expr(g.adbin, g.adrelid)
    UNION ALL
    SELECT 2, a.attname::text, 'ALTER TABLE ' || t.oid::pg_catalog.regclass || ' ALTER COLUMN '
        || pg_catalog.quote_ident(a.attname) || ' SET NOT NULL'
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_attribute AS b ON b.attrelid = t.parent AND b.attname = a.attname
    WHERE a.attrelid = t.oid AND a.attnum > 0 AND a.attnotnull AND NOT b.attnotnull
    UNION ALL
    SELECT 3, k.conname::text, 'ALTER TABLE ' || t.oid::pg_catalog.regclass || ' ADD CONSTRAINT ' || pg_catalog.quote_ident(k.conname) || ' '
        || pg_catalog.pg_get_constraintdef(k.oid)
    FROM pg_catalog.pg_constraint AS k
    WHERE k.conrelid = t.oid AND k.contype IN ('p', 'u', 'c', 'f', 'x') AND k.conislocal AND k.conparentid = 0
    UNION ALL
    SELECT 4, i.relname::text, pg_catalog.pg_get_indexdef(x.indexrelid)
    FROM pg_catalog.pg_index AS x JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid AND NOT i.relispartition
    WHERE x.indrelid = t.oid AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = x.indexrelid AND k.conrelid = t.oid)
    UNION ALL
    SELECT 5, NULL, 'COMMENT ON TABLE ' || t.oid::pg_catalog.regclass || ' IS '
        || pg_catalog.quote_literal(pg_catalog.obj_description(t.oid, 'pg_class'))
    UNION ALL
    SELECT 6, NULL, 'ALTER TABLE ' || t.oid::pg_catalog.regclass || ' OWNER TO ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner))
    WHERE pg_catalog.pg_get_userbyid(c.relowner) <> current_user
"""

PARTITIONS = f"""
    {RELATION.replace("WITH", "WITH RECURSIVE", 1)}, tree AS (
        SELECT r.oid AS root, i.inhrelid AS oid, i.inhparent AS parent, 1 AS depth
        FROM relation AS r JOIN pg_catalog.pg_inherits AS i ON i.inhparent = r.oid
        WHERE r.relkind = 'p'
        UNION ALL
        SELECT t.root, i.inhrelid, i.inhparent, t.depth + 1
        FROM tree AS t JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid
    )
    SELECT t.root, t.depth, c.oid::pg_catalog.regclass::text AS name,
        'CREATE ' || CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END || 'TABLE ' || c.oid::pg_catalog.regclass || ' PARTITION OF '
        || t.parent::pg_catalog.regclass || ' ' || pg_catalog.pg_get_expr(c.relpartbound, c.oid)
        || CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_catalog.pg_get_partkeydef(c.oid) ELSE '' END
        || COALESCE(' WITH (' || pg_catalog.array_to_string(c.reloptions, ', ') || ')', '')
        || COALESCE(' TABLESPACE ' || pg_catalog.quote_ident(s.spcname), '') AS sql,
        (SELECT pg_catalog.array_agg(o.sql ORDER BY o.rank, o.name) FROM ({_OWN}) AS o WHERE o.sql IS NOT NULL) AS also
    FROM tree AS t
    JOIN pg_catalog.pg_class AS c ON c.oid = t.oid AND c.relkind IN ('r', 'p')
    LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = c.reltablespace
"""
