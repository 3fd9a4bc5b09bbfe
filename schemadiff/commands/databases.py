"""Asking all databases of a project, where a command changes the files that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from schemadiff.commands.shared import named, run_environment
from schemadiff.config import Config
from schemadiff.errors import RevisionError, SchemadiffError
from schemadiff.frozen import dataclass
from schemadiff.revisions.graph import RevisionGraph

if TYPE_CHECKING:
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["Asked", "configured", "half_done_one", "refuse_standing", "visit"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One environment of a project.

    Args:
        config: its settings.
        title: what messages call its database.
    """

    config: Config
    title: str


def configured(config: Config) -> tuple[Asked, ...]:
    """Return the environments of a project that have a database: the one that was chosen first, then the others.

    The settings outside of all environments count where they have a url, or where there are no environments.
    """
    found = {config.name: Asked(config, _title(config.name))}
    for name in (None, *config.environments):
        if name in found:
            continue
        other = Config(config.path, name=name, x_arguments=config.x_arguments)
        if name is not None or _has_url(other):
            found[name] = Asked(other, _title(name))
    if config.name is None and config.environments and not _has_url(config):
        del found[None]
    return tuple(found.values())


def _title(name: str | None) -> str:
    return "the database" if name is None else f"the database of environment {name!r}"


def _has_url(config: Config) -> bool:
    # A url whose variables are not set is one that cannot be reached, and that is for env.py to say.
    try:
        return bool(config.databases) or config.get_main_option("sqlalchemy.url") is not None
    except SchemadiffError:
        return True


def visit(asked: Asked, work: Callable[[MigrationContext], None], *, keep: bool = False) -> None:
    """Run env.py of one environment, and call ``work`` with the context of each of its databases.

    Args:
        asked: the environment.
        work: what is done with each database.
        keep: what it does to the database is kept.

    Raises:
        SchemadiffError: what env.py or ``work`` raises.
    """

    def run(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        work(context)

    run_environment(asked.config, run, keep=keep)


def half_done_one(config: Config) -> int:
    """Return the place, among the databases that env.py configures, of the one on which a revision is half done; that of the first
    where there is none.

    Args:
        config: the settings.

    Raises:
        RevisionError: there are several such databases. What is known of one of them is not true of the others.
        SchemadiffError: what env.py raises.
    """
    found: list[tuple[str | None, bool]] = []
    visit(
        Asked(config, _title(config.name)),
        lambda context: found.append((context.options.engine_name, context.half_done() is not None)),
    )
    half = [place for place, (_, is_half) in enumerate(found) if is_half]
    if len(half) > 1:
        names = ", ".join(found[place][0] or f"number {place + 1}" for place in half)
        raise RevisionError(
            f"--resume-after is about one database, and a revision is half done on several ({names}): choose one, with -x database=NAME "
            "where env.py is that of the template multidb"
        )
    return half[0] if half else 0


def refuse_standing(
    config: Config, graph: RevisionGraph, allowed: Callable[[frozenset[str]], bool], why: str, command: str
) -> None:
    """Ask all databases of the project where they stand, and refuse where one of them stands at the wrong place.

    Args:
        config: the settings.
        graph: the revisions as they are.
        allowed: says of the revisions that have run on a database whether the command may go on.
        why: what is wrong where it may not, such as ``"before b2"``.
        command: the command, for the messages.

    Raises:
        RevisionError: a database stands at the wrong place or in the middle of a revision, or cannot be asked; all of them are named.
    """
    problems: list[str] = []
    for asked in configured(config):

        def judge(context: MigrationContext, asked: Asked = asked) -> None:
            standing = context.get_current_heads()
            half = context.half_done()
            if half is not None:
                raise _Misplaced(f"{asked.title} stands at {named(standing)}, and {half}")
            if not allowed(graph.applied(standing)):
                # Raised and not only noted: a failed command leaves no new empty file of SQLite behind.
                raise _Misplaced(f"{asked.title} stands at {named(standing)}, {why}")

        try:
            visit(asked, judge)
        except _Misplaced as error:
            problems.append(str(error))
        except SchemadiffError as error:
            problems.append(f"{asked.title} cannot be asked where it stands: {error}")
    if problems:
        raise RevisionError(
            f"{'; '.join(problems)}: nothing was changed; run 'schemadiff upgrade' there first, or give {command} --force to go on all the same"
        )


class _Misplaced(SchemadiffError):
    """A database stands where the command may not go on."""
