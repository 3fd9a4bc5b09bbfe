"""Comparing the database with the models; nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemadiff.commands.rendering import rendered_diff
from schemadiff.commands.several import OfDatabase, collected
from schemadiff.commands.shared import Stages, ids, load, run_environment
from schemadiff.config import Config
from schemadiff.errors import TargetError
from schemadiff.revisions.naming import shown_path

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.rendering import Rendered
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Progress

__all__ = ["Compared", "compared", "diff"]


@dataclass(frozen=True, slots=True)
class Compared(OfDatabase):
    """A database, compared with the models.

    Args:
        diff: the operations that turn the database into the models.
        current: the revisions that the database stands at.
        heads: the heads of the revision files.
        at_head: all revisions have run.
        rendered: the Python of both directions, as autogen would write it; None where nobody has asked for it.
    """

    diff: Diff
    current: tuple[str, ...]
    heads: tuple[str, ...]
    at_head: bool
    rendered: Rendered | None = None


def diff(config: Config, *, code: bool = False, progress: Progress | None = None) -> Compared:
    """Compare the database with the models. Nothing is changed. Of several databases, the first one that differs is returned.

    Args:
        config: the settings.
        code: render it as Python too.
        progress: is told of each step.

    Raises:
        TargetError: env.py names no MetaData.
        SchemadiffError: the database cannot be reached, or something cannot be compared.
    """
    graph = load(config)
    steps = Stages(progress, 2)
    found: list[Compared] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        standing = context.get_current_heads()
        steps.take("comparing")
        at_head = all(each in graph for each in standing) and graph.at_heads(standing)
        difference, python = rendered_diff(context, compared(context, config), standing, config, code=code)
        name = context.options.engine_name
        found.append(Compared(difference, standing, ids(graph.heads), at_head, python, database=name))

    steps.take("connecting")
    run_environment(config, work, keep=False)
    steps.done()
    return collected(found, next((each for each in found if each.diff), found[0]))


def compared(context: MigrationContext, config: Config) -> Diff:
    """Compare the database of a context with the models that env.py gave it."""
    from schemadiff.api import diff as compare
    from schemadiff.reflection.database import all_schemas
    from schemadiff.runtime.own import own_names

    target = context.options.target_metadata
    if target is None:
        raise TargetError(
            f"{shown_path(config.env_file)} gives context.configure() no target_metadata: set target in the settings to "
            '"package.module:Base", or target_metadata in env.py'
        )
    assert context.connection is not None
    comparison = context.options.comparison
    name = context.options.engine_name
    settings = config.database(name) if name in config.databases else config
    schemas: list[str | None] = list(settings.schemas)
    if comparison.get("include_schemas"):
        schemas.extend(all_schemas(context.connection))
    return compare(
        context.connection,
        target,
        schemas=schemas,
        include_name=comparison.get("include_name"),
        include_object=comparison.get("include_object"),
        ignore=own_names(context),
        rules=_rules(context),
    )


def _rules(context: MigrationContext) -> Any:
    """Return ``compare_type`` and ``compare_server_default`` of env.py, which take SQLAlchemy objects, as rules of the comparison."""
    from schemadiff.comparison.rules import Rules
    from schemadiff.reflection.filters import sqlalchemy_column
    from schemadiff.schema import Column, Expression

    given = context.options.comparison
    compare_type, compare_default = given.get("compare_type", True), given.get("compare_server_default", True)

    def types(left: Column, right: Column) -> bool | None:
        old, new = sqlalchemy_column(left, context.backend), sqlalchemy_column(right, context.backend)
        answer = compare_type(context, old, new, old.type, new.type)
        return None if answer is None else bool(answer)

    def defaults(left: Column, right: Column) -> bool | None:
        old, new = sqlalchemy_column(left, context.backend), sqlalchemy_column(right, context.backend)
        texts = [each.default.sql if isinstance(each.default, Expression) else None for each in (left, right)]
        answer = compare_default(context, old, new, texts[0], new.server_default, texts[1])
        return None if answer is None else bool(answer)

    return Rules(
        types=types if callable(compare_type) else bool(compare_type),
        defaults=defaults if callable(compare_default) else bool(compare_default),
    )
