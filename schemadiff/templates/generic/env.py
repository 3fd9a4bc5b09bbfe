"""Runs for every schemadiff command that needs the database. It is yours: change it as you like."""

from schemadiff import context
from sqlalchemy import Connection, create_engine, pool

# The settings, from pyproject.toml or schemadiff.toml.
config = context.config

# Logging, as the table [logging] of the settings says; without it, only the command line shows what is done.
config.configure_logging()

# What the database is compared with: the `target` of the settings. A MetaData can be given here just as well:
# from myapp.models import Base
# target_metadata = Base.metadata
target_metadata = config.target_metadata()


def run_migrations_offline() -> None:
    """Print the SQL of the migrations (--sql). A URL is enough; no database is needed."""
    context.configure(
        url=config.url,
        target_metadata=target_metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )

    with context.begin_transaction():
        context.run_migrations()


def run_migrations(connection: Connection) -> None:
    """Run the migrations on a connection."""
    context.configure(connection=connection, target_metadata=target_metadata)

    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    """Run the migrations on the database, or on the connection of the program that calls the command."""
    connection = config.attributes.get("connection")

    if connection is not None:
        run_migrations(connection)
        return

    engine = create_engine(config.url, poolclass=pool.NullPool, **config.engine_options)

    with engine.connect() as connection:
        run_migrations(connection)


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
