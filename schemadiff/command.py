"""The commands as tutorials call them from Python: ``command.stamp(Config("schemadiff.toml"), "head")``.

Names and arguments are those that users of Alembic know. Each function does what the command of the same name does, and prints
what it has to tell on standard output; :mod:`schemadiff.commands` returns it instead.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemadiff import commands
from schemadiff.errors import ConfigError, SchemadiffError

if TYPE_CHECKING:
    from schemadiff.config import Config
    from schemadiff.revisions.header import Revision

__all__ = ["check", "current", "downgrade", "heads", "history", "init", "revision", "show", "stamp", "upgrade"]


def init(config: Config, directory: str, template: str = "generic", package: bool = False) -> None:
    """Begin a project in ``directory``; the settings go where ``config`` has its folder.

    Raises:
        ConfigError: it cannot be made, or ``package`` was asked for.
    """
    _refuse("init", package=package)
    commands.init(Path(directory), folder=config.folder, template=template)


def revision(
    config: Config,
    message: str | None = None,
    autogenerate: bool = False,
    sql: bool = False,
    head: str = "head",
    splice: bool = False,
    branch_label: str | Sequence[str] | None = None,
    version_path: str | None = None,
    rev_id: str | None = None,
    depends_on: str | Sequence[str] | None = None,
    process_revision_directives: Any = None,
) -> Revision | None:
    """Write a revision: an empty one, or with ``autogenerate`` the difference between the database and the models.

    Returns:
        The new revision; None where there is no difference.

    Raises:
        ConfigError: an argument that is not supported yet was given.
        SchemadiffError: the file cannot be written.
    """
    _refuse(
        "revision",
        sql=sql,
        head=head != "head",
        splice=splice,
        branch_label=branch_label,
        version_path=version_path,
        depends_on=depends_on,
        process_revision_directives=process_revision_directives is not None and not autogenerate,
    )
    if autogenerate:
        made = commands.autogen(config, message, rev_id=rev_id, hook=process_revision_directives)
    else:
        made = commands.revision(config, message, rev_id=rev_id)
    if made.path is None:
        _print("No differences: no file was written.")
        return None
    _print(f"Wrote {made.path}")
    from schemadiff.revisions.header import read_revision

    return read_revision(made.path)


def upgrade(config: Config, revision: str = "head", sql: bool = False, tag: str | None = None) -> None:
    """Run the revisions that lead to ``revision``; with ``sql`` print them as SQL.

    Raises:
        SchemadiffError: as :func:`schemadiff.commands.upgrade`.
    """
    ran = commands.upgrade(config, revision, sql=sql, tag=tag)
    if ran.sql is not None:
        _print(ran.sql, end="")


def downgrade(config: Config, revision: str, sql: bool = False, tag: str | None = None) -> None:
    """Take back the revisions that came after ``revision``; with ``sql`` print that as SQL.

    Raises:
        SchemadiffError: as :func:`schemadiff.commands.downgrade`.
    """
    ran = commands.downgrade(config, revision, sql=sql, tag=tag)
    if ran.sql is not None:
        _print(ran.sql, end="")


def stamp(config: Config, revision: str, sql: bool = False, tag: str | None = None, purge: bool = False) -> None:
    """Set where the database stands, without running anything.

    Raises:
        ConfigError: an argument that is not supported yet was given.
        SchemadiffError: as :func:`schemadiff.commands.stamp`.
    """
    _refuse("stamp", sql=sql, purge=purge)
    commands.stamp(config, revision, tag=tag)


def check(config: Config) -> None:
    """Do nothing where the database is at head and agrees with the models.

    Raises:
        SchemadiffError: it does not; the message says which.
    """
    checked = commands.check(config)
    if not checked.at_head:
        raise SchemadiffError(
            f"the database stands at {', '.join(checked.current) or 'base'}, and the revisions at {', '.join(checked.heads) or 'base'}"
        )
    if checked.diff:
        raise SchemadiffError("the database and the models differ: run 'schemadiff diff' to see how")


def current(config: Config, verbose: bool = False) -> None:
    """Print where the database stands."""
    for row in commands.current(config):
        if verbose and row.revision is not None:
            _print(row.revision.doc + "\n")
        else:
            _print(f"{row.id}{' (head)' if row.is_head else ''}")


def history(
    config: Config, rev_range: str | None = None, verbose: bool = False, indicate_current: bool = False
) -> None:
    """Print the revisions, the newest first."""
    standing = {row.id for row in commands.current(config)} if indicate_current else set()
    top = {each.id for each in commands.heads(config)}
    for each in commands.history(config, rev_range):
        marks = [mark for mark, set_ in (("head", each.id in top), ("current", each.id in standing)) if set_]
        marked = f" ({', '.join(marks)})" if marks else ""
        below = ", ".join(each.down_revisions) or "<base>"
        _print(f"{each.doc}\n" if verbose else f"{below} -> {each.id}{marked}, {each.message}")


def heads(config: Config, verbose: bool = False) -> None:
    """Print the revisions that none follows."""
    for each in commands.heads(config):
        _print(f"{each.doc}\n" if verbose else f"{each.id} (head)")


def show(config: Config, rev: str) -> None:
    """Print what a revision says of itself."""
    for each in commands.show(config, rev):
        _print(f"{each.path}\n{each.doc}")


def _refuse(name: str, **arguments: Any) -> None:
    """Raise ConfigError for an argument that is given, and not supported."""
    given: Mapping[str, Any] = {key: value for key, value in arguments.items() if value}
    for key in given:
        raise ConfigError(f"command.{name}() does not support {key}= yet: leave it out")


def _print(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
