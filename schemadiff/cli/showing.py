"""What several commands show of what they found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemadiff.cli.session import Session

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.rendering.terminal import DiffTree
    from schemadiff.revisions.header import Revision
    from schemadiff.runtime.journal import Half
    from schemadiff.runtime.telling import File

__all__ = ["ADVICE_EDITED", "DIFFERENT", "edited_file", "named_rows", "note_tree", "show_tree", "tell_half", "warn"]

DIFFERENT = 1
"""The exit status of a command that found what it looks for."""

ADVICE_EDITED = "undo that, or accept it with schemadiff stamp --update-checksums"


def show_tree(session: Session, difference: Diff, *, full: bool = False) -> None:
    """Show a difference as a tree.

    Args:
        session: the call.
        difference: the difference.
        full: fold nothing, however much it is.
    """
    session.output.render(_tree(difference, full))


def note_tree(session: Session, database: str | None, difference: Diff, *, full: bool = False) -> None:
    """Show a difference as a tree where it is no result, unless told to be quiet.

    Args:
        session: the call.
        database: the database that it is about, where there are several.
        difference: the difference.
        full: fold nothing, however much it is.
    """
    if database is not None:
        session.output.note(f"{database}:", "bold")
    session.output.render_note(_tree(difference, full))


def _tree(difference: Diff, full: bool) -> DiffTree:
    from schemadiff.rendering.terminal import DiffTree

    return DiffTree(difference.upgrade, backend=difference.backend, full=full)


def tell_half(session: Session, half: Half, standing: tuple[str, ...], file: File) -> None:
    """Show the revision that a database stands in the middle of, how far it is, and the ways out."""
    from schemadiff.runtime.telling import ways

    text = str(half)
    session.output.say(f"{text[0].upper()}{text[1:]}:", "yellow")
    for entry in half.entries:
        session.output.say(f"  {entry}")
    if half.used_bind:
        session.output.say("  It sent statements of its own between them, which are not in the journal")
    session.output.note(f"Next: {ways(half, standing, file)}")


def edited_file(session: Session, revision: Revision) -> str:
    """Return what an edited revision is called."""
    return f"{session.shown_path(revision.path)}, revision {revision.id}"


def warn(session: Session, difference: Diff) -> None:
    """Show the warnings of a difference."""
    for warning in difference.warnings:
        session.output.note(f"warning: {warning}", "yellow")


def named_rows(rows: tuple[str, ...]) -> str:
    """Return the rows of a version table, in words."""
    return ", ".join(rows) or "base"
