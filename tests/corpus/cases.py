"""The pairs on disk: ``fixtures/pairs/<dialect>/<case>/{before,after}.sql``.

``after.sql`` starts with a comment. Its first line gives the kinds of object and what is done to them; the lines after it
say which rule the case is about, in plain words; keys may follow, one a line:

    -- column type: change, index: keep
    -- A type that needs a cast takes the index off and puts it back.
    -- keeps: SELECT id, amount::text FROM invoice ORDER BY id
    -- needs: 18
    -- refused: invoice.*partition
    -- unmodelled: SQLAlchemy does not reflect EXCLUDE

keeps
    a query that gives the same rows before the upgrade, after it and after the downgrade (may stand several times);
needs
    the first major version of the server that has the feature;
refused
    a regular expression: autogen refuses the change with a message that matches it;
refused of a model
    the same, but only where the target is a model: a view that is in the way comes back as the target has it, and a model does not say;
unmodelled
    why ``MetaData.reflect()`` gives something that is not the schema at all, so that only the databases are compared.

Where everything is kept, the two schemas mean the same, and a diff of them is empty. ``{other}`` in both files is the name of a second database on MariaDB, that ``before.sql`` makes.

Rows in ``before.sql`` have to survive:
a table that is in both schemas keeps as many as it had.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.servers import Backend

FOLDER = Path(__file__).parents[2] / "fixtures" / "pairs"
ACTIONS = ("add", "drop", "change", "rename", "keep")

_KEYS = ("keeps", "needs", "refused of a model", "refused", "unmodelled")


@dataclass(frozen=True)
class Case:
    """One pair. ``subjects`` are (kind of object, action)."""

    dialect: str
    name: str
    before: str
    after: str
    subjects: tuple[tuple[str, str], ...]
    rule: str
    keeps: tuple[str, ...] = ()
    needs: int = 0
    refused: str | None = None
    unmodelled: str | None = None
    refused_of_model: str | None = None

    @property
    def id(self) -> str:
        return f"{self.dialect}/{self.name}"

    def on(self, backend: Backend) -> Case:
        """Return the case as it is tried on a server: with a second database where it needs one."""
        if "{other}" not in self.before:
            return self
        # Both sides see the one that before.sql makes.
        other = backend.new_schema_name()
        before, after = (side.replace("{other}", other) for side in (self.before, self.after))
        return replace(self, before=before, after=after)

    def refusal(self, *, of_model: bool) -> str | None:
        """Return what the message of autogen has to match; None where it does not refuse the change."""
        return self.refused_of_model if of_model and self.refused_of_model is not None else self.refused


def read_case(folder: Path) -> Case:
    """Read one pair.

    Raises:
        ValueError: the comment at the head of ``after.sql`` is not as described above; the message names the file.
    """
    before, after = ((folder / f"{side}.sql").read_text(encoding="utf-8") for side in ("before", "after"))
    head: list[str] = []
    for line in after.splitlines():
        if not line.startswith("-- "):
            break
        head.append(line[3:].strip())
    if len(head) < 2:
        raise ValueError(f"{folder}/after.sql starts with no comment of two lines: what changes, and by which rule")
    subjects = []
    for part in head[0].split(","):
        kind, _, action = (word.strip() for word in part.partition(":"))
        if not kind or action not in ACTIONS:
            raise ValueError(f"{folder}/after.sql: {part.strip()!r} is not 'kind: action'; actions are {ACTIONS}")
        subjects.append((kind, action))
    said: dict[str, list[str]] = {key: [] for key in _KEYS}
    rule = []
    for line in head[1:]:
        match = re.fullmatch(rf"({'|'.join(_KEYS)}): (.+)", line)
        if match:
            said[match[1]].append(match[2])
        else:
            rule.append(line)
    return Case(
        folder.parent.name,
        folder.name,
        before,
        after,
        tuple(subjects),
        " ".join(rule),
        tuple(said["keeps"]),
        int(next(iter(said["needs"]), "0")),
        next(iter(said["refused"]), None),
        next(iter(said["unmodelled"]), None),
        next(iter(said["refused of a model"]), None),
    )


def cases(dialect: str | None = None) -> list[Case]:
    """Return the pairs of a dialect, or all, in the order of their names."""
    return [read_case(path.parent) for path in sorted(FOLDER.glob(f"{dialect or '*'}/*/after.sql"))]


def chosen(dialect: str, every: int = 12) -> list[Case]:
    """Return the pairs of a dialect that this run tries, an ordinary one each of so many: see :mod:`tests.corpus.test_pairs`."""
    wish = os.environ.get("SCHEMADIFF_TEST_PAIRS", "")
    if not wish:
        return sample(dialect, every)
    return [case for case in cases(dialect) if wish == "all" or wish in case.name]


def sample(dialect: str, every: int = 12) -> list[Case]:
    """Return the fixed part of the pairs that an ordinary test run tries."""
    return cases(dialect)[::every]
