"""The setting ``target``: importing the MetaData that the database is compared with."""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import sys
import sysconfig
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from schemadiff.errors import TargetError
from schemadiff.revisions.header import one_line
from schemadiff.revisions.naming import shown_path
from schemadiff.revisions.symbols import nearest

if TYPE_CHECKING:
    from sqlalchemy import MetaData

__all__ = ["load_metadata", "prepend_to_sys_path", "restored_sys_path"]

_OUR_FOLDER = str(Path(__file__).parent.parent)
_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def prepend_to_sys_path(folders: Iterable[Path]) -> None:
    """Put folders first on ``sys.path``, in this order; one that is there already moves to the front."""
    first = list(dict.fromkeys(str(folder) for folder in folders))
    sys.path[:] = [*first, *(entry for entry in sys.path if entry not in first)]
    importlib.invalidate_caches()


@contextmanager
def restored_sys_path() -> Iterator[None]:
    """Restore ``sys.path`` at the end of the block."""
    before = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = before


def load_metadata(targets: Iterable[str], where: str) -> tuple[MetaData, ...]:
    """Import the targets and return their MetaData, each once.

    Args:
        targets: such as ``package.module:Base`` or ``package.module:Base.metadata``; a list of them can be named too.
        where: the settings file, for messages.

    Raises:
        TargetError: one is written wrongly, cannot be imported, is no MetaData, or two of them have one table.
    """
    found: dict[int, tuple[str, MetaData]] = {}
    for target in targets:
        for metadata in _load(target, where):
            found.setdefault(id(metadata), (target, metadata))
    owners: dict[str, str] = {}
    for target, metadata in found.values():
        for table in metadata.tables:
            owner = owners.setdefault(table, target)
            if owner != target:
                raise TargetError(
                    f"table {table!r} is in two targets of {where}: {owner!r} and {target!r}: keep it in one of them"
                )
    return tuple(metadata for _, metadata in found.values())


def _load(target: str, where: str) -> tuple[MetaData, ...]:
    """Return the MetaData that one target names: one, or those of a list."""
    module_name, _, attribute = (part.strip() for part in target.partition(":"))
    if not all(part.isidentifier() for part in (*module_name.split("."), *attribute.split("."))):
        raise TargetError(
            f"target {target!r} of {where} is no 'package.module:Base': write a module, a colon and a name in it"
        )
    place: object = _import(module_name, target, where)
    for part in attribute.split("."):
        place = _attribute(place, part, target, where)
    several = place if isinstance(place, (list, tuple)) and place else (place,)
    return tuple(_metadata(each, target, where) for each in several)


def _metadata(place: object, target: str, where: str) -> MetaData:
    from sqlalchemy import MetaData
    from sqlalchemy.schema import SchemaItem

    # A Table has a MetaData too, but nobody means all of it by naming one table.
    metadata = place if isinstance(place, (MetaData, SchemaItem)) else getattr(place, "metadata", None)
    if not isinstance(metadata, MetaData):
        raise TargetError(
            f"target {target!r} of {where} is {_described(place)}, and neither a MetaData nor a declarative base: "
            "name one of these, or a list of them"
        )
    return metadata


def _import(name: str, target: str, where: str) -> ModuleType:
    try:
        module = importlib.import_module(name)
    except (Exception, SystemExit) as error:
        place = _place(error)
        raise TargetError(
            f"target {target!r} of {where} cannot be imported: {place}{one_line(error)}"
            + (": correct the target, or set prepend_sys_path" if _is_missing(error, name) else "")
        ) from error
    _refuse_namesake(name.partition(".")[0], target)
    return module


def _attribute(owner: object, name: str, target: str, where: str) -> object:
    try:
        return getattr(owner, name)
    except AttributeError:
        hint = nearest(name, (known for known in dir(owner) if not known.startswith("__")))
        raise TargetError(
            f"target {target!r} of {where}: {_described(owner)} has no {name!r}{hint}: correct the target"
        ) from None
    except Exception as error:  # a property, or a module's __getattr__
        raise TargetError(f"target {target!r} of {where} cannot be read: {_place(error)}{one_line(error)}") from error


def _described(value: object) -> str:
    if isinstance(value, ModuleType):
        return f"module {value.__name__!r}"
    if isinstance(value, type):
        return f"the class {value.__qualname__!r}"
    return f"a {type(value).__qualname__}"


def _is_missing(error: BaseException, name: str) -> bool:
    """Say whether an import failed because the target's own module is nowhere, not because of what that one imports."""
    return isinstance(error, ModuleNotFoundError) and error.name is not None and f"{name}.".startswith(f"{error.name}.")


def _place(error: BaseException) -> str:
    """Return where in the user's own code an error arose, as ``"file:line: "``: the innermost such frame."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{shown_path(error.filename)}:{error.lineno or 1}: "
    frames = [
        (frame.filename, frame.lineno)
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(("<", f"{_OUR_FOLDER}{os.sep}")) and frame.filename != importlib.__file__
    ]
    own = [frame for frame in frames if not frame[0].startswith(tuple(f"{folder}{os.sep}" for folder in _INSTALLED))]
    if not (own or frames):
        return ""
    filename, line = (own or frames)[-1]
    return f"{shown_path(filename)}:{line}: "


def _refuse_namesake(package: str, target: str) -> None:
    """Refuse a module that was imported from elsewhere before: in one process, two projects may both have ``models``."""
    loaded = getattr(sys.modules.get(package), "__file__", None)
    spec = importlib.machinery.PathFinder.find_spec(package, sys.path)
    if not (loaded and spec and spec.origin and spec.has_location):
        return  # built in, a namespace package, or found by an import hook
    if os.path.exists(loaded) and os.path.exists(spec.origin) and not os.path.samefile(loaded, spec.origin):
        raise TargetError(
            f"target {target!r}: the module {package!r} has been imported from {shown_path(loaded)} before, the project's "
            f"own is {shown_path(spec.origin)}: use one process for each project, or give them different names"
        )
