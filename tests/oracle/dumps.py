"""What a dump is: a bag of lines, in which some names can be left open."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """The name of a constraint, an index or a sequence, where a server may have given it.

    ``kind`` is one of primary_key, unique, foreign_key, check, exclude, not_null, index, sequence. ``columns`` are the
    columns of the key where the dump tells them. ``placeholder`` is what stands for an open name: a sequence that a column
    owns is still told from that of another column. ``lead`` and ``tail`` are the text around a name that goes with it.
    """

    dialect: str
    table: str
    kind: str
    name: str
    columns: tuple[str, ...] = ()
    placeholder: str = "?"
    lead: str = ""
    tail: str = ""

    def text(self, is_open: Callable[[Name], bool]) -> str:
        return self.placeholder if is_open(self) else f"{self.lead}{self.name}{self.tail}"


OpenNames = Collection[str] | Callable[[Name], bool]
Line = tuple[str | Name, ...]


@dataclass(frozen=True)
class Dump:
    """The schema of a database, as its own tools tell it. ``lines`` stand in no order.

    ``always`` are the lines that an empty database has too.
    """

    dialect: str
    lines: tuple[Line, ...]
    always: tuple[Line, ...] = ()

    def text(self, open_names: OpenNames = ()) -> list[str]:
        """Return the lines, sorted; a name that ``open_names`` holds (or answers True for) gives way to a placeholder."""
        is_open = open_names if callable(open_names) else lambda name: name.name in open_names
        return sorted(_rendered(line, is_open) for line in (*self.lines, *self.always))

    def is_empty_but_for_ours(self) -> bool:
        """Tell whether nothing is left but what the dump leaves out: our own tables."""
        return not self.lines


def _rendered(line: Line, is_open: Callable[[Name], bool]) -> str:
    return "".join(part if isinstance(part, str) else part.text(is_open) for part in line)


def difference(a: Dump, b: Dump, *, open_names: OpenNames = ()) -> str:
    """Return a unified diff of two dumps, empty where they are the same."""
    before = [physical for line in a.text(open_names) for physical in line.split("\n")]
    after = [physical for line in b.text(open_names) for physical in line.split("\n")]
    return "\n".join(difflib.unified_diff(before, after, "first", "second", lineterm="", n=1))


def assert_same(a: Dump, b: Dump, *, open_names: OpenNames = (), about: str = "the databases") -> None:
    """Fail with a unified diff where two dumps differ.

    ``open_names`` are the names that model and history leave open: a collection of names, or a function over ``Name``
    (see ``unnamed_in``). They must hold for both dumps.
    """
    if a.text(open_names) != b.text(open_names):
        raise AssertionError(f"{about} differ:\n{difference(a, b, open_names=open_names)}")
