"""Runs for every schemadiff command that needs the databases. It is yours: change it as you like."""

import io
import logging
from pathlib import Path

from schemadiff import context
from sqlalchemy import create_engine, pool

# The settings, from pyproject.toml or schemadiff.toml.
config = context.config

# Logging, as the table [logging] of the settings says; without it, only the command line shows what is done.
config.configure_logging()
logger = logging.getLogger("schemadiff.env")

# The databases: the tables [databases.NAME] of the settings, or the one of "-x database=NAME".
chosen = context.get_x_argument(as_dictionary=True).get("database")
names = [chosen] if chosen else config.databases
databases = {name: config.database(name) for name in names}

# What each is compared with: its `target` in the settings. A MetaData can be given here just as well:
# from myapp.models import Base1, Base2
# target_metadata = {"engine1": Base1.metadata, "engine2": Base2.metadata}
target_metadata = {
    name: database.target_metadata() for name, database in databases.items()
}


def run_migrations_offline() -> None:
    """Write the SQL of the migrations (--sql): NAME.sql for each database, or to standard output for a chosen one."""
    for name, database in databases.items():
        buffer = None if chosen else io.StringIO()
        context.configure(
            url=database.url,
            engine_name=name,
            target_metadata=target_metadata[name],
            output_buffer=buffer,
            literal_binds=True,
            dialect_opts={"paramstyle": "named"},
        )

        with context.begin_transaction():
            context.run_migrations(engine_name=name)

        if buffer is not None:
            logger.info("Writing %s.sql", name)
            Path(f"{name}.sql").write_text(buffer.getvalue(), encoding="utf-8")


def run_migrations_online() -> None:
    """Run the migrations on one database after the other.

    Each revision is a transaction of its own on each database. What fails on one of them stops there, and the next run goes
    on where it stopped.
    """
    for name, database in databases.items():
        engine = create_engine(
            database.url, poolclass=pool.NullPool, **database.engine_options
        )

        with engine.connect() as connection:
            context.configure(
                connection=connection,
                engine_name=name,
                target_metadata=target_metadata[name],
            )

            with context.begin_transaction():
                context.run_migrations(engine_name=name)


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
