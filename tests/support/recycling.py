"""Empty PostgreSQL databases, used again.

CREATE DATABASE and DROP DATABASE each take up to a second on a server that syncs to its disk, and every test takes
several. So a database goes back to a pool when its test ends: emptied, and kept only where its catalogs then hold nothing
that was not there when it was new. Whatever else was left in it, it is dropped.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

# Everybody else goes, and everything that was made: other schemas as a whole, in "public" one thing after the other, since
# a new "public" would have another owner and other rights.
_EMPTY = """
SET lock_timeout = '10s';
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger LOOP EXECUTE statement; END LOOP;
    FOR statement IN
        SELECT format('DROP EXTENSION %I CASCADE', extname) FROM pg_extension WHERE extname <> 'plpgsql'
    LOOP EXECUTE statement; END LOOP;
    FOR statement IN
        SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_'
    LOOP EXECUTE statement; END LOOP;
    FOR statement IN
        SELECT format(
            'DROP %s IF EXISTS public.%I CASCADE',
            CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END,
            relname
        ) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
        ORDER BY relkind = 'S'
    LOOP EXECUTE statement; END LOOP;
    FOR statement IN
        SELECT format('DROP %s IF EXISTS public.%I CASCADE', CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, typname)
        FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'r')
    LOOP EXECUTE statement; END LOOP;
    FOR statement IN
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    LOOP EXECUTE statement; END LOOP;
    FOR statement IN
        SELECT format('DROP COLLATION IF EXISTS public.%I CASCADE', collname)
        FROM pg_collation WHERE collnamespace = 'public'::regnamespace
    LOOP EXECUTE statement; END LOOP;
END $$;
"""

# Catalogs that have held thousands of tables stay large, and slow; and to drop as many at once takes all locks that the server has.
_IS_LARGE = "SELECT pg_database_size(current_database()) > 12000000"

# Objects that a user makes have OIDs from 16384 on (FirstNormalObjectId, PostgreSQL's src/include/access/transam.h).
_CATALOGS = (
    *("pg_class", "pg_type", "pg_proc", "pg_namespace", "pg_constraint", "pg_trigger", "pg_rewrite", "pg_policy"),
    *("pg_operator", "pg_opclass", "pg_opfamily", "pg_collation", "pg_conversion", "pg_cast", "pg_language", "pg_am"),
    *("pg_extension", "pg_event_trigger", "pg_publication", "pg_foreign_data_wrapper", "pg_foreign_server"),
    *("pg_statistic_ext", "pg_default_acl", "pg_transform", "pg_ts_config", "pg_ts_dict", "pg_ts_parser", "pg_attrdef"),
    "pg_largeobject_metadata",
)
_LEFT = " UNION ALL ".join(
    [
        # Each session that made a temporary table leaves its empty schemas behind.
        f"SELECT '{catalog}' FROM {catalog} WHERE oid >= 16384"
        + (" AND nspname !~ '^pg_(toast_)?temp_'" if catalog == "pg_namespace" else "")
        for catalog in _CATALOGS
    ]
    + [
        "SELECT 'setting' FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())",
        "SELECT 'rights' FROM pg_namespace WHERE nspname = 'public' AND nspacl::text NOT IN"
        " ('{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}', '{postgres=UC/postgres,=UC/postgres}')",
        "SELECT 'no public' WHERE to_regnamespace('public') IS NULL",
        "SELECT 'comment' FROM pg_namespace WHERE nspname = 'public'"
        " AND obj_description(oid, 'pg_namespace') IS DISTINCT FROM 'standard public schema'",
    ]
)


def emptied(url: sa.URL) -> bool:
    """Empty a database; return False where something is left in it, or it cannot be emptied."""
    engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            if connection.exec_driver_sql(_IS_LARGE).scalar_one():
                return False
            # Through the driver's cursor, which takes several statements at once and leaves "%" alone.
            connection.connection.cursor().execute(_EMPTY)
            return not connection.exec_driver_sql(_LEFT.replace("%", "%%")).all()
    except sa.exc.DBAPIError:
        return False
    except engine.dialect.loaded_dbapi.Error:
        return False
    finally:
        engine.dispose()
