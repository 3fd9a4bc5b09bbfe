"""The setting ``url``: variables of the environment, and where a relative SQLite path starts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from schemadiff.errors import ConfigError, VariableNotSet
from schemadiff.revisions.naming import shown_path

__all__ = ["anchor_sqlite_path", "drivername_of", "expand_variables"]

# "$${" is an escaped "${"; then ${NAME} or ${NAME:-default}; then what only begins like one.
_VARIABLE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<has_default>:-(?P<default>[^}]*))?\}|\$\{")

_DRIVERNAME = re.compile(r"(\w+(?:\+\w+)?)://")

# Three slashes and a path that is neither absolute, ":memory:", nor one of SQLite's own "file:" URIs.
_SQLITE_RELATIVE = re.compile(
    r"(?P<head>sqlite(?:\+\w+)?:///)(?P<path>(?![/?:]|file:)[^?]+)(?P<query>\?.*)?", re.DOTALL
)


def expand_variables(text: str, environment: Mapping[str, str], where: str) -> str:
    """Return ``text`` with ``${NAME}`` and ``${NAME:-default}`` replaced from the environment.

    As in a shell, the default counts for a variable that is unset or empty. What is put in is not expanded again.

    Args:
        text: the value of a setting.
        environment: usually ``os.environ``.
        where: the name of the setting, for messages.

    Raises:
        VariableNotSet: a variable without a default is not set.
        ConfigError: a ``${`` begins no variable.
    """

    def value(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            if match[0] == "$${":
                return "${"
            raise ConfigError(
                f"{where} has a '${{' that begins no variable: write ${{NAME}} or ${{NAME:-default}}, or '$${{'"
            )
        found = environment.get(name)
        if match["has_default"]:
            return found or match["default"]
        if found is None:
            raise VariableNotSet(
                f"{where} needs the environment variable {name}, which is not set: set it, or write ${{{name}:-default}}"
            )
        return found

    return _VARIABLE.sub(value, text)


def drivername_of(text: str) -> str | None:
    """Return the driver that a URL begins with, ``postgresql+psycopg`` for instance; None where a variable holds it."""
    match = _DRIVERNAME.match(text)
    return None if match is None else match[1]


def anchor_sqlite_path(url: str, folder: Path) -> str:
    """Return ``url`` so that a relative path of a SQLite database starts at ``folder``, wherever the command was started.

    A URL of another database, with an absolute path, or in memory, stays as it is.

    Raises:
        ConfigError: the path from here to ``folder`` cannot stand in a URL.
    """
    match = _SQLITE_RELATIVE.fullmatch(url)
    if match is None or os.path.isabs(match["path"]):
        return url
    way = os.path.relpath(folder)
    if way == ".":
        return url
    if re.search(r"[?%#]", way):  # what SQLAlchemy makes of these differs between its versions
        raise ConfigError(
            f"the url {url!r} is relative to {shown_path(folder)}, which cannot stand in a URL: run it from there"
        )
    return f"{match['head']}{Path(way).as_posix()}/{match['path']}{match['query'] or ''}"
