"""What a check found, one finding each, with where it stands in the source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from schemadiff.commands.checking import Checked
from schemadiff.commands.locating import Locator, relative_path, repository_root
from schemadiff.commands.shared import named
from schemadiff.commands.spots import Spot
from schemadiff.config import Config
from schemadiff.errors import SchemadiffError, mask_passwords
from schemadiff.frozen import dataclass
from schemadiff.schema.words import shown

if TYPE_CHECKING:
    from schemadiff.comparison import Diff
    from schemadiff.rendering.ci import Finding, Kind, Outcome, Severity
    from schemadiff.revisions.header import Revision
    from schemadiff.schema import Schema

__all__ = ["failed", "outcome_of"]


def outcome_of(checked: Checked, config: Config, *, root: Path | None = None) -> Outcome:
    """Return what a check found as findings, each with its place in the source.

    Args:
        checked: what :func:`~schemadiff.commands.check` returned. The modules of the models are still imported.
        config: the settings.
        root: the folder that paths start from; the repository's when None.
    """
    from schemadiff.rendering.ci import Outcome, Subject

    locator = Locator(config, repository_root(config.folder) if root is None else root)
    subjects = []
    for number, each in enumerate(checked.databases):
        found = [*(_heads(each, locator) if number == 0 else ()), *_of_database(each, locator)]
        subjects.append(Subject(each.database, _looked_for(each), tuple(found), each.ok))
    return Outcome(tuple(subjects))


def failed(error: BaseException, settings: Path | None, *, root: Path | None = None) -> Outcome:
    """Return the outcome of a check that an error ended.

    Args:
        error: the error.
        settings: the settings file, where one was found.
        root: the folder that its path starts from; the repository's when None.
    """
    from schemadiff.rendering.ci import Outcome

    path = None
    if settings is not None:
        path = relative_path(settings, repository_root(settings.parent) if root is None else root)
    message = str(error) if isinstance(error, SchemadiffError) else f"{type(error).__name__}: {error}"
    return Outcome(error=_line(message), path=path)


# -- the findings of one database


def _looked_for(checked: Checked) -> tuple[Kind, ...]:
    """Return the kinds that could be looked for: what a database that is not at head differs in is not known."""
    from schemadiff.rendering.ci import KINDS

    looked_for = {
        "unmigrated-change": checked.built is not None,
        "drift": checked.built is not None and checked.built.database is not None,
        "difference": checked.built is None and checked.diff is not None,
        "several-heads": True,
    }
    return tuple(kind for kind in KINDS if looked_for.get(kind, checked.asked))


def _of_database(checked: Checked, locator: Locator) -> Iterator[Finding]:
    of = _Finder(checked.database, locator, _severity(checked))
    if checked.built is not None:
        models = checked.built.models
        yield from _differences(of, "unmigrated-change", models, models.target)
        if checked.built.database is not None:
            yield from _differences(of, "drift", checked.built.database, models.target)
    # Where nobody looked at what the revisions build, or that explains nothing.
    explained = checked.built is not None and (checked.built.models or checked.built.database)
    if checked.diff is not None and not explained:
        yield from _differences(of, "difference", checked.diff, checked.diff.target)
    half_id = None if checked.half is None else checked.half.revision
    for revision in checked.unapplied:
        if revision.id == half_id:
            continue
        yield of.revision("unapplied-revision", revision, f"{_called(revision)} has not run on the database")
    if checked.asked and not checked.at_head and not checked.unapplied and checked.half is None:
        message = f"the database stands at {named(checked.current or ())}, and the revisions at {named(checked.heads)}"
        yield of.finding("unapplied-revision", message, named(checked.current or ()), None)
    for revision in checked.edited:
        yield of.revision("edited-revision", revision, f"{_called(revision)} was edited since it ran on the database")
    if checked.half is not None:
        half = locator.graph.nodes.get(checked.half.revision)
        path = None if half is None else half.path
        yield of.finding("half-done-revision", str(checked.half), checked.half.revision, path)


def _heads(checked: Checked, locator: Locator) -> Iterator[Finding]:
    if checked.several_heads:
        last = locator.graph.nodes.get(checked.heads[-1])
        message = f"the revisions have {len(checked.heads)} heads: {', '.join(checked.heads)}"
        path = None if last is None else last.path
        yield _Finder(None, locator, _severity(checked)).finding(
            "several-heads", message, ", ".join(checked.heads), path
        )


def _severity(checked: Checked) -> Severity:
    """Return how bad findings are: where the check passes all the same, they are warnings."""
    return "warning" if checked.ok else "error"


def _called(revision: Revision) -> str:
    return f"revision {revision.id} ({revision.message})" if revision.message else f"revision {revision.id}"


_SENTENCES: Mapping[Kind, Mapping[str, str]] = {
    "unmigrated-change": {
        "+": "{what} is in the models, and no revision adds it{details}",
        "-": "{what} is built by the revisions, and not in the models",
        "~": "{what} of the models differs from what the revisions build{details}",
    },
    "drift": {
        "+": "{what} is in the database, and no revision adds it{details}",
        "-": "{what} is built by the revisions, and not in the database",
        "~": "{what} of the database differs from what the revisions build{details}",
    },
    "difference": {
        "+": "{what} is in the models, and not in the database{details}",
        "-": "{what} is in the database, and not in the models",
        "~": "{what} differs between database and models{details}",
    },
}


def _differences(of: _Finder, kind: Kind, difference: Diff, models: Schema) -> Iterator[Finding]:
    from schemadiff.rendering.labels import changes

    for operation in difference.upgrade:
        for change in changes(operation):
            # All columns of a new table are too much for one line.
            whole = change.name is None and change.sign == "+"
            details = f": {'; '.join(change.details)}" if change.details and not whole else ""
            name = change.qualified or "; ".join(change.details)
            sentence = _SENTENCES[kind][change.sign].format(what=f"{change.kind} {name}", details=details)
            yield of.spot(kind, sentence, name, of.locator.change(change, models))


@dataclass(frozen=True)
class _Finder:
    """Makes findings about one database."""

    database: str | None
    locator: Locator
    severity: Severity

    def finding(self, kind: Kind, message: str, object_: str, path: Path | None) -> Finding:
        return self.spot(kind, message, object_, None if path is None else Spot(str(path)))

    def revision(self, kind: Kind, revision: Revision, message: str) -> Finding:
        return self.finding(kind, message, revision.id, revision.path)

    def spot(self, kind: Kind, message: str, object_: str, spot: Spot | None) -> Finding:
        from schemadiff.rendering.ci import Finding

        found = self.locator.settings if spot is None else spot
        return Finding(
            kind=kind,
            message=_line(message),
            object=_line(object_),
            database=self.database,
            path=None if found is None else self.locator.shown(found),
            line=None if found is None else found.line,
            severity=self.severity,
        )


def _line(text: str) -> str:
    """Return ``text`` on one line, without passwords and without characters that cannot be seen."""
    return shown(mask_passwords(" ".join(text.split())))
