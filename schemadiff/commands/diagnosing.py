"""``schemadiff doctor``: what a project needs, and which of it is there. Each probe stands by itself: none stops the others."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import metadata
from typing import Any, Literal

from schemadiff._version import __version__
from schemadiff.commands.shared import load, named
from schemadiff.config import Config
from schemadiff.errors import SchemadiffError, mask_passwords
from schemadiff.frozen import dataclass
from schemadiff.revisions.naming import shown_path
from schemadiff.schema.words import shown

__all__ = ["Diagnosis", "Line", "Status", "doctor", "extras", "failure", "masked", "probed", "version_of"]

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Line:
    """What one probe found.

    Args:
        section: what it is about: ``versions``, ``settings``, ``database shop``.
        name: what was looked at.
        status: ``problem`` where something will not work, ``warning`` where it works less well.
        said: what was found, on one line, passwords masked.
        advice: what to do; empty where there is nothing to do.
    """

    section: str
    name: str
    status: Status
    said: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What :func:`doctor` found."""

    lines: tuple[Line, ...]

    @property
    def ok(self) -> bool:
        """True where there is no problem."""
        return all(line.status != "problem" for line in self.lines)


def doctor(find: Callable[[], Config]) -> Diagnosis:
    """Look at all that schemadiff needs here, and change nothing. It raises nothing: what goes wrong is a line.

    Args:
        find: gives the settings, as ``Config.find`` does.
    """
    from schemadiff.commands.diagnosing_database import database_lines

    lines = [*probed("versions", "versions", _versions), *probed("extras", "extras", _extras)]
    try:
        config = find()
    except Exception as error:
        return Diagnosis((*lines, failure("settings", "settings file", error)))
    lines += probed("settings", "settings", lambda: _settings(config))
    lines += probed("revisions", "revisions", lambda: _revisions(config))
    lines += probed("env.py", "env.py", lambda: database_lines(config))
    return Diagnosis(tuple(lines))


def probed(section: str, name: str, probe: Callable[[], Iterable[Line]]) -> Iterator[Line]:
    """Yield what a probe finds, and a problem where it fails."""
    try:
        yield from probe()
    except Exception as error:
        yield failure(section, name, error)


def failure(section: str, name: str, error: BaseException) -> Line:
    """Return the line for a probe that failed. The errors of ours say what to do themselves."""
    said = str(error) if isinstance(error, SchemadiffError) else f"{type(error).__name__}: {error}"
    return Line(section, name, "problem", masked(said))


_SECRET = re.compile(
    r"(?P<name>[\w-]*(?:password|passwd|secret|token)[\w-]*)(?P<is>=)(?P<value>[^&\s]+)", re.IGNORECASE
)
_SECRET_NAME = re.compile(r"password|passwd|secret|token", re.IGNORECASE)


def masked(text: str) -> str:
    """Return ``text`` on one line, without passwords, and without characters that cannot be seen."""
    return shown(_SECRET.sub(r"\g<name>\g<is>***", mask_passwords(" ".join(text.split()))))


# -- what is installed

_NEEDED = ("sqlalchemy", "black", "rich", "click", "rich-click", "mako")


def _versions() -> Iterator[Line]:
    yield Line("versions", "schemadiff", "ok", __version__)
    yield Line("versions", "Python", "ok", platform.python_version())
    for name in _NEEDED:
        found = version_of(name)
        if found is None:
            yield Line("versions", name, "problem", "is not installed", f"pip install {name}")
        else:
            yield Line("versions", name, "ok", found)


def version_of(distribution: str) -> str | None:
    """Return the version of an installed distribution; None where it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


_REQUIREMENT = re.compile(r"""(?P<name>[\w.-]+).*;.*\bextra\s*==\s*["'](?P<extra>[\w-]+)["']""")
# They are for working on schemadiff itself.
_OWN_EXTRAS = frozenset({"test", "dev", "benchmark"})


def extras() -> Mapping[str, tuple[str, ...]]:
    """Return the extras of schemadiff, each with the distributions that it brings."""
    try:
        requirements = metadata.requires("schemadiff") or []
    except metadata.PackageNotFoundError:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for match in filter(None, map(_REQUIREMENT.fullmatch, requirements)):
        if match["extra"] not in _OWN_EXTRAS:
            name = re.match(r"[\w.-]+", match["name"])
            found[match["extra"]] = (*found.get(match["extra"], ()), name.group() if name else match["name"])
    return found


def _extras() -> Iterator[Line]:
    for extra, distributions in extras().items():
        missing = [each for each in distributions if version_of(each) is None]
        there = ", ".join(f"{each} {version_of(each)}" for each in distributions if each not in missing)
        if not missing:
            yield Line("extras", extra, "ok", there)
        else:
            said = f"not installed: {', '.join(missing)}{f'; installed: {there}' if there else ''}"
            yield Line("extras", extra, "ok", said, f"where you need it: pip install 'schemadiff[{extra}]'")


# -- the project


def _settings(config: Config) -> Iterator[Line]:
    if config.path is None:
        yield Line("settings", "settings file", "warning", "there is none", "run schemadiff init migrations")
    else:
        yield Line("settings", "settings file", "ok", shown_path(config.path))
    if config.name is not None or config.environments:
        said = f"{config.name or 'none chosen'}; there are {', '.join(config.environments)}"
        yield Line("settings", "environment", "ok", said)
    yield from probed("settings", "settings", lambda: _values(config))
    yield from probed("settings", "script_location", lambda: _files(config))
    if not config.target and not any(config.database(name).target for name in config.databases):
        advice = 'set target to "package.module:Base", unless env.py names target_metadata itself'
        yield Line("settings", "target", "warning", "is not set", advice)


def _values(config: Config) -> Iterator[Line]:
    for section, prefix in (
        (config.config_ini_section, ""),
        *((name, f"databases.{name}.") for name in config.databases),
    ):
        try:
            values: Mapping[str, Any] = config.get_section(section) or {}
        except SchemadiffError as error:
            # A url whose variable is not set; the other settings are there all the same.
            yield failure("settings", f"{prefix}url", error)
            continue
        for name, value in values.items():
            said = "***" if _SECRET_NAME.search(name) else masked(_without_secrets(value))
            plain = {"sqlalchemy.url": "url"}.get(name, name.replace("sqlalchemy.", "engine.", 1))
            yield Line("settings", f"{prefix}{plain}", "ok", said)


def _without_secrets(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = (
            f"{key} = {'***' if _SECRET_NAME.search(str(key)) else _without_secrets(each)}"
            for key, each in value.items()
        )
        return f"{{{', '.join(inner)}}}"
    return str(value)


def _files(config: Config) -> Iterator[Line]:
    yield Line("settings", "env.py", "ok", shown_path(config.env_file))
    if config.script_template.is_file():
        yield Line("settings", "script.py.mako", "ok", shown_path(config.script_template))
    else:
        said = f"there is no {shown_path(config.script_template)}"
        yield Line(
            "settings",
            "script.py.mako",
            "problem",
            said,
            "bring it back, or run schemadiff init elsewhere and copy its own",
        )
    for folder in config.version_locations:
        if folder.is_dir():
            yield Line("settings", "versions", "ok", shown_path(folder))
        else:
            said = f"there is no {shown_path(folder)}"
            yield Line("settings", "versions", "warning", said, "the first schemadiff autogen makes it")


def _revisions(config: Config) -> Iterator[Line]:
    graph = load(config)
    number = len(graph.nodes)
    yield Line("revisions", "files", "ok", "1 revision" if number == 1 else f"{number} revisions")
    heads = tuple(each.id for each in graph.heads)
    if len(heads) > 1:
        advice = "run schemadiff merge, unless these are branches that are meant to stay"
        yield Line("revisions", "heads", "warning", named(heads), advice)
    elif heads:
        yield Line("revisions", "head", "ok", heads[0])
