"""One pair, tried: which laws a tool keeps on it."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tests import oracle
from tests.corpus.cases import Case
from tests.corpus.tools import Refused, Tool
from tests.support.servers import Backend

LAWS = ("quiet", "silent", "convergent", "reversible", "rows")
"""What can fail: a difference where there is none; none where there is one; the rest as the design names it."""

# What no MetaData holds, and so stays as it is when a model is the target.
_LEFT_ALONE = re.compile(
    r"(CREATE|ALTER|COMMENT ON)( OR REPLACE)?( DEFINER=\S+)?"
    r"( SQL SECURITY \w+)? (FOREIGN TABLE|FUNCTION|PROCEDURE|AGGREGATE|(MATERIALIZED )?VIEW|(CONSTRAINT )?TRIGGER|POLICY|RULE|STATISTICS|"
    r"SEQUENCE|TYPE|DOMAIN|SCHEMA|EXTENSION|COLLATION|OPERATOR|EVENT|PUBLICATION)\b"
    r"|GRANT\b|REVOKE\b|ALTER DEFAULT PRIVILEGES\b|ALTER TABLE .* (ENABLE|FORCE) ROW LEVEL SECURITY"
    r"|ALTER TABLE .* (ENABLE|DISABLE) (ALWAYS |REPLICA )?(TRIGGER|RULE)"
    r"|ALTER TABLE .* (OWNER TO|CLUSTER ON|REPLICA IDENTITY)"
    r"|ALTER (TABLE|INDEX) .* ALTER COLUMN .* SET (STORAGE|COMPRESSION|STATISTICS|\()"
    # SQLite's dump puts the kind before the stored SQL.
    r"|(view|trigger) .* on .*: CREATE "
    # MariaDB's puts the kind and the database there.
    r"|(VIEW|SEQUENCE|TRIGGER|FUNCTION|PROCEDURE|EVENT) database\d+\..*: CREATE ",
    re.IGNORECASE | re.DOTALL,
)
# Drops what a MetaData can hold, with the views on it.
_DROP_THE_MODELS_OWN = """
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP %s IF EXISTS %I.%I CASCADE', kind, nspname, name)
        FROM (
            SELECT 1 AS rank, relnamespace AS namespace, oid, relname AS name, 'pg_class'::regclass AS catalog,
                CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                    WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS kind
            FROM pg_class WHERE relkind IN ('r', 'p', 'S', 'v', 'm', 'f')
            UNION ALL
            SELECT 2, typnamespace, oid, typname, 'pg_type'::regclass, CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END
            FROM pg_type WHERE typtype IN ('d', 'e')
        ) AS own
        JOIN pg_namespace ON pg_namespace.oid = namespace AND nspname NOT IN ('pg_catalog', 'information_schema')
            AND nspname !~ '^pg_'
        WHERE NOT EXISTS (
            SELECT FROM pg_depend WHERE classid = catalog AND objid = own.oid AND refobjid <> own.oid AND deptype IN ('e', 'i')
        )
        ORDER BY rank, kind <> 'TABLE'
    LOOP EXECUTE statement; END LOOP;
END $$;
"""

_SYSTEM_SCHEMAS = {"information_schema", "mysql", "performance_schema", "sys", "main", "public"}


@dataclass
class Outcome:
    """What a trial found: for each law that failed, how; what the tool wrote, or why it would not."""

    failures: dict[str, str] = field(default_factory=dict)
    text: str = ""
    refusal: str | None = None
    of_model: bool = False

    def keeps(self, law: str, case: Case) -> bool:
        """Tell whether a law holds. Where no step was taken towards the target, nothing that needs it holds."""
        if self.refusal is not None:
            expected = case.refusal(of_model=self.of_model)
            return expected is not None and re.search(expected, self.refusal) is not None
        steps = {"convergent": ("silent",), "reversible": ("silent", "convergent")}
        return not any(each in self.failures for each in (law, *steps.get(law, ())))

    def problem(self, case: Case) -> str:
        """Return what is wrong, for a person; nothing where every law holds."""
        expected = case.refusal(of_model=self.of_model)
        if self.refusal is not None:
            return "" if expected is not None and re.search(expected, self.refusal) else f"REFUSED: {self.refusal}"
        if not self.failures:
            return "" if expected is None else f"NOT REFUSED, as it should be with {expected!r}\n\n{self.text}"
        return "\n\n".join([*(f"{law.upper()}: {why}" for law, why in self.failures.items()), self.text])


def trial(backend: Backend, case: Case, tool: Tool, *, to_metadata: bool = False) -> Outcome:
    """Try one pair: from the database of ``before.sql`` to that of ``after.sql``, or to the model that SQLAlchemy reflects of it."""
    outcome = Outcome(of_model=to_metadata)
    case = case.on(backend)
    engine, goal = backend.engine(), backend.engine()
    load(engine, case.before)
    load(goal, case.after)
    schemas = sorted(set(_schemas(engine)) | set(_schemas(goal)))
    target: sa.Engine | sa.MetaData = goal
    written = oracle.dump(goal)
    if to_metadata:
        target = reflected(goal)
        goal = backend.engine()
        _make(goal, target, case)
    try:
        _laws(outcome, case, tool, engine, goal, target, schemas, written)
    except Refused as refusal:
        outcome.refusal = str(refusal)
    return outcome


def _make(engine: sa.Engine, metadata: sa.MetaData, case: Case) -> None:
    """Make a database with a model, among the functions, sequences, extensions and collations that were there before it."""
    if engine.dialect.name == "postgresql":
        load(engine, case.before)
        load(engine, _DROP_THE_MODELS_OWN)
    with engine.begin() as connection:
        for name in sorted({table.schema for table in metadata.tables.values() if table.schema}):
            connection.execute(sa.schema.CreateSchema(name, if_not_exists=True))
        metadata.create_all(connection)


def _laws(
    outcome: Outcome,
    case: Case,
    tool: Tool,
    engine: sa.Engine,
    goal: sa.Engine,
    target: sa.Engine | sa.MetaData,
    schemas: list[str],
    written: oracle.Dump,
) -> None:
    is_open = oracle.is_server_given
    start, seen, wanted = oracle.dump(engine), _seen(engine, target), _seen(goal, target)
    same = tool.compare(goal, target, schemas)
    if same:
        outcome.failures["quiet"] = same.text
    migration = tool.compare(engine, target, schemas)
    outcome.text = migration.text
    if migration and isinstance(target, sa.Engine) and all(action == "keep" for _, action in case.subjects):
        outcome.failures["quiet"] = migration.text
    if not migration:
        differs = _against(seen, seen, wanted, target, written)
        if differs:
            outcome.failures["silent"] = differs
        return
    counted = _rows(engine)
    kept = _kept(engine, case)
    try:
        with engine.begin() as connection:
            migration.upgrade(connection)
    except Exception as error:
        outcome.failures["convergent"] = f"the upgrade failed: {error}"
        return
    differs = _against(_seen(engine, target), seen, wanted, target, written)
    if differs:
        outcome.failures["convergent"] = differs
    else:
        again = tool.compare(engine, target, schemas)
        if again:
            outcome.failures["convergent"] = f"the next diff is not empty:\n{again.text}"
    lost = _lost(counted, _rows(engine)) or (
        "" if _kept(engine, case) == kept else f"{kept} became {_kept(engine, case)}"
    )
    if lost:
        outcome.failures["rows"] = lost
    try:
        with engine.begin() as connection:
            migration.downgrade(connection)
    except Exception as error:
        outcome.failures["reversible"] = f"the downgrade failed: {error}"
        return
    differs = oracle.difference(start, oracle.dump(engine), open_names=is_open)
    if differs:
        outcome.failures["reversible"] = differs
    if _kept(engine, case) != kept:
        outcome.failures["rows"] = f"after the downgrade {kept} became {_kept(engine, case)}"


def load(engine: sa.Engine, script: str) -> None:
    """Run a script of several statements on an empty database; it may have none."""
    if not any(line.strip() and not line.startswith("--") for line in script.splitlines()):
        return
    connection = engine.raw_connection()
    try:
        driver = connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            driver.executescript(script)
        elif engine.dialect.name == "postgresql":
            driver.execute(script)
        else:
            _load_mysql(engine, script)
        connection.commit()
    finally:
        connection.close()


def _load_mysql(engine: sa.Engine, script: str) -> None:
    import pymysql
    from pymysql.constants import CLIENT

    options = engine.dialect.create_connect_args(engine.url)[1]
    with pymysql.connect(**options | {"client_flag": CLIENT.MULTI_STATEMENTS, "autocommit": True}) as connection:
        cursor = connection.cursor()
        cursor.execute(script)
        while cursor.nextset():
            pass


def reflected(engine: sa.Engine) -> sa.MetaData:
    """Return what SQLAlchemy makes of a database."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    if engine.dialect.name == "postgresql":
        for name in _schemas(engine):
            metadata.reflect(engine, schema=name)
    for table in metadata.tables.values():
        for column in table.columns:
            _mend_default(column)
    _with_domains(metadata)
    _with_partitions(metadata, engine)
    _with_sequences(metadata, engine)
    return metadata


def _mend_default(column: sa.Column[object]) -> None:
    """Write the default ':x' so that it is one: SQLAlchemy puts what it reads into text(), for which a colon begins a parameter."""
    default = column.server_default
    if isinstance(default, sa.DefaultClause) and isinstance(default.arg, sa.TextClause) and default.arg._bindparams:
        column.server_default = sa.DefaultClause(sa.text(default.arg.text.replace(":", "\\:")))


def _with_domains(metadata: sa.MetaData) -> None:
    """Let the model make its domains, as a person would write them.

    SQLAlchemy reflects a domain as made by somebody else, its default as a literal, a colon in its check as a parameter, and its collation
    a second time in the type that it is made of.
    """
    for table in metadata.tables.values():
        for column in table.columns:
            type_: Any = getattr(column.type, "item_type", column.type)
            while isinstance(type_, postgresql.DOMAIN) and not type_.create_type:
                type_.create_type = True
                type_.collation = None if type_.collation == "default" else type_.collation
                type_.default = None if type_.default is None else _plain_text(str(type_.default))
                type_.check = None if type_.check is None else _plain_text(type_.check.text)
                type_ = type_.data_type
                if hasattr(type_, "collation"):
                    type_.collation = None


_SEQUENCES = """
    SELECT s.*, s.data_type::text AS type FROM pg_sequences AS s
    JOIN pg_namespace AS n ON n.nspname = s.schemaname JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.sequencename
    LEFT JOIN pg_depend AS d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        AND d.refclassid = 'pg_class'::regclass
    LEFT JOIN pg_class AS t ON t.oid = d.refobjid LEFT JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE d.deptype IS DISTINCT FROM 'i' AND c.relname IS DISTINCT FROM t.relname || '_' || a.attname || '_seq'
"""


def _with_sequences(metadata: sa.MetaData, engine: sa.Engine) -> None:
    """Let the model make its sequences, which SQLAlchemy does not reflect."""
    if engine.dialect.name != "postgresql":
        return
    types = {"smallint": sa.SmallInteger, "integer": sa.Integer, "bigint": sa.BigInteger}
    with engine.connect() as connection:
        for row in connection.exec_driver_sql(_SEQUENCES).all():
            options = {
                "start": row.start_value,
                "increment": row.increment_by,
                "minvalue": row.min_value,
                "maxvalue": row.max_value,
            }
            sa.Sequence(
                row.sequencename,
                schema=None if row.schemaname == "public" else row.schemaname,
                metadata=metadata,
                data_type=types[row.type],
                cycle=row.cycle,
                cache=row.cache_size,
                **options,
            )


_PARTITIONS = """
    SELECT c.oid::regclass::text AS name, CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS key, c.relispartition AS is_partition,
        n.nspname AS schema, c.relname AS bare
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = 'p' OR c.relispartition AND c.relkind = 'r'
"""


def _with_partitions(metadata: sa.MetaData, engine: sa.Engine) -> None:
    """Let the model have partitioned tables and none of their partitions, which SQLAlchemy reflects as tables that inherit."""
    if engine.dialect.name != "postgresql":
        return
    for row in _partitioned(engine):
        table = metadata.tables.get(row.bare if row.schema == "public" else f"{row.schema}.{row.bare}")
        if table is not None and row.is_partition:
            metadata.remove(table)
        elif table is not None:
            table.dialect_options["postgresql"]["partition_by"] = row.key
            table.dialect_kwargs["postgresql_partition_by"] = row.key


def _partitioned(engine: sa.Engine) -> list[sa.Row[Any]]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql(_PARTITIONS).all())


def _plain_text(sql: str) -> sa.TextClause:
    return sa.text(sql.replace(":", "\\:"))


def _schemas(engine: sa.Engine) -> list[str]:
    if engine.dialect.name != "postgresql":
        return []
    return [name for name in sa.inspect(engine).get_schema_names() if name not in _SYSTEM_SCHEMAS]


def _seen(engine: sa.Engine, target: object) -> oracle.Dump:
    """Return what the target can say of a database: a model knows partitioned tables, and leaves their partitions alone."""
    if not isinstance(target, sa.MetaData) or engine.dialect.name != "postgresql":
        return oracle.dump(engine)
    partitions = [row.bare for row in _partitioned(engine) if row.is_partition]
    return oracle.dump(engine, leave_out=[*oracle.OURS, *partitions])


def _against(found: oracle.Dump, start: oracle.Dump, wanted: oracle.Dump, target: object, written: oracle.Dump) -> str:
    """Return how a database differs from what it should be.

    For a model, what it cannot hold may have stayed as it was, or read as it does in the database that the model was made from
    (``written``: a view reads differently where its columns have other types). What both databases have of it must be there.
    """
    is_open = oracle.is_server_given
    if not isinstance(target, sa.MetaData):
        return oracle.difference(wanted, found, open_names=is_open)
    have, want = Counter(found.text(is_open)), Counter(wanted.text(is_open))
    stayed, goal = start.text(is_open), written.text(is_open)
    views = {match[1] for line in stayed if (match := re.match(r"CREATE (?:MATERIALIZED )?VIEW (\S+)", line))}
    indexes = {
        f"{match[2].rpartition('.')[0]}.{match[1]}"
        for line in stayed
        if (match := re.match(r"CREATE (?:UNIQUE )?INDEX (\S+) ON (\S+) ", line)) and match[2] in views
    }

    def is_left_alone(line: str) -> bool:
        about = re.match(
            r"(?:CREATE (?:UNIQUE )?INDEX \S+ ON|ALTER TABLE ONLY|COMMENT ON INDEX) (\S+) |COMMENT ON COLUMN (\S+)\.\S+ ",
            line,
        )
        on_view = about is not None and bool({about[1], about[2]} & (views | indexes))
        return on_view or _LEFT_ALONE.match(line) is not None

    lost = {line for line in Counter(stayed) & Counter(goal) if is_left_alone(line) and line not in have}
    may_stay = {*stayed, *goal}
    extra = {line for line in have - want if not (line in may_stay and is_left_alone(line))}
    return "\n".join(
        [*(f"-{line}" for line in sorted({*(want - have), *lost})), *(f"+{line}" for line in sorted(extra))]
    )


def _tables(connection: sa.Connection) -> Iterator[tuple[str | None, str]]:
    inspector = sa.inspect(connection)
    for schema in (None, *_schemas(connection.engine)):
        for name in inspector.get_table_names(schema):
            yield schema, name


def _rows(engine: sa.Engine) -> dict[tuple[str | None, str], int]:
    with engine.connect() as connection:
        return {
            (schema, name): connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name, schema=schema)))
            or 0
            for schema, name in _tables(connection)
        }


def _lost(before: dict[tuple[str | None, str], int], after: dict[tuple[str | None, str], int]) -> str:
    return "\n".join(
        f"{name}: {before[name]} rows became {after[name]}"
        for name in before
        if name in after and before[name] != after[name]
    )


def _kept(engine: sa.Engine, case: Case) -> list[list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return [[tuple(row) for row in connection.execute(sa.text(query.replace(":", "\\:")))] for query in case.keeps]
