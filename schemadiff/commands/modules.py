"""Where a part of the models stands in the source: the file, and the line of the class, the column, the constraint.

Nothing is executed for it: from the object that SQLAlchemy holds to its class by what the mappers know, and in the text of the module by
Python's parser. What cannot be found is None.
"""

from __future__ import annotations

import ast
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa

from schemadiff.commands.spots import (
    Source,
    Spot,
    attribute_line,
    calls_in,
    column_line,
    function_of,
    is_name,
    name_of,
    of_schema,
    parse_module,
    texts_of,
)
from schemadiff.frozen import dataclass

__all__ = ["ModelSources"]

_INSTALLED = tuple(
    {os.path.join(sysconfig.get_path(name), "") for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)


@dataclass(frozen=True)
class ModelSources:
    """The modules that the models of a project come from.

    Args:
        root: the folder whose modules are looked at; what is installed in it (a virtual environment) is not.
    """

    root: Path
    _parsed: dict[str, Source | None] = field(default_factory=dict, compare=False, repr=False)
    _files: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)
    _homes: dict[sa.Table, _Home | None] = field(default_factory=dict, compare=False, repr=False)

    def table(self, table: sa.Table) -> Spot | None:
        """Return where a table is defined: its ``Table(...)``, or its class."""
        home = self._home(table)
        return None if home is None else home.spot

    def column(self, column: sa.Column[Any]) -> Spot | None:
        """Return where a column is defined: in its class, in one that this inherits from, or in the ``Table(...)``; else the table's place."""
        home = self._home(column.table)
        if home is None:
            return None
        if home.call is not None:
            line = column_line(home.call, column.name)
            if line is not None:
                return Spot(home.spot.path, line)
        for mapper in self._mappers(column.table):
            try:
                key = mapper.get_property_by_column(column).key
            except Exception:
                continue
            for source, class_ in self._classes(mapper.class_):
                line = attribute_line(class_, key)
                if line is not None:
                    return source.spot(line)
        for source, node in home.nodes:
            line = column_line(node, column.name)
            if line is not None:
                return source.spot(line)
        return home.spot

    def item(self, item: sa.Constraint | sa.Index, table: sa.Table) -> Spot | None:
        """Return where a constraint or an index is defined: by its name, with its only column, or by its columns; else the table's place."""
        home = self._home(table)
        if home is None:
            return None
        function = type(item).__name__
        for source, call in home.calls:
            if function_of(call) == function and is_name(name_of(call), item.name):
                return source.spot(call.lineno)
        # An index may stand beside the class: Index("ix_account_email", Account.email).
        for source in home.sources:
            if item.name and (line := source.line(function, str(item.name))) is not None:
                return source.spot(line)
        columns = [column for column in getattr(item, "columns", ()) if isinstance(column, sa.Column)]
        if len(columns) == 1:
            return self.column(columns[0])
        wanted = {column.name for column in columns}
        for source, call in home.calls:
            if wanted and function_of(call) == function and wanted <= texts_of(call):
                return source.spot(call.lineno)
        return home.spot

    def enum(self, type_: sa.Enum) -> Spot | None:
        """Return where the Python class of an enum type is defined."""
        return next((source.spot(node.lineno) for source, node in self._classes(type_.enum_class)), None)

    def called(self, function: str, name: str) -> Spot | None:
        """Return where a module of the project calls ``function`` with ``name`` first: ``Sequence("number")``."""
        for source in filter(None, map(self._source, self._modules)):
            if (line := source.line(function, name)) is not None:
                return source.spot(line)
        return None

    def module(self, name: str) -> Spot | None:
        """Return the file of a module that has been imported."""
        source = self._source(sys.modules.get(name))
        return None if source is None else source.spot(None)

    # -- tables

    def _home(self, table: sa.Table) -> _Home | None:
        """Return what defines a table: a call of ``Table``, else the classes that are mapped to it."""
        if table not in self._homes:
            self._homes[table] = self._find_home(table)
        return self._homes[table]

    def _find_home(self, table: sa.Table) -> _Home | None:
        classes = tuple(pair for mapper in self._mappers(table) for pair in self._classes(mapper.class_))
        held = self._held.get(table, ())
        for source in dict.fromkeys(source for source, _ in (*classes, *held)):
            for call in source.named.get(("Table", table.name), ()):
                if of_schema(call, table.schema):
                    # What a class says beside the call counts too: attributes of its own, __table_args__.
                    return _Home(source.spot(call.lineno), ((source, call), *classes), call)
        if classes:
            source, node = classes[0]
            return _Home(source.spot(node.lineno), classes)
        for source, name in held:
            line = attribute_line(source.tree, name)
            if line is not None:
                return _Home(source.spot(line), ())
        return None

    def _mappers(self, table: sa.Table) -> Sequence[Any]:
        """Return the mappers of a table, that of the class which the others inherit from first."""
        return self._mapped.get(table, ())

    @cached_property
    def _mapped(self) -> Mapping[object, Sequence[Any]]:
        mapperlib = getattr(sys.modules.get("sqlalchemy.orm"), "mapperlib", None)
        registries: Iterable[Any] = getattr(mapperlib, "_all_registries", tuple)()
        mappers = [mapper for registry in registries for mapper in registry.mappers]
        found: dict[object, list[Any]] = {}
        for mapper in sorted(mappers, key=lambda each: (len(each.class_.__mro__), each.class_.__qualname__)):
            found.setdefault(mapper.local_table, []).append(mapper)
        return found

    @cached_property
    def _held(self) -> Mapping[sa.Table, Sequence[tuple[Source, str]]]:
        """The modules of the project that hold each table, and the name that it has there."""
        found: dict[sa.Table, list[tuple[Source, str]]] = {}
        for module in self._modules:
            for name, table in list(vars(module).items()):
                if type(table) is sa.Table and (source := self._source(module)) is not None:
                    found.setdefault(table, []).append((source, name))
        return found

    def _classes(self, class_: object) -> Iterator[tuple[Source, ast.ClassDef]]:
        """Yield the definitions of a class and of those that it inherits from, in the order in which attributes are looked up."""
        for each in getattr(class_, "__mro__", ()):
            source = self._source(sys.modules.get(each.__module__))
            node = None if source is None else source.classes.get(each.__qualname__)
            if source is not None and node is not None:
                yield source, node

    # -- modules

    @cached_property
    def _modules(self) -> Sequence[ModuleType]:
        """The modules of the project's own."""
        return [module for module in list(sys.modules.values()) if self._file(module) is not None]

    def _file(self, module: ModuleType | None) -> str | None:
        """Return the source of a module of the project's own."""
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not file.endswith(".py"):
            return None
        if file not in self._files:
            self._files[file] = self._own(os.path.abspath(file))
        return self._files[file]

    def _own(self, path: str) -> str | None:
        """Return ``path`` where it is below the root, and was not installed there."""
        if path.startswith(_INSTALLED) or f"{os.sep}site-packages{os.sep}" in path:
            return None
        real, root = (os.path.join(os.path.realpath(each), "") for each in (path, self.root))
        return path if real.startswith(root) else None

    def _source(self, module: ModuleType | None) -> Source | None:
        path = self._file(module)
        if path is None:
            return None
        if path not in self._parsed:
            self._parsed[path] = parse_module(path)
        return self._parsed[path]


@dataclass(frozen=True)
class _Home:
    """Where a table is defined: the place that is named, and the parts of sources that define it."""

    spot: Spot
    nodes: tuple[tuple[Source, ast.AST], ...]
    call: ast.Call | None = None

    @cached_property
    def sources(self) -> list[Source]:
        return list(dict.fromkeys(source for source, _ in self.nodes))

    @cached_property
    def calls(self) -> list[tuple[Source, ast.Call]]:
        return [(source, call) for source, node in self.nodes for call in calls_in(node)]
