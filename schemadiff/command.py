"""The commands as tutorials call them from Python: ``command.stamp(Config("schemadiff.toml"), "head")``.

Names and arguments are those that users of Alembic know. Each function does what the command of the same name does, and prints
what it has to tell on standard output; :mod:`schemadiff.commands` returns it instead.

They are plain functions, and may be called while an event loop runs: the loop waits for them. ``asyncio.to_thread(command.upgrade,
config)`` lets it go on meanwhile.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemadiff import commands
from schemadiff.errors import ConfigError, SchemadiffError
from schemadiff.revisions.naming import shown_path

if TYPE_CHECKING:
    from schemadiff.commands import Generated, Listed
    from schemadiff.config import Config
    from schemadiff.revisions.header import Revision

__all__ = [
    "branches",
    "check",
    "current",
    "downgrade",
    "edit",
    "ensure_version",
    "heads",
    "history",
    "init",
    "list_templates",
    "merge",
    "prune",
    "reset",
    "revision",
    "show",
    "squash",
    "stamp",
    "update_checksums",
    "upgrade",
]


def init(config: Config, directory: str, template: str = "generic", package: bool = False) -> None:
    """Begin a project in ``directory``; the settings go where ``config`` has its folder.

    Raises:
        ConfigError: it cannot be made, or ``package`` was asked for.
    """
    _refuse("init", package=package)
    commands.init(Path(directory), folder=config.folder, template=template)


def list_templates(config: Config | None = None) -> None:
    """Print what a project can be made from."""
    for name, description in commands.list_templates().items():
        _print(f"{name}: {description}")


def revision(
    config: Config,
    message: str | None = None,
    autogenerate: bool = False,
    sql: bool = False,
    head: str | Sequence[str] = "head",
    splice: bool = False,
    branch_label: str | Sequence[str] | None = None,
    version_path: str | os.PathLike[str] | None = None,
    rev_id: str | None = None,
    depends_on: str | Sequence[str] | None = None,
    process_revision_directives: Any = None,
) -> Revision | None:
    """Write a revision: an empty one, or with ``autogenerate`` the difference between the database and the models.

    ``sql`` changes nothing: for an empty one the database is not asked.

    Returns:
        The new revision; None where there is no difference.

    Raises:
        ConfigError: an argument that is not supported yet was given, or both ``sql`` and ``autogenerate``.
        SchemadiffError: the file cannot be written.
    """
    if sql and autogenerate:
        raise ConfigError(
            "command.revision(): a comparison needs the database, and sql=True does without: leave out one of sql and autogenerate"
        )
    _refuse("revision", process_revision_directives=process_revision_directives is not None and not autogenerate)
    place = commands.Place(
        rev_id=rev_id,
        head=head,
        splice=splice,
        branch_label=branch_label or (),
        depends_on=depends_on or (),
        version_path=None if version_path is None else os.fspath(version_path),
    )
    if autogenerate:
        made = commands.autogen(config, message, place, hook=process_revision_directives)
    else:
        made = commands.revision(config, message, place)
    if made.path is None:
        _print("No differences: no file was written.")
        return None
    return _told(made)


def merge(
    config: Config,
    revisions: str | Sequence[str],
    message: str | None = None,
    branch_label: str | Sequence[str] | None = None,
    rev_id: str | None = None,
    splice: bool = False,
) -> Revision | None:
    """Write a revision that follows several others.

    Raises:
        SchemadiffError: as :func:`schemadiff.commands.merge`.
    """
    made = commands.merge(config, revisions, message, rev_id=rev_id, branch_label=branch_label or (), splice=splice)
    return _told(made)


def upgrade(
    config: Config,
    revision: str = "head",
    sql: bool = False,
    tag: str | None = None,
    *,
    resume_after: int | None = None,
) -> None:
    """Run the revisions that lead to ``revision``; with ``sql`` print them as SQL.

    Raises:
        SchemadiffError: as :func:`schemadiff.commands.upgrade`.
    """
    ran = commands.upgrade(config, revision, sql=sql, tag=tag, resume_after=resume_after)
    if ran.sql is not None:
        _print(ran.sql, end="")


def downgrade(
    config: Config, revision: str, sql: bool = False, tag: str | None = None, *, resume_after: int | None = None
) -> None:
    """Take back the revisions that came after ``revision``; with ``sql`` print that as SQL.

    Raises:
        SchemadiffError: as :func:`schemadiff.commands.downgrade`.
    """
    ran = commands.downgrade(config, revision, sql=sql, tag=tag, resume_after=resume_after)
    if ran.sql is not None:
        _print(ran.sql, end="")


def stamp(
    config: Config,
    revision: str | Sequence[str],
    sql: bool = False,
    tag: str | None = None,
    purge: bool = False,
) -> None:
    """Set where the database stands, without running anything; with ``sql`` print that as SQL.

    Raises:
        ConfigError: an argument that is not supported yet was given.
        SchemadiffError: as :func:`schemadiff.commands.stamp`.
    """
    ran = commands.stamp(config, revision, purge=purge, sql=sql, tag=tag)
    if ran.sql is not None:
        _print(ran.sql, end="")


def ensure_version(config: Config, sql: bool = False) -> None:
    """Create the version table where it is not there; with ``sql`` print that as SQL.

    Raises:
        SchemadiffError: as :func:`schemadiff.commands.ensure_version`.
    """
    printed = commands.ensure_version(config, sql=sql)
    if printed is not None:
        _print(printed, end="")


def check(config: Config) -> None:
    """Do nothing where the database is at head and agrees with the models, and the revisions have one head.

    Raises:
        SchemadiffError: it does not; the message says which.
    """
    checked = commands.check(config)
    where = f"database {checked.database}: " if checked.database else ""
    if not checked.at_head:
        raise SchemadiffError(
            f"{where}the database stands at {', '.join(checked.current or ()) or 'base'}, and the revisions at {', '.join(checked.heads) or 'base'}"
        )
    if checked.diff:
        raise SchemadiffError(f"{where}the database and the models differ: run 'schemadiff diff' to see how")
    if checked.edited:
        named = ", ".join(f"{each.id} ({shown_path(each.path)})" for each in checked.edited)
        raise SchemadiffError(
            f"{where}edited since they ran: {named}: undo that, or accept it with 'schemadiff stamp --update-checksums'"
        )
    if len(checked.heads) > 1:
        raise SchemadiffError(f"the revisions have several heads ({', '.join(checked.heads)}): run 'schemadiff merge'")


def current(config: Config, verbose: bool = False, check_heads: bool = False) -> None:
    """Print where the database stands.

    Raises:
        NotAtHead: not all revisions have run, and ``check_heads`` is true.
    """
    for each in commands.standing(config, check_heads=check_heads).databases:
        if each.database is not None:
            _print(f"{each.database}:")
        for row in each.rows:
            if verbose and row.revision is not None:
                _print(row.revision.doc + "\n")
            else:
                _print(f"{row.id}{' (head)' if row.is_head else ''}")


def history(
    config: Config, rev_range: str | None = None, verbose: bool = False, indicate_current: bool = False
) -> None:
    """Print the revisions, the newest first."""
    for each in commands.history(config, rev_range, indicate_current=indicate_current):
        below = ", ".join(each.revision.down_revisions) or "<base>"
        _list(each, verbose=verbose, before=f"{below} -> ", after=f", {each.revision.message}")


def heads(config: Config, verbose: bool = False, resolve_dependencies: bool = False) -> None:
    """Print the revisions that none follows; with ``resolve_dependencies`` those that none depends on either."""
    for each in commands.heads(config, resolve_dependencies=resolve_dependencies):
        _list(each, verbose=verbose)


def branches(config: Config, verbose: bool = False) -> None:
    """Print the revisions that several others follow, and those."""
    for each in commands.branches(config):
        _list(each, verbose=verbose)
        for child in each.children:
            _print(f"    -> {child}")


def show(config: Config, rev: str) -> None:
    """Print what a revision says of itself."""
    for each in commands.show(config, rev):
        _print(f"{each.revision.path}\n{each.revision.doc}")


def edit(config: Config, rev: str) -> None:
    """Open the file of a revision in the user's editor.

    Raises:
        SchemadiffError: as :func:`schemadiff.commands.edit`.
    """
    commands.edit(config, rev)


def _list(each: Listed, *, verbose: bool, before: str = "", after: str = "") -> None:
    if verbose:
        _print(f"{each.revision.doc}\n")
    else:
        marks = f" ({', '.join(each.marks)})" if each.marks else ""
        _print(f"{before}{each.revision.id}{marks}{after}")


def _told(made: Generated) -> Revision:
    from schemadiff.revisions.header import read_revision

    assert made.path is not None
    _print(f"Wrote {made.path}")
    return read_revision(made.path)


def _refuse(name: str, **arguments: Any) -> None:
    """Raise ConfigError for an argument that is given, and not supported."""
    given: Mapping[str, Any] = {key: value for key, value in arguments.items() if value}
    for key in given:
        raise ConfigError(f"command.{name}() does not support {key}= yet: leave it out")


def _print(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)


# -- Alembic has nothing like these


def update_checksums(config: Config) -> None:
    """Accept the files of revisions that were edited after they ran, as ``stamp --update-checksums`` does.

    Raises:
        SchemadiffError: as :func:`schemadiff.commands.update_checksums`.
    """
    for each in commands.update_checksums(config).databases:
        for revision in (*each.edited, *each.added):
            _print(f"{revision.id} {shown_path(revision.path)}")


def prune(config: Config, revision: str, force: bool = False) -> None:
    """Make ``revision`` the base, and delete the files of what came before it.

    A database that has run ``revision`` goes on as before. A new one can be built by ``upgrade()`` only where the upgrade of ``revision``
    can run first; else build it with ``metadata.create_all()`` and ``command.stamp(config, "head")``.

    Raises:
        SchemadiffError: as :func:`schemadiff.commands.prune`.
    """
    done = commands.prune(config, revision, force=force)
    _print(f"{done.base.id} is the base; {len(done.deleted)} files were deleted")


def reset(config: Config, yes: bool = False) -> None:
    """Delete the revisions, and drop our tables in all databases of the project; without ``yes`` print what that would do.

    Raises:
        SchemadiffError: as :func:`schemadiff.commands.reset`.
    """
    found = commands.reset(config, yes=yes)
    word = "deleted" if found.done else "would be deleted"
    for path in found.files:
        _print(f"{path}: {word}")
    for database in found.databases:
        for table in database.tables:
            _print(f"table {table} of {database.url}: {word}")


def squash(config: Config, revision_range: str, message: str | None = None, force: bool = False) -> None:
    """Fold the revisions of ``A:B`` into one, which takes the identifier and the file of B.

    Raises:
        SchemadiffError: as :func:`schemadiff.commands.squash`.
    """
    done = commands.squash(config, revision_range, message, force=force)
    _print(f"{done.revision.id} stands for {len(done.folded)} revisions")
