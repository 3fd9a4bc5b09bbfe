"""Beginning anew: the revisions go, and what we keep in the databases; all else in them stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from schemadiff.commands.databases import Asked, configured, visit
from schemadiff.commands.shared import named
from schemadiff.config import Config
from schemadiff.errors import RevisionError, SchemadiffError
from schemadiff.frozen import dataclass
from schemadiff.revisions.directory import revision_files
from schemadiff.revisions.swapping import Change, read, swap

if TYPE_CHECKING:
    from schemadiff.runtime.migration import MigrationContext

__all__ = ["Cleared", "Reset", "reset"]


@dataclass(frozen=True, slots=True)
class Cleared:
    """One database that :func:`reset` takes our tables from.

    Args:
        url: its URL, the password masked.
        tables: the names of our tables that it has.
        standing: where it stands, in words.
    """

    url: str
    tables: tuple[str, ...]
    standing: str


@dataclass(frozen=True, slots=True)
class Reset:
    """What :func:`reset` did, or would do.

    Args:
        files: the revision files, all of which are deleted.
        databases: the databases, in the order of the settings.
        done: it was done.
    """

    files: tuple[Path, ...]
    databases: tuple[Cleared, ...]
    done: bool

    @property
    def empty(self) -> bool:
        """True where there is nothing to do."""
        return not self.files and not any(each.tables for each in self.databases)


def reset(config: Config, *, yes: bool = False) -> Reset:
    """Delete the revision files, and drop our tables in all databases of the project. What the models have made stays there.

    The files need not be readable, and the databases may stand anywhere.

    Args:
        config: the settings.
        yes: do it; otherwise nothing is changed, and what would be done is returned.

    Raises:
        RevisionError: a database, in whatever environment, cannot be reached, or a file cannot be removed. Then nothing is changed, unless
            the message says that a database was cleared already.
    """
    files = tuple(
        dict.fromkeys(
            path
            for location in config.version_locations
            for path in revision_files(location, recursive=config.recursive_version_locations)
        )
    )
    environments = configured(config)
    planned = Reset(files, tuple(found for asked in environments for found in _found(asked)), done=False)
    if not yes or planned.empty:
        return planned
    swap([Change(path, read(path)) for path in files], lambda: _clear(environments))
    return replace(planned, done=True)


def _found(asked: Asked) -> tuple[Cleared, ...]:
    """Return what an environment's databases have of ours."""
    from schemadiff.runtime.own import own_tables

    found: list[Cleared] = []

    def look(context: MigrationContext) -> None:
        tables = tuple(table.fullname for table in own_tables(context))
        found.append(Cleared(_url(context), tables, named(context.get_current_heads())))

    try:
        visit(asked, look)
    except SchemadiffError as error:
        raise RevisionError(
            f"{asked.title} cannot be asked: {error}: nothing was changed; mend that, or take the environment out of the settings"
        ) from error
    return tuple(found)


def _url(context: MigrationContext) -> str:
    assert context.connection is not None
    return str(context.connection.engine.url.render_as_string(hide_password=True))


def _clear(environments: tuple[Asked, ...]) -> None:
    from schemadiff.runtime.own import drop_tables, own_tables

    cleared: list[str] = []

    def work(context: MigrationContext) -> None:
        tables = own_tables(context)
        if tables:
            drop_tables(context, tables)
            cleared.append(_url(context))

    for asked in environments:
        try:
            visit(asked, work, keep=True)
        except SchemadiffError as error:
            done = f"; our tables are gone already from {', '.join(cleared)}" if cleared else ""
            raise RevisionError(
                f"{asked.title} cannot be cleared: {error}: the files were kept{done}: mend that, and run reset again"
            ) from error
