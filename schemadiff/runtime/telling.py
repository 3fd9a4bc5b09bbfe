"""What is said of a revision that is half done: how far it is, and what can be done about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from schemadiff.errors import HalfDone
from schemadiff.runtime.journal import Entry, Half

__all__ = ["File", "again", "back_to", "listed", "lost_way", "refused", "state_of", "ways"]

File = Literal["as it was", "edited", "gone"]
"""What has become of the file of a revision since it was begun."""

# The others are shown by 'schemadiff current'.
_SHOWN = 12


def listed(half: Half) -> str:
    """Return the operations of a revision in one line, the last ones where there are many."""
    entries = half.entries
    left_out = len(entries) - _SHOWN
    ahead = [f"{left_out} before them"] if left_out > 0 else []
    return "; ".join([*ahead, *map(str, entries[-_SHOWN:])]) or "none of its operations is done"


def _numbers(entries: Iterable[Entry]) -> str:
    """Return numbers as ranges: ``1-3, 5``."""
    ranges: list[list[int]] = []
    for number in sorted(entry.number for entry in entries):
        if ranges and ranges[-1][-1] == number - 1:
            ranges[-1][1:] = [number]
        else:
            ranges.append([number])
    return ", ".join("-".join(map(str, each)) for each in ranges)


def back_to(half: Half) -> str:
    """Return the command that takes a revision back, as far as it was done."""
    return _down(half) if half.direction == "upgrade" else f"schemadiff upgrade {half.revision}"


def again(half: Half) -> str:
    """Return the command that goes on with a revision."""
    return _down(half) if half.direction == "downgrade" else f"schemadiff upgrade {half.revision}"


def _down(half: Half) -> str:
    """Return the command that goes down by the revision, and no further."""
    lower, upper = (half.before, half.after) if half.direction == "upgrade" else (half.after, half.before)
    alone = len(upper) == 1 and len(lower) < 2
    return f"schemadiff downgrade {(lower[0] if lower else 'base') if alone else f'{half.revision}@-1'}"


def state_of(half: Half) -> str:
    """Return what state the database is in, for the message of what failed."""
    done = tuple(entry for entry in half.entries if entry.state == "done")
    entry = half.in_flight
    count = (
        f"operations {_numbers(done)}" if len(done) > 1 else f"operation {_numbers(done)}" if done else "no operation"
    )
    said = f"{count} of {half.revision} {'are' if len(done) > 1 else 'is'} done and journalled"
    if half.used_bind:
        return (
            f"{said}, and it sent statements of its own between them, so that nobody can tell how far it is: "
            f"run 'schemadiff current', look at the database, and {_by_hand(half)}"
        )
    if entry is not None:
        said += f", and operation {entry.number} was {'begun' if entry.state == 'begun' else 'being taken back'}"
    return f"{said}; run '{again(half)}' again to continue, '{back_to(half)}' to take them back"


def refused(half: Half, why: str) -> HalfDone:
    """Return the error for a revision that cannot be gone on with, nor taken back, on the journal's word alone."""
    return HalfDone(f"{half}: {listed(half)}; {why}: look what of it is in the database, and {_by_hand(half)}")


def lost_way(half: Half, command: str, standing: Collection[str]) -> HalfDone:
    """Return the error for a command that has nothing to do with the revision that is half done.

    Args:
        half: the revision.
        command: the command.
        standing: the rows of the version table.
    """
    return HalfDone(f"{half}: {listed(half)}; {command} has to wait for it: {ways(half, standing)}")


def ways(half: Half, standing: Collection[str], file: File = "as it was") -> str:
    """Return what can be done about a revision that is half done, and nothing that is sure to be refused.

    Args:
        half: the revision.
        standing: the rows of the version table.
        file: what has become of its file.
    """
    purge = "'schemadiff stamp --purge REVISION' to forget it where you have mended the database by hand"
    if set(standing) != set(half.before):
        return (
            f"the version table stands at {', '.join(sorted(standing)) or 'base'} all the same, and not at "
            f"{', '.join(half.before) or 'base'}, where {half.revision} began: look what of it is in the database, mend that by hand, "
            "and run 'schemadiff stamp --purge REVISION'"
        )
    if file == "gone":
        return f"no file has revision {half.revision}: bring it back, or run {purge}"
    if half.used_bind or file == "edited":
        why = "it sent statements of its own" if half.used_bind else "its text has changed since"
        return f"{why}: look what of it is in the database, and {_by_hand(half)}, or {purge}"
    return f"run '{again(half)}' to continue, '{back_to(half)}' to take it back, or {purge}"


def _by_hand(half: Half) -> str:
    return (
        f"run '{again(half)} --resume-after N' or '{back_to(half)} --resume-after N', where its operations up to N count as done and "
        "no other does"
    )
