"""Beginning a project: the folder of env.py from a template, and the settings. All of it, or nothing."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

from schemadiff.errors import ConfigError
from schemadiff.frozen import dataclass
from schemadiff.revisions.naming import new_id, shown_path
from schemadiff.revisions.writer import write_atomically

__all__ = ["NewProject", "create_project", "templates"]

_TEMPLATES = Path(__file__).parent.parent / "templates"
_OWN_FILE = "schemadiff.toml"
_PYPROJECT = "pyproject.toml"
_SHOWN = "settings.toml"
"""A template's file of settings, which is not copied."""


@dataclass(frozen=True, slots=True)
class NewProject:
    """What was made.

    Attributes:
        directory: the folder with env.py, script.py.mako, README and versions/.
        settings: the settings file.
    """

    directory: Path
    settings: Path


def templates() -> dict[str, str]:
    """Return the templates that ``init`` knows, each with a line that describes it."""
    found: dict[str, str] = {}
    for folder in sorted(_TEMPLATES.iterdir()):
        readme = folder / "README"
        if readme.is_file():
            found[folder.name] = readme.read_text(encoding="utf-8").partition("\n")[0]
    return found


def create_project(
    directory: Path,
    *,
    folder: Path | None = None,
    template: str = "generic",
    target: str | None = None,
    url: str | None = None,
) -> NewProject:
    """Begin a project and return what was made. When it fails, everything is as it was.

    Args:
        directory: the folder to make; it may exist when it is empty.
        folder: where the settings go: into its pyproject.toml, or into a new schemadiff.toml; the working directory when None.
        template: one of `templates()`.
        target: the setting of that name; left for the user to fill in when None.
        url: likewise.

    Raises:
        ConfigError: there is no such template, the directory has files in it, there are settings already, or something
            cannot be written.
    """
    if template not in templates():
        raise ConfigError(f"there is no template {template!r}: choose from {', '.join(templates())}")
    root = (folder or Path.cwd()).absolute()
    place = root / directory
    _refuse_occupied(place)
    wanted = _settings_text(template, _location(place, root), target, url)
    settings, text = _planned_settings(root, wanted)
    writing = place
    try:
        with _made(place, template):
            writing = settings
            write_atomically(settings, text, replace=settings.exists())
    except (OSError, UnicodeEncodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{shown_path(writing)} cannot be written: {reason}: nothing was changed") from None
    return NewProject(directory=place, settings=settings)


def _refuse_occupied(place: Path) -> None:
    if not os.path.lexists(place):
        return
    if not place.is_dir():
        raise ConfigError(f"{shown_path(place)} exists and is no folder: choose another name")
    try:
        occupied = any(place.iterdir())
    except OSError as error:
        raise ConfigError(
            f"{shown_path(place)} cannot be read: {error.strerror or error}: choose another name"
        ) from None
    if occupied:
        raise ConfigError(f"{shown_path(place)} has files in it: choose an empty folder, or a name that is free")


def _location(place: Path, root: Path) -> str:
    try:
        return Path(os.path.relpath(place, root)).as_posix()
    except ValueError:  # another drive
        return place.as_posix()


def _planned_settings(root: Path, wanted: str) -> tuple[Path, str]:
    """Return the settings file, and all of its text with the new settings in it."""
    own, pyproject = root / _OWN_FILE, root / _PYPROJECT
    if own.exists():
        raise ConfigError(f"{shown_path(own)} exists: this folder has a project already")
    if not pyproject.is_file():
        return own, wanted
    shown = shown_path(pyproject)
    try:
        with pyproject.open(encoding="utf-8", newline="") as file:
            text = file.read()
        before = tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except OSError as error:
        raise ConfigError(f"{shown} cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown} is no valid TOML: {error}: mend it first") from None
    tool = before.get("tool", {})
    if isinstance(tool, dict) and "schemadiff" in tool:
        raise ConfigError(f"{shown} has [tool.schemadiff]: this folder has a project already")
    table = "[tool.schemadiff]\n" + re.sub(r"^\[", "[tool.schemadiff.", wanted, flags=re.MULTILINE)
    newline = "\r\n" if "\r\n" in text else "\n"
    body = text.rstrip("\r\n")
    after = (body + newline * 2 if body else "") + table.replace("\n", newline)
    expected = (
        {**before, "tool": {**tool, "schemadiff": tomllib.loads(table)["tool"]["schemadiff"]}}
        if isinstance(tool, dict)
        else {}
    )
    try:
        parsed = tomllib.loads(after.removeprefix("\ufeff").replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError:  # "tool" is written as an inline table, which cannot be added to
        parsed = {}
    if parsed != expected:
        raise ConfigError(f"{shown}: no [tool.schemadiff] can be added behind what is there: add that table by hand")
    return pyproject, after


def _settings_text(template: str, location: str, target: str | None, url: str | None) -> str:
    """Return the settings of a new project: those that its template shows, with what is known filled in.

    Raises:
        ConfigError: the template has several databases, so that one target or url says too little.
    """
    text = (_TEMPLATES / template / _SHOWN).read_text(encoding="utf-8")
    for name, value in (("target", target), ("url", url)):
        if value is None:
            continue
        line = re.compile(rf"^# {name} = .*$", re.MULTILINE)
        if len(line.findall(text)) != 1:
            raise ConfigError(
                f"the template {template} has several databases: leave --{name} out, and write it into their tables of the settings"
            )
        start, end = next(line.finditer(text)).span()
        text = f"{text[:start]}{name} = {_toml(value)}{text[end:]}"
    return f"script_location = {_toml(location)}\n{text}"


def _toml(text: str) -> str:
    """Return a TOML string. JSON's escapes are TOML's too; DEL, which only TOML forbids, is escaped by hand."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@contextlib.contextmanager
def _made(place: Path, template: str) -> Iterator[None]:
    """Make the folder, whole, under its name; when the block fails, take away what was made."""
    existed = place.is_dir()
    missing = [folder for folder in place.parents if not os.path.lexists(folder)]
    beside = place.parent / f".{new_id()}.tmp"
    moved = False
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        ignored = shutil.ignore_patterns("__pycache__", _SHOWN)
        shutil.copytree(_TEMPLATES / template, beside, ignore=ignored, copy_function=shutil.copyfile)
        (beside / "versions").mkdir()
        if existed:
            place.rmdir()  # refused when something has come into it meanwhile
        beside.rename(place)
        moved = True
        yield
    except BaseException:
        shutil.rmtree(place if moved else beside, ignore_errors=True)
        with contextlib.suppress(OSError):
            if existed:
                place.mkdir(exist_ok=True)
            for folder in missing:
                folder.rmdir()
        raise
