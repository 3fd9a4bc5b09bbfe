"""What a check found, as plain data that every format is written from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from schemadiff.frozen import dataclass

__all__ = ["KINDS", "Finding", "Kind", "KindInfo", "Outcome", "Severity", "Subject"]

Kind = Literal[
    "unmigrated-change",
    "drift",
    "difference",
    "unapplied-revision",
    "several-heads",
    "edited-revision",
    "half-done-revision",
]
"""What a finding is."""

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class KindInfo:
    """What is said of all findings of a kind.

    Args:
        title: the kind, in words.
        absent: what is said where there is none.
        help: what it means.
        advice: what to do.
    """

    title: str
    absent: str
    help: str
    advice: str


KINDS: Mapping[Kind, KindInfo] = {
    "unmigrated-change": KindInfo(
        "unmigrated model change",
        "the models are what the revisions build",
        "The models differ from what the revisions build: a model was changed, and no revision was written for it.",
        "run schemadiff autogen",
    ),
    "drift": KindInfo(
        "drift",
        "the database is what the revisions build",
        "The database differs from what the revisions build that have run on it: somebody changed it by hand.",
        "undo that in the database, or bring it into the models and the revisions",
    ),
    "difference": KindInfo(
        "difference",
        "the database agrees with the models",
        "The database differs from the models: a model was changed without a revision, or the database by hand.",
        "run schemadiff autogen; where it may be the database that was changed, schemadiff check --from-revisions --database tells",
    ),
    "unapplied-revision": KindInfo(
        "revision not applied",
        "all revisions have run",
        "A revision has not run on the database.",
        "run schemadiff upgrade",
    ),
    "several-heads": KindInfo(
        "several heads",
        "there is one head",
        "Several revisions are followed by none, so that 'head' names none of them.",
        "run schemadiff merge",
    ),
    "edited-revision": KindInfo(
        "edited file",
        "no file was edited since it ran",
        "The file of a revision was edited after it ran on the database, so that other databases are built otherwise.",
        "undo that, or accept it with schemadiff stamp --update-checksums",
    ),
    "half-done-revision": KindInfo(
        "half-done revision",
        "no revision is half done",
        "The database stands in the middle of a revision that was cut off.",
        "run schemadiff current, which tells the ways out",
    ),
}
"""All kinds, in the order in which they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check found. Texts are on one line, and hold no character that steers a terminal; no format's own escapes are in them.

    Args:
        kind: what it is.
        message: what is wrong, in one line.
        object: the object that it is about, ``schema.table.column``, or a revision.
        database: the database, where the project has several.
        path: the file where it stands, from the root of the repository, with ``/``; None where there is no file at all.
        line: the line in it, from 1; None where it is not known.
        severity: an error makes the check fail, a warning does not.
    """

    kind: Kind
    message: str
    object: str
    database: str | None = None
    path: str | None = None
    line: int | None = None
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """Where it stands, ``shop/models.py:12``; empty where there is no file."""
        if self.path is None:
            return ""
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What was checked: one database, or the revisions alone.

    Args:
        database: its name, where the project has several.
        checked: the kinds that could be looked for.
        findings: what was found.
        ok: the check passes.
    """

    database: str | None
    checked: tuple[Kind, ...]
    findings: tuple[Finding, ...]
    ok: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a check: what was found, or the error that it ended with.

    Args:
        subjects: what was checked.
        error: why it could not be checked, in one line; None where it could.
        path: the settings file, where an error stands that has no other place.
    """

    subjects: tuple[Subject, ...] = ()
    error: str | None = None
    path: str | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return tuple(finding for subject in self.subjects for finding in subject.findings)

    @property
    def status(self) -> int:
        """The exit status: 0 where all is well, 1 where something was found, 2 on an error."""
        if self.error is not None:
            return 2
        return 0 if all(subject.ok for subject in self.subjects) else 1
