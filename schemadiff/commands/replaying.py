"""Replaying the revisions on scratch databases: what they build is found without a database of the project's."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from schemadiff.commands.comparing import compared
from schemadiff.commands.directives import directed_diff
from schemadiff.commands.migrating import downgrade_plan, upgrade_plan
from schemadiff.commands.shared import run_environment
from schemadiff.config import Config
from schemadiff.errors import ConfigError
from schemadiff.frozen import dataclass
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.routes import downgrade_route, upgrade_route

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Direction, Progress
    from schemadiff.schema import Schema

__all__ = ["Replayed", "compare_scratch", "migrate_scratch", "quietly", "refuse_outside"]

# What tells of each revision that it runs.
_RUNNING = "schemadiff.runtime.running"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the revisions build on one database.

    Args:
        schema: what they build, without what the filters of env.py leave out.
        models: the operations that turn it into the models.
    """

    schema: Schema
    models: Diff


def migrate_scratch(
    config: Config,
    graph: RevisionGraph,
    destination: str,
    direction: Direction = "upgrade",
    *,
    progress: Progress | None = None,
) -> None:
    """Run revisions on scratch databases.

    Args:
        config: the settings, at scratch databases (:func:`schemadiff.commands.scratch.scratch_project`).
        graph: the revisions.
        destination: where to go.
        direction: which way that is.
        progress: is told of each step.

    Raises:
        ConfigError: the models or a revision name something outside of the scratch database.
        BrokenRevision: a revision cannot be imported or run.
        MigrationFailed: the database refused a statement.
    """

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        refuse_outside(context, config)
        assert context.connection is not None
        if direction == "upgrade":
            plan = upgrade_plan(graph, lambda standing: upgrade_route(graph, standing, destination))
        else:
            plan = downgrade_plan(graph, partial(downgrade_route, graph, symbol=destination))
        with context.backend.within(context.connection):
            context.migrate(plan, direction, progress=progress, arguments=arguments)

    with quietly():
        run_environment(config, work, destination=destination)


def compare_scratch(config: Config) -> dict[str | None, Replayed]:
    """Compare scratch databases with the models, and return what was found by the names of the databases.

    Args:
        config: the settings, at scratch databases.

    Raises:
        SchemadiffError: something cannot be compared.
    """
    found: dict[str | None, Replayed] = {}

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        difference = compared(context, config)
        models = directed_diff(context, difference, context.get_current_heads())
        found[context.options.engine_name] = Replayed(difference.source, models)

    run_environment(config, work, keep=False)
    return found


def refuse_outside(context: MigrationContext, config: Config) -> None:
    """Refuse a second schema where that would be another database, which is real.

    Raises:
        ConfigError: the models or the settings name one.
    """
    if context.backend.schemas_within:
        return
    name = context.options.engine_name
    settings = config.database(name) if name in config.databases else config
    target = context.options.target_metadata
    metadatas = () if target is None else target if isinstance(target, list | tuple) else (target,)
    of_models = {table.schema for metadata in metadatas for table in metadata.tables.values()}
    said = {"the models": of_models, "the settings": {*settings.schemas, context.versions.name.schema}}
    for who, schemas in said.items():
        others = sorted(each for each in schemas - {None, context.backend.server.default_schema} if each)
        if others:
            raise ConfigError(
                f"{who} name the schema {others[0]!r}, which on {context.backend.title} is a database of its own: the revisions are not "
                "replayed, since they would change it; check without --from-revisions"
            )


@contextmanager
def quietly() -> Iterator[None]:
    """Leave each revision that runs out of the log; unless all of it is wanted."""
    logger = logging.getLogger(_RUNNING)
    before = logger.level
    if not logger.isEnabledFor(logging.DEBUG):
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)
