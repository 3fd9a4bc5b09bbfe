"""The catalog queries about what hangs on tables and is not a model's, for all schemas together: each answers what it can in one go.

Views and functions of all schemas are read, as one that is out of scope may stand on a table that is in scope; what belongs to an extension
or to the system is not. Names come qualified where the search path does not find them (``regclass``), and quoted.
"""

from __future__ import annotations

from schemadiff.backends.postgresql.census import OWN
from schemadiff.backends.postgresql.partitions import PARTITIONS

__all__ = ["EDGES", "GRANTS", "PARTS", "STANDING"]

# Who gets rights on a new table by ALTER DEFAULT PRIVILEGES. A table that is made again has to have those that it had, and no other.
_BY_DEFAULT = """
    SELECT d.defaclrole AS owner, d.defaclnamespace AS namespace,
        CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END AS grantee
    FROM pg_catalog.pg_default_acl AS d CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) AS x
    WHERE d.defaclobjtype = 'r' AND x.grantee <> d.defaclrole
"""

_RELATION = """
    SELECT c.oid, c.relname, n.nspname, c.relnamespace, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relacl
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
        AND n.nspname::text = ANY (CAST(:schemas AS text[]))
"""

_VIEW = f"""
    SELECT c.*, n.nspname
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' AND c.oid >= {OWN}
        AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS e
            WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid AND e.deptype = 'e'
        )
"""

# Views, and functions that stand on something of the database's own: all other functions are in nobody's way.
STANDING = f"""
    WITH view AS ({_VIEW})
    SELECT v.oid, v.nspname::text AS schema, v.relname::text AS name, v.oid::pg_catalog.regclass::text AS written,
        CASE v.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS kind, pg_catalog.pg_get_viewdef(v.oid) AS sql,
        v.relispopulated AS populated, v.reloptions AS parameters,
        CASE WHEN m.amname <> pg_catalog.current_setting('default_table_access_method') THEN pg_catalog.quote_ident(m.amname) END AS method,
        pg_catalog.quote_ident(s.spcname) AS tablespace
    FROM view AS v
    LEFT JOIN pg_catalog.pg_am AS m ON m.oid = v.relam
    LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = v.reltablespace
    UNION ALL
    SELECT p.oid, n.nspname::text, p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
        p.oid::pg_catalog.regprocedure::text, CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END,
        CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) END, NULL, NULL, NULL, NULL
    FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE p.oid >= {OWN} AND n.nspname !~ '^pg_'
        AND EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.refobjid >= {OWN}
                AND d.refclassid = ANY (ARRAY['pg_catalog.pg_class', 'pg_catalog.pg_type', 'pg_catalog.pg_proc']::pg_catalog.regclass[])
        )
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS e
            WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid AND e.deptype = 'e'
        )
    ORDER BY 2, 3
"""

# What is a part of a table, in the order in which it is made again.
_OF_TABLES = f"""
    WITH relation AS ({_RELATION}), by_default AS ({_BY_DEFAULT})
    SELECT 0 AS rank, 'owner' AS kind, r.oid AS relation, NULL::oid AS oid, pg_catalog.pg_get_userbyid(r.relowner)::text AS name,
        'ALTER TABLE ' || r.oid::pg_catalog.regclass || ' OWNER TO ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(r.relowner)) AS sql,
        NULL::text AS off, NULL::text AS index_name
    FROM relation AS r WHERE pg_catalog.pg_get_userbyid(r.relowner) <> current_user
    UNION ALL
    SELECT 1, 'grant', r.oid, NULL, 'nothing by default to ' || x.grantee,
        'REVOKE ALL ON TABLE ' || r.oid::pg_catalog.regclass || ' FROM ' || x.grantee, NULL, NULL
    FROM relation AS r JOIN by_default AS x ON x.namespace IN (0, r.relnamespace) AND x.owner = r.relowner
    UNION
    SELECT 1, 'row level security', r.oid, NULL, 'enabled', 'ALTER TABLE ' || r.oid::pg_catalog.regclass || ' ENABLE ROW LEVEL SECURITY',
        'ALTER TABLE ' || r.oid::pg_catalog.regclass || ' DISABLE ROW LEVEL SECURITY', NULL
    FROM relation AS r WHERE r.relrowsecurity
    UNION ALL
    SELECT 2, 'row level security', r.oid, NULL, 'forced', 'ALTER TABLE ' || r.oid::pg_catalog.regclass || ' FORCE ROW LEVEL SECURITY',
        'ALTER TABLE ' || r.oid::pg_catalog.regclass || ' NO FORCE ROW LEVEL SECURITY', NULL
    FROM relation AS r WHERE r.relforcerowsecurity
    UNION ALL
    SELECT 3, 'policy', p.polrelid, p.oid, p.polname::text,
        'CREATE POLICY ' || pg_catalog.quote_ident(p.polname) || ' ON ' || p.polrelid::pg_catalog.regclass
        || CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END
        || CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE'
            WHEN 'd' THEN ' FOR DELETE' ELSE '' END
        || ' TO ' || (
            SELECT pg_catalog.string_agg(
                CASE WHEN u.role = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(u.role)) END, ', '
            )
            FROM pg_catalog.unnest(p.polroles) AS u (role)
        )
        || COALESCE(' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', '')
        || COALESCE(' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''),
        'DROP POLICY ' || pg_catalog.quote_ident(p.polname) || ' ON ' || p.polrelid::pg_catalog.regclass, NULL
    FROM relation AS r JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
    UNION ALL
    SELECT 4, 'trigger', t.tgrelid, t.oid, t.tgname::text, pg_catalog.pg_get_triggerdef(t.oid),
        'DROP TRIGGER ' || pg_catalog.quote_ident(t.tgname) || ' ON ' || t.tgrelid::pg_catalog.regclass, NULL
    FROM relation AS r JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 5, 'rule', w.ev_class, w.oid, w.rulename::text, pg_catalog.pg_get_ruledef(w.oid),
        'DROP RULE ' || pg_catalog.quote_ident(w.rulename) || ' ON ' || w.ev_class::pg_catalog.regclass, NULL
    FROM relation AS r JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = r.oid
    UNION ALL
    SELECT 6, 'statistics', e.stxrelid, e.oid, e.stxname::text, pg_catalog.pg_get_statisticsobjdef(e.oid),
        'DROP STATISTICS ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(e.stxname), NULL
    FROM relation AS r JOIN pg_catalog.pg_statistic_ext AS e ON e.stxrelid = r.oid JOIN pg_catalog.pg_namespace AS n ON n.oid = e.stxnamespace
    UNION ALL
    SELECT 7, 'publication', m.prrelid, m.oid, b.pubname::text,
        'ALTER PUBLICATION ' || pg_catalog.quote_ident(b.pubname) || ' ADD TABLE ONLY ' || m.prrelid::pg_catalog.regclass
        || COALESCE(' (' || (
            SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = m.prrelid AND a.attnum = ANY ({{m.prattrs|NULL::int2[]}})
        ) || ')', '')
        || COALESCE(' WHERE (' || pg_catalog.pg_get_expr({{m.prqual|NULL::pg_node_tree}}, m.prrelid) || ')', ''),
        'ALTER PUBLICATION ' || pg_catalog.quote_ident(b.pubname) || ' DROP TABLE ONLY ' || m.prrelid::pg_catalog.regclass, NULL
    FROM relation AS r JOIN pg_catalog.pg_publication_rel AS m ON m.prrelid = r.oid JOIN pg_catalog.pg_publication AS b ON b.oid = m.prpubid
    UNION ALL
    SELECT 8, 'replica identity', r.oid, NULL, COALESCE(c.relname::text, CASE r.relreplident WHEN 'f' THEN 'full' ELSE 'nothing' END),
        'ALTER TABLE ONLY ' || r.oid::pg_catalog.regclass || ' REPLICA IDENTITY '
        || CASE r.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE 'USING INDEX ' || pg_catalog.quote_ident(c.relname) END,
        'ALTER TABLE ONLY ' || r.oid::pg_catalog.regclass || ' REPLICA IDENTITY DEFAULT', c.relname::text
    FROM relation AS r
    LEFT JOIN pg_catalog.pg_index AS x ON x.indrelid = r.oid AND x.indisreplident AND r.relreplident = 'i'
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = x.indexrelid
    WHERE r.relreplident IN ('f', 'n') OR c.oid IS NOT NULL
    UNION ALL
    SELECT 9, 'cluster', r.oid, NULL, c.relname::text,
        'ALTER TABLE ' || r.oid::pg_catalog.regclass || ' CLUSTER ON ' || pg_catalog.quote_ident(c.relname),
        'ALTER TABLE ' || r.oid::pg_catalog.regclass || ' SET WITHOUT CLUSTER', c.relname::text
    FROM relation AS r
    JOIN pg_catalog.pg_index AS x ON x.indrelid = r.oid AND x.indisclustered
    JOIN pg_catalog.pg_class AS c ON c.oid = x.indexrelid
"""

# The statements about a dependant that its own definition leaves out, in the order in which they are to be said.
_STATEMENTS = f"""
    WITH view AS ({_VIEW}), relation AS ({_RELATION}), by_default AS ({_BY_DEFAULT})
    SELECT 'relation' AS kind, v.oid, 0 AS rank, v.relname::text AS name,
        'ALTER TABLE ' || v.oid::pg_catalog.regclass || ' OWNER TO ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(v.relowner)) AS sql
    FROM view AS v WHERE pg_catalog.pg_get_userbyid(v.relowner) <> current_user
    UNION ALL
    SELECT 'relation', v.oid, 1, a.attname::text, 'ALTER TABLE ' || v.oid::pg_catalog.regclass || ' ALTER COLUMN '
        || pg_catalog.quote_ident(a.attname) || ' SET DEFAULT ' || pg_catalog.pg_get_expr(f.adbin, f.adrelid)
    FROM view AS v
    JOIN pg_catalog.pg_attrdef AS f ON f.adrelid = v.oid
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = v.oid AND a.attnum = f.adnum
    UNION ALL
    SELECT 'relation', v.oid, 2, a.attname::text, 'ALTER MATERIALIZED VIEW ' || v.oid::pg_catalog.regclass || ' ALTER COLUMN '
        || pg_catalog.quote_ident(a.attname) || ' SET STATISTICS ' || a.attstattarget
    FROM view AS v JOIN pg_catalog.pg_attribute AS a ON a.attrelid = v.oid AND a.attnum > 0 AND a.attstattarget >= 0 AND v.relkind = 'm'
    UNION ALL
    SELECT 'relation', v.oid, 3, c.relname::text, pg_catalog.pg_get_indexdef(x.indexrelid)
    FROM view AS v JOIN pg_catalog.pg_index AS x ON x.indrelid = v.oid JOIN pg_catalog.pg_class AS c ON c.oid = x.indexrelid
    UNION ALL
    SELECT 'relation', v.oid, 4, c.relname::text, 'COMMENT ON INDEX ' || c.oid::pg_catalog.regclass || ' IS '
        || pg_catalog.quote_literal(pg_catalog.obj_description(c.oid, 'pg_class'))
    FROM view AS v JOIN pg_catalog.pg_index AS x ON x.indrelid = v.oid JOIN pg_catalog.pg_class AS c ON c.oid = x.indexrelid
    UNION ALL
    SELECT 'relation', v.oid, 4, c.relname::text, 'ALTER MATERIALIZED VIEW ' || v.oid::pg_catalog.regclass || ' CLUSTER ON '
        || pg_catalog.quote_ident(c.relname)
    FROM view AS v
    JOIN pg_catalog.pg_index AS x ON x.indrelid = v.oid AND x.indisclustered
    JOIN pg_catalog.pg_class AS c ON c.oid = x.indexrelid
    UNION ALL
    SELECT 'relation', v.oid, 4, e.stxname::text, pg_catalog.pg_get_statisticsobjdef(e.oid)
    FROM view AS v JOIN pg_catalog.pg_statistic_ext AS e ON e.stxrelid = v.oid
    UNION ALL
    SELECT 'relation', v.oid, 5, w.rulename::text, pg_catalog.pg_get_ruledef(w.oid)
    FROM view AS v JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = v.oid AND w.ev_type <> '1'
    UNION ALL
    SELECT 'relation', v.oid, 5, t.tgname::text, pg_catalog.pg_get_triggerdef(t.oid)
    FROM view AS v JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = v.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT CASE WHEN v.oid IS NULL THEN 'trigger' ELSE 'relation' END, COALESCE(v.oid, t.oid), 6, t.tgname::text,
        'ALTER TABLE ' || t.tgrelid::pg_catalog.regclass || CASE t.tgenabled WHEN 'D' THEN ' DISABLE' WHEN 'R' THEN ' ENABLE REPLICA'
            ELSE ' ENABLE ALWAYS' END || ' TRIGGER ' || pg_catalog.quote_ident(t.tgname)
    FROM pg_catalog.pg_trigger AS t LEFT JOIN view AS v ON v.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled <> 'O' AND t.tgrelid IN (SELECT oid FROM relation UNION ALL SELECT oid FROM view)
    UNION ALL
    SELECT CASE WHEN v.oid IS NULL THEN 'trigger' ELSE 'relation' END, COALESCE(v.oid, t.oid), 7, t.tgname::text,
        'COMMENT ON TRIGGER ' || pg_catalog.quote_ident(t.tgname) || ' ON ' || t.tgrelid::pg_catalog.regclass || ' IS '
        || pg_catalog.quote_literal(pg_catalog.obj_description(t.oid, 'pg_trigger'))
    FROM pg_catalog.pg_trigger AS t LEFT JOIN view AS v ON v.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgrelid IN (SELECT oid FROM relation UNION ALL SELECT oid FROM view)
    UNION ALL
    SELECT CASE WHEN v.oid IS NULL THEN 'rule' ELSE 'relation' END, COALESCE(v.oid, w.oid), 6, w.rulename::text,
        'ALTER TABLE ' || w.ev_class::pg_catalog.regclass || CASE w.ev_enabled WHEN 'D' THEN ' DISABLE' WHEN 'R' THEN ' ENABLE REPLICA'
            ELSE ' ENABLE ALWAYS' END || ' RULE ' || pg_catalog.quote_ident(w.rulename)
    FROM pg_catalog.pg_rewrite AS w LEFT JOIN view AS v ON v.oid = w.ev_class
    WHERE w.ev_type <> '1' AND w.ev_enabled <> 'O' AND w.ev_class IN (SELECT oid FROM relation UNION ALL SELECT oid FROM view)
    UNION ALL
    SELECT CASE WHEN v.oid IS NULL THEN 'rule' ELSE 'relation' END, COALESCE(v.oid, w.oid), 7, w.rulename::text,
        'COMMENT ON RULE ' || pg_catalog.quote_ident(w.rulename) || ' ON ' || w.ev_class::pg_catalog.regclass || ' IS '
        || pg_catalog.quote_literal(pg_catalog.obj_description(w.oid, 'pg_rewrite'))
    FROM pg_catalog.pg_rewrite AS w LEFT JOIN view AS v ON v.oid = w.ev_class
    WHERE w.ev_type <> '1' AND w.ev_class IN (SELECT oid FROM relation UNION ALL SELECT oid FROM view)
    UNION ALL
    SELECT 'policy', p.oid, 7, p.polname::text, 'COMMENT ON POLICY ' || pg_catalog.quote_ident(p.polname) || ' ON '
        || p.polrelid::pg_catalog.regclass || ' IS ' || pg_catalog.quote_literal(pg_catalog.obj_description(p.oid, 'pg_policy'))
    FROM relation AS r JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
    UNION ALL
    SELECT 'statistics', e.oid, s.rank, e.stxname::text, s.sql
    FROM relation AS r
    JOIN pg_catalog.pg_statistic_ext AS e ON e.stxrelid = r.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = e.stxnamespace
    CROSS JOIN LATERAL (VALUES
        (0, 'ALTER STATISTICS ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(e.stxname) || ' OWNER TO '
            || CASE WHEN pg_catalog.pg_get_userbyid(e.stxowner) <> current_user
                THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.stxowner)) END),
        (1, 'ALTER STATISTICS ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(e.stxname) || ' SET STATISTICS '
            || CASE WHEN {{e.stxstattarget|-1}} >= 0 THEN {{e.stxstattarget|-1}} END),
        (7, 'COMMENT ON STATISTICS ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(e.stxname) || ' IS '
            || pg_catalog.quote_literal(pg_catalog.obj_description(e.oid, 'pg_statistic_ext')))
    ) AS s (rank, sql)
    UNION ALL
    SELECT 'relation', v.oid, 7, v.relname::text,
        'COMMENT ON ' || CASE v.relkind WHEN 'm' THEN 'MATERIALIZED VIEW ' ELSE 'VIEW ' END || v.oid::pg_catalog.regclass || ' IS '
        || pg_catalog.quote_literal(pg_catalog.obj_description(v.oid, 'pg_class'))
    FROM view AS v
    UNION ALL
    SELECT 'relation', v.oid, 7, a.attname::text, 'COMMENT ON COLUMN ' || v.oid::pg_catalog.regclass || '.' || pg_catalog.quote_ident(a.attname)
        || ' IS ' || pg_catalog.quote_literal(d.description)
    FROM view AS v
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = v.oid
    JOIN pg_catalog.pg_description AS d
        ON d.objoid = v.oid AND d.objsubid = a.attnum AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
    UNION
    SELECT 'relation', v.oid, 8, x.grantee, 'REVOKE ALL ON TABLE ' || v.oid::pg_catalog.regclass || ' FROM ' || x.grantee
    FROM view AS v JOIN by_default AS x ON x.namespace IN (0, v.relnamespace) AND x.owner = v.relowner
    UNION ALL
    SELECT 'function', p.oid, s.rank, p.proname::text, s.sql
    FROM pg_catalog.pg_proc AS p
    CROSS JOIN LATERAL (VALUES
        (0, 'ALTER ROUTINE ' || p.oid::pg_catalog.regprocedure || ' OWNER TO ' || CASE WHEN pg_catalog.pg_get_userbyid(p.proowner) <> current_user
            THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.proowner)) END),
        (7, 'COMMENT ON ROUTINE ' || p.oid::pg_catalog.regprocedure || ' IS '
            || pg_catalog.quote_literal(pg_catalog.obj_description(p.oid, 'pg_proc')))
    ) AS s (rank, sql)
    WHERE p.oid >= {OWN}
"""

# The parts of tables, their partitions, and what is said about dependants (without a relation), in the order in which each is made again.
PARTS = f"""
    SELECT o.kind, o.relation, o.oid, o.rank, o.name, o.sql, o.off, o.index_name, NULL::text[] AS also FROM ({_OF_TABLES}) AS o
    UNION ALL
    SELECT 'partition', p.root, NULL, 100 + p.depth, p.name, p.sql, NULL, NULL, p.also FROM ({PARTITIONS}) AS p
    UNION ALL
    SELECT s.kind, NULL, s.oid, s.rank, s.name, s.sql, NULL, NULL, NULL FROM ({_STATEMENTS}) AS s WHERE s.sql IS NOT NULL
    ORDER BY 2, 3, 4, 5
"""

# The rights that differ from what an object of its kind and owner starts with; ``given`` is False for one that was taken away.
GRANTS = f"""
    WITH relation AS ({_RELATION}), view AS ({_VIEW}),
    object AS (
        SELECT 'relation' AS kind, r.oid, r.oid AS relation, NULL::text AS part, 'TABLE ' || r.oid::pg_catalog.regclass AS written,
            NULL::text AS schema, r.relacl AS acl, pg_catalog.acldefault('r', r.relowner) AS usual, r.relowner AS owner
        FROM relation AS r
        UNION ALL
        SELECT 'relation', v.oid, v.oid, NULL, 'TABLE ' || v.oid::pg_catalog.regclass, NULL, v.relacl,
            pg_catalog.acldefault('r', v.relowner), v.relowner
        FROM view AS v
        UNION ALL
        SELECT 'column', r.oid, r.oid, a.attname::text, 'TABLE ' || r.oid::pg_catalog.regclass, NULL, a.attacl, NULL::aclitem[], r.relowner
        FROM (SELECT oid, relowner FROM relation UNION ALL SELECT oid, relowner FROM view) AS r
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped
        UNION ALL
        SELECT 'sequence', c.oid, r.oid, NULL, 'SEQUENCE ' || c.oid::pg_catalog.regclass, NULL, c.relacl,
            pg_catalog.acldefault('s', c.relowner), c.relowner
        FROM relation AS r
        JOIN pg_catalog.pg_depend AS d
            ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = r.oid AND d.refobjsubid > 0
            AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
        JOIN pg_catalog.pg_class AS c ON c.oid = d.objid AND c.relkind = 'S'
        UNION ALL
        SELECT 'function', p.oid, NULL, NULL, 'ROUTINE ' || p.oid::pg_catalog.regprocedure, NULL, p.proacl,
            pg_catalog.acldefault('f', p.proowner), p.proowner
        FROM pg_catalog.pg_proc AS p WHERE p.oid >= {OWN}
        UNION ALL
        SELECT 'type', t.oid, NULL, t.typname::text, 'TYPE ' || t.oid::pg_catalog.regtype, n.nspname::text, t.typacl,
            pg_catalog.acldefault('T', t.typowner), t.typowner
        FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
        WHERE t.oid >= {OWN} AND n.nspname::text = ANY (CAST(:schemas AS text[]))
        UNION ALL
        SELECT 'schema', n.oid, NULL, NULL, 'SCHEMA ' || pg_catalog.quote_ident(n.nspname), n.nspname::text, n.nspacl,
            pg_catalog.acldefault('n', n.nspowner), n.nspowner
        FROM pg_catalog.pg_namespace AS n WHERE n.oid >= {OWN} AND n.nspname::text = ANY (CAST(:schemas AS text[]))
    ),
    changed AS (
        SELECT o.*, x.grantee, x.privilege_type, x.is_grantable, true AS given
        FROM object AS o CROSS JOIN LATERAL (
            SELECT a.grantee, a.privilege_type, a.is_grantable FROM pg_catalog.aclexplode(o.acl) AS a
            EXCEPT SELECT a.grantee, a.privilege_type, a.is_grantable FROM pg_catalog.aclexplode(o.usual) AS a
        ) AS x
        WHERE o.acl IS NOT NULL
        UNION ALL
        SELECT o.*, x.grantee, x.privilege_type, x.is_grantable, false
        FROM object AS o CROSS JOIN LATERAL (
            SELECT a.grantee, a.privilege_type, a.is_grantable FROM pg_catalog.aclexplode(o.usual) AS a
            EXCEPT SELECT a.grantee, a.privilege_type, a.is_grantable FROM pg_catalog.aclexplode(o.acl) AS a
        ) AS x
        WHERE o.acl IS NOT NULL
    )
    SELECT c.kind, c.oid, c.relation, c.part, c.written, c.schema, c.given, c.is_grantable AS grantable,
        CASE WHEN c.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.grantee)) END AS grantee,
        pg_catalog.array_agg(c.privilege_type::text ORDER BY c.privilege_type) AS privileges
    FROM changed AS c
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ORDER BY 1, 2, 4, 7, 9, 8
"""

# What stands on what. One row is one dependency of a dependant on something of the database's own.
_DEPENDENT = f"""
    SELECT CASE k.relname WHEN 'pg_rewrite' THEN CASE WHEN v.oid IS NULL THEN 'rule' ELSE 'relation' END
            WHEN 'pg_trigger' THEN CASE WHEN u.oid IS NULL THEN 'trigger' ELSE 'relation' END
            WHEN 'pg_policy' THEN 'policy' WHEN 'pg_statistic_ext' THEN 'statistics' WHEN 'pg_publication_rel' THEN 'publication'
            WHEN 'pg_proc' THEN 'function' ELSE 'other' END AS kind,
        COALESCE(v.oid, u.oid, d.objid) AS oid, d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_class AS k ON k.oid = d.classid AND k.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
    LEFT JOIN pg_catalog.pg_rewrite AS w ON k.relname = 'pg_rewrite' AND w.oid = d.objid
    LEFT JOIN pg_catalog.pg_class AS v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm')
    LEFT JOIN pg_catalog.pg_trigger AS t ON k.relname = 'pg_trigger' AND t.oid = d.objid
    LEFT JOIN pg_catalog.pg_class AS u ON u.oid = t.tgrelid AND u.relkind IN ('v', 'm')
    WHERE d.refobjid >= {OWN} AND d.deptype IN ('n', 'a')
        AND (
            k.relname IN ('pg_rewrite', 'pg_trigger', 'pg_policy', 'pg_statistic_ext', 'pg_publication_rel', 'pg_proc')
            OR k.relname IN ('pg_attrdef', 'pg_constraint', 'pg_class') AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
        )
"""

EDGES = f"""
    WITH dependent AS ({_DEPENDENT})
    SELECT d.kind, d.oid, NULL::text AS other, CASE c.relkind WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' ELSE 'relation' END AS on_kind,
        n.nspname::text AS schema, c.relname::text AS name, a.attname::text AS part, NULL::oid AS function,
        NULL::text[] AS columns
    FROM dependent AS d
    JOIN pg_catalog.pg_class AS p ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND p.oid = d.refobjid AND p.oid <> d.oid
    -- What is done to a partitioned table is done to its partitions.
    JOIN pg_catalog.pg_class AS c ON c.oid = CASE WHEN p.relispartition THEN pg_catalog.pg_partition_root(p.oid) ELSE p.oid END
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.oid AND a.attnum = d.refobjsubid AND d.refobjsubid <> 0
    UNION
    SELECT d.kind, d.oid, NULL, CASE WHEN c.oid IS NULL THEN 'type' ELSE 'relation' END, n.nspname::text,
        COALESCE(c.relname, b.typname)::text, NULL, NULL, NULL
    FROM dependent AS d
    JOIN pg_catalog.pg_type AS t ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = d.refobjid
    JOIN pg_catalog.pg_type AS b ON b.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
    JOIN pg_catalog.pg_namespace AS n ON n.oid = b.typnamespace
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = b.typrelid AND c.relkind <> 'c' AND c.oid <> d.oid
    UNION
    SELECT d.kind, d.oid, CASE WHEN d.kind = 'other' THEN pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) END,
        'function', NULL, NULL, NULL, d.refobjid, NULL
    FROM dependent AS d WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    UNION
    SELECT d.kind, d.oid, NULL, 'constraint', n.nspname::text, c.relname::text, k.conname::text, NULL,
        CASE WHEN k.contype IN ('p', 'u') THEN ARRAY(
            SELECT a.attname::text FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
        ) END
    FROM dependent AS d
    JOIN pg_catalog.pg_constraint AS k ON d.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.refobjid
    JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    UNION
    -- A column of another table that holds rows of this one: no column of it may change its type (find_composite_type_dependencies).
    SELECT 'other', d.objid, pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), 'row type', n.nspname::text, c.relname::text,
        NULL, NULL, NULL
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_type AS t ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = d.refobjid
    JOIN pg_catalog.pg_type AS b ON b.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
    JOIN pg_catalog.pg_class AS c ON c.oid = b.typrelid AND c.relkind IN ('r', 'p')
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class AS u ON u.oid = d.objid AND u.relkind IN ('r', 'p', 'm')
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid > 0 AND d.refobjid >= {OWN}
"""
