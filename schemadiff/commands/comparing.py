"""Commands that compare the database with the models, and change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemadiff.commands.shared import Stages, ids, load, run_environment
from schemadiff.config import Config
from schemadiff.errors import TargetError
from schemadiff.revisions.naming import shown_path

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Progress

__all__ = ["Checked", "Compared", "check", "compared", "diff"]


@dataclass(frozen=True, slots=True)
class Compared:
    """A database, compared with the models.

    Args:
        diff: the operations that turn the database into the models.
        current: the revisions that the database stands at.
        heads: the heads of the revision files.
    """

    diff: Diff
    current: tuple[str, ...]
    heads: tuple[str, ...]

    @property
    def at_head(self) -> bool:
        """True where all revisions have run."""
        return set(self.current) == set(self.heads)


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of :func:`check`.

    Args:
        current: the revisions that the database stands at.
        heads: the heads of the revision files.
        diff: the difference; None where the database is not at head, so that there is nothing to compare yet.
    """

    current: tuple[str, ...]
    heads: tuple[str, ...]
    diff: Diff | None

    @property
    def at_head(self) -> bool:
        """True where all revisions have run."""
        return set(self.current) == set(self.heads)

    @property
    def ok(self) -> bool:
        """True where the database is at head and agrees with the models."""
        return self.at_head and self.diff is not None and not self.diff


def diff(config: Config, *, progress: Progress | None = None) -> Compared:
    """Compare the database with the models. Nothing is changed.

    Args:
        config: the settings.
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
        found.append(Compared(compared(context, config), standing, ids(graph.heads)))

    steps.take("connecting")
    run_environment(config, work, keep=False)
    steps.done()
    return found[-1]


def check(config: Config, *, progress: Progress | None = None) -> Checked:
    """Say whether the database is at head and agrees with the models. Nothing is changed.

    Args:
        config: the settings.
        progress: is told of each step.

    Raises:
        SchemadiffError: it cannot be found out.
    """
    graph = load(config)
    steps = Stages(progress, 2)
    found: list[Checked] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        standing = context.get_current_heads()
        graph.applied(standing)
        at_head = set(standing) == set(ids(graph.heads))
        steps.take("comparing")
        found.append(Checked(standing, ids(graph.heads), compared(context, config) if at_head else None))

    steps.take("connecting")
    run_environment(config, work, keep=False)
    steps.done()
    return next((each for each in found if not each.ok), found[-1])


def compared(context: MigrationContext, config: Config) -> Diff:
    """Compare the database of a context with the models that env.py gave it."""
    from schemadiff.api import diff as compare
    from schemadiff.reflection.database import all_schemas

    target = context.options.target_metadata
    if target is None:
        raise TargetError(
            f"{shown_path(config.env_file)} gives context.configure() no target_metadata: set target in the settings to "
            '"package.module:Base", or target_metadata in env.py'
        )
    assert context.connection is not None
    comparison = context.options.comparison
    schemas: list[str | None] = list(config.schemas)
    if comparison.get("include_schemas"):
        schemas.extend(all_schemas(context.connection))
    return compare(
        context.connection,
        target,
        schemas=schemas,
        include_name=comparison.get("include_name"),
        include_object=comparison.get("include_object"),
        ignore=(context.versions.name,),
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
