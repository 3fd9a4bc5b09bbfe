"""Runs for every schemadiff command that needs the database. It is yours: change it as you like."""

import logging

from schemadiff import context
from sqlalchemy import create_engine, pool

# The settings, from pyproject.toml or schemadiff.toml.
config = context.config

# Show what is detected and run, unless logging has been set up already.
if not logging.getLogger("schemadiff").hasHandlers():
    logging.basicConfig(format="%(levelname)-5s [%(name)s] %(message)s")
    logging.getLogger("schemadiff").setLevel(logging.INFO)

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


def run_migrations_online() -> None:
    """Run the migrations on the database."""
    engine = create_engine(config.url, poolclass=pool.NullPool, **config.engine_options)

    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)

        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
