"""Taking a snapshot: a schema as JSON, which can be compared later, and where there is no database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from schemadiff.commands.comparing import schemas_of, target_of, usual_names
from schemadiff.commands.shared import Stages
from schemadiff.commands.sources import (
    Database,
    Models,
    Saved,
    awaiting,
    outside_of_project,
    refuse_missing,
    run_on_one,
    side,
    url_of_dialect,
)
from schemadiff.config import Config
from schemadiff.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Progress
    from schemadiff.schema import Name, Schema
    from schemadiff.schema.snapshot import Snapshot

__all__ = ["snapshot"]


def snapshot(
    config: Config | None,
    source: str | None = None,
    *,
    models: bool = False,
    dialect: str | None = None,
    progress: Progress | None = None,
) -> Snapshot:
    """Return the schema of a database or of models, and the revisions that the database stands at. Nothing is changed.

    Of a database it holds what a comparison would read: the default schema, those that the models name, and those in the settings, without
    what ``include_name`` of env.py leaves out. ``include_object`` is asked when it is compared. The version table, and what we keep beside
    it, are not in it.

    Args:
        config: the settings; None where there is no project. Then ``source`` has to be given.
        source: the URL of a database, ``package.module:Base``, or the file of another snapshot, which is read and given back; None for
            the project's own database.
        models: take the project's own models, and not its database.
        dialect: the dialect that models are lowered for; that of the project's url when None.
        progress: is told of each step.

    Raises:
        ConfigError: the source means nothing, or nothing says which dialect models are lowered for.
        SchemadiffError: the database cannot be reached, or something in the models cannot be lowered.
    """
    from schemadiff.schema.snapshot import Snapshot

    given = None if source is None else side(source)
    if models and given is not None:
        raise ConfigError(f"the project's models and {source} were both asked for: leave out one of them")
    if dialect is not None and not models and not isinstance(given, Models):
        raise ConfigError(f"the dialect {dialect} was asked for, and only models have none of their own: leave it out")
    if isinstance(given, Saved):
        return Snapshot(given.schema, given.revisions)
    steps = Stages(progress, 1)
    steps.take("reading")
    found = _alone(given, dialect) if config is None else _in_project(config, given, models=models, dialect=dialect)
    steps.done()
    return found


def _in_project(config: Config, given: Database | Models | None, *, models: bool, dialect: str | None) -> Snapshot:
    from schemadiff.reflection.metadata import lower
    from schemadiff.schema.snapshot import Snapshot

    found: list[Snapshot] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        if context.connection is None:
            metadata = given.load() if isinstance(given, Models) else target_of(context, config)
            found.append(Snapshot(lower(metadata, context.backend)))
            return
        context.refuse_half_done("snapshot")
        # Another database may have nothing to do with the project, and no version table.
        known = given is None or context.versions.exists(context.connection)
        standing = context.get_current_heads() if known else None
        found.append(Snapshot(_read(context, config, context.connection), standing))

    offline = None
    if models or isinstance(given, Models):
        offline = "" if dialect is None else url_of_dialect(dialect)
    run_on_one(config, given, work, offline=offline, about="a snapshot is of one")
    return found[0]


def _read(context: MigrationContext, config: Config, connection: Connection) -> Schema:
    """Return the database of a context, as far as it would be compared."""
    from sqlalchemy import MetaData

    from schemadiff.api import reflect
    from schemadiff.runtime.own import own_names

    target = context.options.target_metadata
    several = () if target is None else (target,) if isinstance(target, MetaData) else tuple(target)
    named = {table.schema for metadata in several for table in metadata.tables.values()}
    schemas = {None, *named, *schemas_of(context, config, (connection,))}
    found = reflect(connection, schemas=schemas, include=context.options.comparison.get("include_name"))
    return _without(found, own_names(context))


def _alone(given: Database | Models | None, dialect: str | None) -> Snapshot:
    """Return a snapshot where there is no project: of the default schema of a database, or of models.

    Raises:
        ConfigError: nothing says which dialect models are lowered for.
    """
    from schemadiff.api import from_metadata, reflect
    from schemadiff.schema.snapshot import Snapshot

    if isinstance(given, Models):
        if dialect is None:
            raise ConfigError(
                f"{given.target} says nothing of a database, and there is no project here: say its dialect, such as --dialect postgresql"
            )
        with outside_of_project():
            return Snapshot(from_metadata(given.load(), dialect))
    if given is None:
        raise ConfigError("there is no project here: give SOURCE, or run 'schemadiff init'")
    url = given.url
    refuse_missing(url)
    found = awaiting((given,), lambda: reflect(url))
    return Snapshot(_without(found, usual_names(given.dialect)))


def _without(schema: Schema, names: Collection[Name]) -> Schema:
    """Return ``schema`` without the tables that are ours."""
    return replace(schema, tables={name: table for name, table in schema.tables.items() if name not in names})
