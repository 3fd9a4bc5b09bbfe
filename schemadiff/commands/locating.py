"""Where what a check found stands: in the models, in a revision, or in the settings."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemadiff.commands.shared import load
from schemadiff.commands.spots import Spot
from schemadiff.config import Config
from schemadiff.frozen import dataclass
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.schema.words import CONSTRAINT_KINDS

if TYPE_CHECKING:
    from schemadiff.commands.modules import ModelSources
    from schemadiff.rendering.labels import Change
    from schemadiff.schema import Name, Schema, Table

__all__ = ["Locator", "relative_path", "repository_root"]


def repository_root(folder: Path) -> Path:
    """Return the root of the repository that a folder is in; where it is in none, the working directory if that is above it, else itself."""
    absolute = Path(os.path.abspath(folder))
    for each in (absolute, *absolute.parents):
        if (each / ".git").exists():
            return each
    here = Path.cwd()
    return here if absolute.is_relative_to(here) else absolute


def relative_path(path: Path | str, root: Path) -> str:
    """Return a path from ``root``, with ``/``; in full where it is not below that."""
    absolute = os.path.abspath(path)
    for one, other in ((absolute, os.path.abspath(root)), (os.path.realpath(absolute), os.path.realpath(root))):
        if Path(one).is_relative_to(other):
            return Path(one).relative_to(other).as_posix()
    return Path(absolute).as_posix()


@dataclass(frozen=True)
class Locator:
    """Where things stand in a project.

    Args:
        config: the settings.
        root: the folder that paths start from, and whose modules are looked at.
    """

    config: Config
    root: Path
    _shown: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def shown(self, spot: Spot) -> str:
        """Return the file of a place from the root."""
        if spot.path not in self._shown:
            self._shown[spot.path] = relative_path(spot.path, self.root)
        return self._shown[spot.path]

    @cached_property
    def graph(self) -> RevisionGraph:
        """The revisions."""
        return load(self.config)

    @cached_property
    def sources(self) -> ModelSources:
        """The modules of the models."""
        from schemadiff.commands.modules import ModelSources

        return ModelSources(self.root)

    @cached_property
    def settings(self) -> Spot | None:
        """The settings file."""
        return None if self.config.path is None else Spot(str(self.config.path))

    @cached_property
    def target(self) -> Spot | None:
        """The module that the settings name as the target."""
        of_databases = (target for name in self.config.databases for target in self.config.database(name).target)
        names = (target.partition(":")[0].strip() for target in (*self.config.target, *of_databases))
        return next((spot for name in names if (spot := self.sources.module(name)) is not None), None)

    @cached_property
    def created(self) -> Mapping[str, Spot]:
        """The revisions that create tables, by the names of these; the newest of several."""
        found: dict[str, Spot] = {}
        for revision in self.graph.order:
            try:
                text = revision.path.read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            for match in _CREATE_TABLE.finditer(text):
                found[match["name"]] = Spot(str(revision.path), text.count("\n", 0, match.start()) + 1)
        return found

    def change(self, change: Change, models: Schema) -> Spot | None:
        """Return where a change stands: in the models, else in the revision that made what is no longer in them.

        Args:
            change: the change.
            models: the models, lowered.
        """
        if change.table is None:
            return self.target
        try:
            find = _FINDERS.get(change.kind)
            spot = None if find is None else find(self.sources, change.table, change.name, models)
            if spot is None and change.table in models.tables:
                spot = _table(self.sources, change.table, None, models)
        except Exception:
            # An attribute of a user's class may do anything when it is looked at; a finding needs no place.
            spot = None
        created = None if change.table in models.tables else self.created.get(change.table.name)
        return spot or created or self.target


_CREATE_TABLE = re.compile(r"""\bcreate_table\(\s*(?P<quote>["'])(?P<name>[^"'\\\n]+)(?P=quote)""")


def _origin(noun: Any) -> Any:
    return None if noun is None else noun.origin


def _table(sources: ModelSources, table: Name, name: str | None, models: Schema) -> Spot | None:
    origin = _origin(models.tables.get(table) or models.views.get(table))
    return None if origin is None else sources.table(origin)


def _column(sources: ModelSources, table: Name, name: str | None, models: Schema) -> Spot | None:
    column = None if table not in models.tables or name is None else models.tables[table].column(name)
    origin = _origin(column)
    return None if origin is None else sources.column(origin)


def _item(sources: ModelSources, table: Name, name: str | None, models: Schema) -> Spot | None:
    """A constraint or an index."""
    from schemadiff.schema.words import constraint_name

    found: Table | None = models.tables.get(table)
    if found is None or found.origin is None:
        return None
    items = {each.name: each for each in found.indexes} | {constraint_name(each): each for each in found.constraints()}
    origin = None if name is None else _origin(items.get(name))
    return None if origin is None else sources.item(origin, found.origin)


def _type(sources: ModelSources, type_: Name, name: str | None, models: Schema) -> Spot | None:
    """An enum type or a domain: its class, else the first column that has it."""
    enum = _origin(models.enums.get(type_))
    spot = None if getattr(enum, "enum_class", None) is None else sources.enum(enum)
    columns = (each for table in models.tables.values() for each in table.columns if each.type.named == type_)
    origin = next((each.origin for each in columns if each.origin is not None), None)
    return spot or (None if origin is None else sources.column(origin))


def _sequence(sources: ModelSources, sequence: Name, name: str | None, models: Schema) -> Spot | None:
    return sources.called("Sequence", sequence.name) if sequence in models.sequences else None


_Find = Callable[["ModelSources", "Name", "str | None", "Schema"], "Spot | None"]

_ITEMS: Collection[str] = (*CONSTRAINT_KINDS.values(), "index")
_FINDERS: Mapping[str, _Find] = {
    "table": _table,
    "view": _table,
    "column": _column,
    "enum type": _type,
    "domain": _type,
    "sequence": _sequence,
    **dict.fromkeys(_ITEMS, _item),
}
