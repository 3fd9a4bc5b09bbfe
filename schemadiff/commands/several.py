"""Several databases in one project: env.py configures one after another, and a command does its work on each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from schemadiff.errors import ConfigError
from schemadiff.frozen import dataclass
from schemadiff.revisions.template import NewRevision

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.rendering import Rendered
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["OfDatabase", "Section", "collected", "filled", "refuse_repeated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfDatabase:
    """What a command found or did on one database.

    Args:
        database: its name, where env.py configures several.
        all_databases: what the command found or did on each of them, in the order of env.py; empty where there is only one.
    """

    database: str | None = None
    all_databases: tuple[Self, ...] = ()

    @property
    def databases(self) -> tuple[Self, ...]:
        """What the command found or did on each database; this one alone where there are no others."""
        return self.all_databases or (self,)


Found = TypeVar("Found", bound=OfDatabase)


def collected(found: Sequence[Found], chosen: Found) -> Found:
    """Return the result of a command: that of the chosen database, which knows those of all."""
    return replace(chosen, all_databases=tuple(found)) if len(found) > 1 else chosen


# -- autogen writes one file for all of them


@dataclass(frozen=True, slots=True)
class Section:
    """What autogen found on one database.

    Args:
        database: its name, where env.py configures several.
        planned: the new revision, without what was found; what it follows depends on where the database stands. None where a hook of
            env.py wants no file.
        directory: the versions directory that it goes to. None where a hook, whose word that was, wants no file.
        diff: the difference.
        rendered: its Python.
        upgrade_token, downgrade_token: the names under which script.py.mako finds it.
        differs: there is something to write, after the hooks.
    """

    database: str | None
    planned: NewRevision | None
    directory: Path | None
    diff: Diff
    rendered: Rendered
    upgrade_token: str
    downgrade_token: str
    differs: bool = True

    @property
    def tokens(self) -> frozenset[str]:
        """Both names."""
        return frozenset({self.upgrade_token, self.downgrade_token})


def refuse_repeated(sections: Iterable[Section], context: MigrationContext) -> None:
    """Refuse a second database that would go into the same functions as a first one.

    Raises:
        ConfigError: it would.
    """
    tokens = {context.options.upgrade_token, context.options.downgrade_token}
    taken = sorted(token for section in sections for token in section.tokens & tokens)
    if taken:
        raise ConfigError(
            f"context.run_migrations() was called for two databases whose operations would both be written as {taken[0]!r}: "
            "give context.configure() an engine_name of its own for each, or an upgrade_token and a downgrade_token; "
            "or choose one database with --name"
        )


def filled(sections: Sequence[Section]) -> NewRevision:
    """Return the new revision with what was found on all databases. At least one of them wants a file.

    Raises:
        ConfigError: the databases stand at different revisions.
    """
    planned = [(section.database, section.planned) for section in sections if section.planned is not None]
    database, new = planned[0]
    for another, other in planned[1:]:
        if other.down_revisions != new.down_revisions:
            raise ConfigError(
                f"the databases {database} and {another} stand at different revisions, and one file cannot follow both: "
                "run 'schemadiff upgrade' first"
            )
    bodies: dict[str, str] = {}
    for section in sections:
        bodies[section.upgrade_token] = section.rendered.upgrade
        bodies[section.downgrade_token] = section.rendered.downgrade
    lines = {*new.imports, *(line for section in sections for line in section.rendered.imports)}
    return replace(
        new,
        imports=tuple(sorted(lines, key=lambda line: (line.startswith("from "), line.casefold(), line))),
        upgrade=bodies.pop("upgrades", ""),
        downgrade=bodies.pop("downgrades", ""),
        bodies=bodies,
    )
