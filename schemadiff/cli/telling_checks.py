"""What ``check`` has found, in lines for people: which of models, revisions and database disagree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from schemadiff.cli.session import Session
from schemadiff.cli.showing import ADVICE_EDITED, edited_file, named_rows, show_tree, tell_half, warn

if TYPE_CHECKING:
    from schemadiff.commands import Built, Checked
    from schemadiff.rendering.ci import Subject

__all__ = ["tell_checked", "tell_places"]

# So many revisions that have not run are named; further ones are counted.
_NAMED = 20
# What stands in the models; revisions are named with their files.
_IN_MODELS = frozenset({"unmigrated-change", "drift", "difference"})
# So many places in the source are shown; further ones are counted.
_PLACES = 50


def tell_checked(session: Session, checked: Checked, source: str | None = None) -> None:
    """Show what was found on one database, or of ``source``, which was looked at in its place."""
    subject = source or "The database"
    if checked.several_heads:
        session.output.say(f"The revisions have several heads: {', '.join(checked.heads)}")
        session.output.note(
            "Next: run schemadiff merge; where they are there on purpose, set multiple_heads = true in the settings"
        )
    if checked.asked:
        _tell_standing(session, checked, subject)
    if checked.built is not None:
        _tell_built(session, checked.built)
    elif checked.diff:
        warn(session, checked.diff)
        session.output.say(f"{subject} and the models differ:")
        show_tree(session, checked.diff)
        drift = "; where it may be the database that was changed, schemadiff check --from-revisions --database tells"
        session.output.note(f"Next: run schemadiff autogen{'' if source else drift}")
    elif checked.diff is not None:
        warn(session, checked.diff)
    for each in checked.edited:
        session.output.say(f"Edited since it ran: {edited_file(session, each)}")
    if checked.edited:
        session.output.note(f"Next: {ADVICE_EDITED}")
    if checked.ok:
        session.output.say(_agreement(checked, subject))


def tell_places(session: Session, subject: Subject, root: Path) -> None:
    """Show where what was found stands in the source, a line each, so that a terminal or an editor can go there.

    Args:
        session: the call.
        subject: what was found on one database.
        root: the folder that its paths start from.
    """
    from schemadiff.rendering.ci import KINDS

    placed = [each for each in subject.findings if each.path is not None and each.kind in _IN_MODELS]
    for each in placed[:_PLACES]:
        line = "" if each.line is None else f":{each.line}"
        session.output.say(
            f"{session.shown_path(root / str(each.path))}{line}: {KINDS[each.kind].title}: {each.object}", "dim"
        )
    if len(placed) > _PLACES:
        session.output.say(f"and {len(placed) - _PLACES} more places; --format json lists all of them", "dim")


def _agreement(checked: Checked, subject: str) -> str:
    if checked.built is None:
        at_head = "" if checked.current is None else "is at head and "
        return f"{subject} {at_head}agrees with the models"
    if checked.asked:
        return "The database is at head, and database, revisions and models agree"
    return "The revisions build the models"


def _tell_standing(session: Session, checked: Checked, subject: str) -> None:
    current = checked.current or ()
    if checked.half is not None:
        tell_half(session, checked.half, current, checked.half_file)
    elif not checked.at_head:
        session.output.say(
            f"{subject} is not at head: it stands at {named_rows(current)}, and the revisions at {named_rows(checked.heads)}"
        )
        for each in checked.unapplied[:_NAMED]:
            message = f", {' '.join(each.message.split())}" if each.message else ""
            session.output.say(f"Not applied: {each.id}{message}")
        if len(checked.unapplied) > _NAMED:
            session.output.say(f"and {len(checked.unapplied) - _NAMED} more")
        session.output.note(f"Next: run schemadiff upgrade{'' if subject == 'The database' else ' there'}")


def _tell_built(session: Session, built: Built) -> None:
    warn(session, built.models)
    if built.models:
        session.output.say("Unmigrated model change: the models have what no revision builds:")
        show_tree(session, built.models)
        session.output.note("Next: run schemadiff autogen")
    if built.database is not None:
        warn(session, built.database)
    if built.database:
        session.output.say("Drift in the database: it is at head, and differs from what the revisions build:")
        show_tree(session, built.database)
        session.output.note("Next: take the change in the database back, or write a revision that makes it")
