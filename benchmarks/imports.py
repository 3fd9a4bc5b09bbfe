"""What a process imports, and how long that takes: ``python -X importtime``, read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT, python

_LINE = re.compile(r"import time: +(\d+) \| +(\d+) \| ( *)(\S+)")


@dataclass(frozen=True)
class Import:
    """A module that was imported: the microseconds that it took itself, and with all that it imported first."""

    module: str
    own: int
    cumulative: int

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]


@dataclass(frozen=True)
class Package:
    """The modules of a package: how many, what they took themselves, and the longest of them with all that it imported first."""

    name: str
    modules: int
    own: int
    cumulative: int


def imports(*arguments: str, cwd: Path = ROOT) -> list[Import]:
    """Return what ``python`` with these arguments imports, in the order in which it is done."""
    said = python("-X", "importtime", *arguments, cwd=cwd).stderr
    return [Import(name, int(own), int(cumulative)) for own, cumulative, _, name in _LINE.findall(said)]


def imported(*arguments: str, cwd: Path = ROOT) -> frozenset[str]:
    """Return the packages of which ``python`` with these arguments imports something."""
    return frozenset(each.package for each in imports(*arguments, cwd=cwd))


def packages(found: Iterable[Import]) -> list[Package]:
    """Return imports by package, the longest first."""
    by_name: dict[str, list[Import]] = defaultdict(list)
    for each in found:
        by_name[each.package].append(each)
    made = [
        Package(name, len(group), sum(each.own for each in group), max(each.cumulative for each in group))
        for name, group in by_name.items()
    ]
    return sorted(made, key=lambda package: (-package.own, package.name))
