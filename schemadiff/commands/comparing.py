"""Comparing the database with the models, or anything with anything; nothing is changed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from schemadiff.commands.rendering import rendered_diff
from schemadiff.commands.several import OfDatabase, collected
from schemadiff.commands.shared import Stages, ids, load
from schemadiff.commands.sources import OWN, Sides, awaiting, opened, outside_of_project, run_on, sides, standing_of_any
from schemadiff.config import Config
from schemadiff.errors import ConfigError, TargetError
from schemadiff.frozen import dataclass
from schemadiff.revisions.naming import shown_path

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection

    from schemadiff.comparison import Diff
    from schemadiff.rendering import Rendered
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Progress
    from schemadiff.schema import Name, Schema

__all__ = [
    "Compared",
    "compared",
    "compared_alone",
    "diff",
    "drifted",
    "everywhere",
    "schemas_of",
    "target_of",
    "usual_names",
]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Compared(OfDatabase):
    """What is there, compared with what shall be there.

    Args:
        diff: the operations that turn the one into the other.
        current: the revisions that the source stands at, where it is the project's own database; of another database only where its version
            table names revisions of this project, and of a snapshot where it says so. None where that is not known.
        heads: the heads of the revision files.
        at_head: False where the source stands elsewhere than at all heads.
        rendered: the Python of both directions, as autogen would write it; None where nobody has asked for it.
    """

    diff: Diff
    current: tuple[str, ...] | None
    heads: tuple[str, ...]
    at_head: bool
    rendered: Rendered | None = None


def diff(
    config: Config | None,
    source: str | None = None,
    target: str | None = None,
    *,
    code: bool = False,
    progress: Progress | None = None,
) -> Compared:
    """Compare a database with models, or anything with anything. Nothing is changed.

    Of several databases of one project, the first one that differs is returned.

    Args:
        config: the settings; None where there is no project. Then both sides have to be given, and no filters of an env.py count.
        source: what is there: the URL of a database, ``package.module:Base``, or the file of a snapshot; None for the project's database.
        target: what shall be there, likewise; None for the project's models.
        code: render it as Python too.
        progress: is told of each step.

    Raises:
        TargetError: env.py names no MetaData.
        ConfigError: a side means nothing, or the two cannot be compared.
        SnapshotError: a file is no snapshot.
        SchemadiffError: a database cannot be reached, or something cannot be compared.
    """
    given = sides(source, target)
    steps = Stages(progress, 2)
    if config is None:
        steps.take("comparing")
        difference = awaiting((given.source, given.target), lambda: compared_alone(given))
        steps.done()
        return Compared(difference, None, (), at_head=True, rendered=_rendered_alone(difference) if code else None)
    graph = load(config)
    found: list[Compared] = []

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        standing = standing_of_any(context, given, graph)
        steps.take("comparing")
        at_head = standing is None or (all(each in graph for each in standing) and graph.at_heads(standing))
        difference = awaiting((given.target,), lambda: compared(context, config, given))
        difference, python = rendered_diff(context, difference, standing or (), config, code=code)
        name = context.options.engine_name
        found.append(Compared(difference, standing, ids(graph.heads), at_head, python, database=name))

    steps.take("connecting")
    run_on(config, given, work)
    steps.done()
    return collected(found, next((each for each in found if each.diff), found[0]))


def compared(context: MigrationContext, config: Config, given: Sides = OWN) -> Diff:
    """Compare, with the filters and rules that env.py gave to a context.

    Args:
        context: the migration context. It is connected to the source, where that is a database.
        config: the settings.
        given: the sides; what is not given is the database of the context, and the models that env.py gave it.

    Raises:
        TargetError: env.py names no MetaData, and there is no other target.
        SchemadiffError: something cannot be reached, or cannot be compared.
    """
    from sqlalchemy.engine import Connection

    from schemadiff.reflection.metadata import lower
    from schemadiff.schema import Schema

    with ExitStack() as stack:
        left: Any = context.connection
        if left is None:
            assert given.source is not None
            left = stack.enter_context(opened(given.source))
        right: Any = target_of(context, config) if given.target is None else stack.enter_context(opened(given.target))
        if not any(isinstance(each, Connection | Schema) for each in (left, right)):
            left = lower(left, context.backend)
        return _compared(context, config, left, right)


def drifted(context: MigrationContext, config: Config, built: Schema) -> Diff:
    """Compare what the revisions build with the database of a context: the operations turn the one into the other."""
    there = context.backend.server
    if (built.server.version, built.server.flavour) != (there.version, there.flavour):
        _log.warning(
            "the scratch database and the database are of different versions (%s and %s): what these write otherwise may show as a difference",
            *(".".join(map(str, each.version)) for each in (built.server, there)),
        )
    return _compared(context, config, built, context.connection)


def _compared(context: MigrationContext, config: Config, left: Any, right: Any) -> Diff:
    """Compare two sides as a context's env.py and the settings say."""
    from sqlalchemy.engine import Connection

    from schemadiff.api import diff as compare
    from schemadiff.runtime.own import own_names

    comparison = context.options.comparison
    return compare(
        left,
        right,
        schemas=schemas_of(context, config, [each for each in (left, right) if isinstance(each, Connection)]),
        include_name=comparison.get("include_name"),
        include_object=comparison.get("include_object"),
        ignore=everywhere(own_names(context), (left, right)),
        rules=_rules(context),
    )


def _rendered_alone(difference: Diff) -> Rendered:
    from schemadiff.api import render

    return render(difference)


def compared_alone(given: Sides) -> Diff:
    """Compare two sides where there is no project.

    Raises:
        ConfigError: one of them is not given, or none of them says which database is meant.
        SchemadiffError: something cannot be reached, or cannot be compared.
    """
    from schemadiff.api import diff as compare

    if given.source is None or given.target is None:
        raise ConfigError("there is no project here: give SOURCE and TARGET, or run 'schemadiff init'")
    if given.dialect is None:
        raise ConfigError(
            "two models say nothing of a database, and there is no project here: let SOURCE or TARGET be a URL or a snapshot"
        )
    with outside_of_project(), ExitStack() as stack:
        left, right = (stack.enter_context(opened(each)) for each in (given.source, given.target))
        return compare(left, right, ignore=everywhere(usual_names(given.dialect), (left, right)))


def target_of(context: MigrationContext, config: Config) -> sa.MetaData | Sequence[sa.MetaData]:
    """Return the models that env.py gave.

    Raises:
        TargetError: it gave none.
    """
    target = context.options.target_metadata
    if target is None:
        raise TargetError(
            f"{shown_path(config.env_file)} gives context.configure() no target_metadata: set target in the settings to "
            '"package.module:Base", or target_metadata in env.py'
        )
    return target


def schemas_of(context: MigrationContext, config: Config, live: Iterable[Connection]) -> list[str | None]:
    """Return the schemas that are compared beside the default one and those that a side names.

    Args:
        context: the migration context.
        config: the settings.
        live: the connections to what is compared.
    """
    from schemadiff.reflection.database import all_schemas

    name = context.options.engine_name
    settings = config.database(name) if name in config.databases else config
    schemas: list[str | None] = list(settings.schemas)
    if context.options.comparison.get("include_schemas"):
        schemas += [schema for each in live for schema in all_schemas(each)]
    return schemas


def usual_names(dialect: str) -> tuple[Name, ...]:
    """Return the names of the tables that are ours in a database where no settings say another."""
    import sqlalchemy as sa

    from schemadiff.backends import backend_for
    from schemadiff.runtime.own import names_beside
    from schemadiff.runtime.versions import VersionTable

    backend = backend_for(sa.make_url(f"{dialect}://").get_dialect()())
    return names_beside(VersionTable(backend), backend)


def everywhere(names: Iterable[Name], compared: Iterable[object]) -> tuple[Name, ...]:
    """Return the names of tables as each side spells them: what is in its default schema has none."""
    from sqlalchemy.engine import Connection

    from schemadiff.schema import Name, Schema

    defaults = {
        each.server.default_schema if isinstance(each, Schema) else each.dialect.default_schema_name
        for each in compared
        if isinstance(each, Schema | Connection)
    }
    known = tuple(names)
    return (*known, *(Name(each.name) for each in known if each.schema in defaults))


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
