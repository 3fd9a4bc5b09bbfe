"""The setting ``post_write_hooks``: commands that run over each new revision file.

[[post_write_hooks]]
name = "ruff"
type = "console_scripts"          # or "exec", "module"
entrypoint = "ruff"               # for "exec" executable = "...", for "module" module = "..."
options = "check --fix REVISION_SCRIPT_FILENAME"
cwd = "."                         # from the settings file's folder, which is the default
on_failure = "remove"             # or "keep" the file, when the hook fails
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Literal

from schemadiff.errors import ConfigError
from schemadiff.frozen import dataclass

__all__ = ["PostWriteHook", "read_hooks"]

Kind = Literal["console_scripts", "exec", "module"]

_FILENAME = "REVISION_SCRIPT_FILENAME"
_COMMANDS: Mapping[str, str] = {"console_scripts": "entrypoint", "exec": "executable", "module": "module"}
_KEYS = ("name", "type", *_COMMANDS.values(), "options", "cwd", "on_failure")


@dataclass(frozen=True, slots=True)
class PostWriteHook:
    """A command that runs over each new revision file.

    Attributes:
        name: what messages call it.
        kind: how ``command`` is found: an entry point of an installed package, a program, or a module of Python.
        command: its name.
        options: its arguments; the file's path stands where they say ``REVISION_SCRIPT_FILENAME``, or first where none does.
        cwd: the folder that it runs in, from the settings file's folder.
        keep: the file stays when it fails.
    """

    name: str
    kind: Kind
    command: str
    options: tuple[str, ...] = ()
    cwd: str = "."
    keep: bool = False

    def arguments(self, path: str) -> list[str]:
        """Return its arguments for the file ``path``."""
        if not any(_FILENAME in option for option in self.options):
            return [path, *self.options]
        return [option.replace(_FILENAME, path) for option in self.options]


def read_hooks(value: object, name: str) -> tuple[PostWriteHook, ...]:
    """Return the hooks of a settings file.

    Args:
        value: what stands there.
        name: the setting, for messages.

    Raises:
        ConfigError: it is no list of tables, or something in one of them is wrong.
    """
    tables = [value] if isinstance(value, Mapping) else value
    if not isinstance(tables, list | tuple) or not all(isinstance(table, Mapping) for table in tables):
        raise ConfigError(f"{name} is no list of tables: write [[post_write_hooks]] for each hook")
    return tuple(_hook(table, f"{name}[{number}]") for number, table in enumerate(tables))


def _hook(table: Mapping[str, object], where: str) -> PostWriteHook:
    for key in table:
        if key not in _KEYS:
            raise ConfigError(f"{where}.{key} is no setting: known are {', '.join(_KEYS)}")
    kind = _text(table, "type", where)
    if kind not in _COMMANDS:
        raise ConfigError(f"{where}.type is {kind!r}: write one of {', '.join(_COMMANDS)}")
    failure = _text(table, "on_failure", where, "remove")
    if failure not in ("remove", "keep"):
        raise ConfigError(f'{where}.on_failure is {failure!r}: write "remove" or "keep"')
    command = _text(table, _COMMANDS[kind], where)
    return PostWriteHook(
        name=_text(table, "name", where, command),
        kind=kind,  # type: ignore[arg-type]
        command=command,
        options=_options(table.get("options", ""), where),
        cwd=_text(table, "cwd", where, "."),
        keep=failure == "keep",
    )


def _text(table: Mapping[str, object], key: str, where: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where}.{key} is {'missing' if value is None else 'no text'}: write a string")
    return value


def _options(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if not isinstance(value, str):
        raise ConfigError(f"{where}.options is no text: write a string, or a list of strings")
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        raise ConfigError(f"{where}.options cannot be read: {error}: write a list of strings") from None
