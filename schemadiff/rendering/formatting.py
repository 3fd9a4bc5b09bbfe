"""The user's black: how the project sets it, and running it where ``layout`` is not tested.

    mode = discover_mode(versions_directory)
    body = format_body(statements, mode)           # laid out by us where we know how, else by black
    text = format_source(whole_file, mode)         # always black: for text that came from a template or a hook

black is imported by the first of these functions that runs, not with this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from schemadiff.errors import ConfigError, SchemadiffError
from schemadiff.frozen import dataclass
from schemadiff.rendering.layout import DEFAULT_LINE_LENGTH, layout, supports
from schemadiff.rendering.tree import Comment, Statement, is_opaque

if TYPE_CHECKING:
    from black.mode import Mode as BlackMode

__all__ = ["Mode", "discover_mode", "format_body", "format_source"]

_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
_FALSE = frozenset({"0", "false", "f", "no", "n", "off"})

# black parenthesizes the managers of a ``with`` where all target versions are at least this minor version of Python 3.
_PARENTHESIZED_WITH = 9


@dataclass(frozen=True, slots=True)
class Mode:
    """The settings of black that shape a file; the fields are named as the keys of ``[tool.black]``.

    Attributes:
        line_length: columns.
        target_version: names such as ``py311``; empty to let black find out from the source.
        skip_string_normalization: leave quotes and prefixes as they are.
        skip_magic_trailing_comma: join lines whatever commas they end in.
        preview: the preview style.
        unstable: the preview style with its unstable features.
        enable_unstable_feature: names of single unstable features.
    """

    line_length: int = DEFAULT_LINE_LENGTH
    target_version: tuple[str, ...] = ()
    skip_string_normalization: bool = False
    skip_magic_trailing_comma: bool = False
    preview: bool = False
    unstable: bool = False
    enable_unstable_feature: tuple[str, ...] = ()

    @property
    def default_style(self) -> bool:
        """Whether only line length and target versions may differ from black's defaults."""
        return not (
            self.skip_string_normalization
            or self.skip_magic_trailing_comma
            or self.preview
            or self.unstable
            or self.enable_unstable_feature
        )

    @property
    def parenthesized_with(self) -> bool:
        """Whether all target versions, of which there are some, know parentheses after ``with``."""
        minors = [name.lower().removeprefix("py3") for name in self.target_version]
        return bool(minors) and all(minor.isdigit() and int(minor) >= _PARENTHESIZED_WITH for minor in minors)


def discover_mode(directory: Path) -> Mode:
    """Return how black formats the files of a directory.

    The settings are found by black's own rules: ``[tool.black]`` in the pyproject.toml of the project root above the
    directory, with the target versions inferred from ``requires-python`` where they are not set, else the user's own
    settings of black, else the defaults.

    Raises:
        ConfigError: the settings cannot be read, or a value is wrong; the message names the file and the key.
    """
    from black.files import find_pyproject_toml, parse_pyproject_toml

    path = find_pyproject_toml((str(directory),))
    if path is None:
        return Mode()
    try:
        settings: Mapping[str, object] = parse_pyproject_toml(path)
    except (OSError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path}: cannot read the settings of black: {error}; mend the file") from error
    mode = Mode(
        line_length=_integer(path, settings, "line_length", DEFAULT_LINE_LENGTH),
        target_version=_names(path, settings, "target_version"),
        skip_string_normalization=_flag(path, settings, "skip_string_normalization"),
        skip_magic_trailing_comma=_flag(path, settings, "skip_magic_trailing_comma"),
        preview=_flag(path, settings, "preview"),
        unstable=_flag(path, settings, "unstable"),
        enable_unstable_feature=_names(path, settings, "enable_unstable_feature"),
    )
    try:
        _black_mode(mode)
    except KeyError as error:
        raise ConfigError(
            f"{path}: [tool.black] names {error.args[0]}, which the installed black does not know"
        ) from error
    return mode


def format_source(text: str, mode: Mode) -> str:
    """Return Python source as black formats it.

    Raises:
        SchemadiffError: black cannot read the source.
    """
    import black

    try:
        return black.format_str(text, mode=_black_mode(mode))
    except Exception as error:  # black raises what its parser raises, of no common class
        reason = " ".join(str(error).split())
        raise SchemadiffError(
            f"black cannot format the generated source: {reason}; mend the template or hook"
        ) from error


def format_body(statements: Sequence[Statement], mode: Mode, *, indent: int = 1) -> str:
    """Return statements as black leaves them in the body of a function (``indent=1``) or at top level (``indent=0``).

    They are laid out without black where the layout is tested on the installed version and the mode, all but those that hold ``Raw``
    source.

    Raises:
        SchemadiffError: black was needed, and cannot read the source.
    """
    if indent not in (0, 1):
        raise ValueError(f"indent is 0 or 1, not {indent}")
    if not supports(metadata.version("black"), default_style=mode.default_style):
        return _by_black(statements, mode, indent)
    return "".join(
        _by_black(run, mode, indent) if opaque else _laid_out(run, mode, indent) for opaque, run in _runs(statements)
    )


def _laid_out(statements: Sequence[Statement], mode: Mode, indent: int) -> str:
    return layout(statements, indent=indent, line_length=mode.line_length, parenthesized_with=mode.parenthesized_with)


def _by_black(statements: Sequence[Statement], mode: Mode, indent: int) -> str:
    text = _laid_out(statements, mode, indent)
    if indent == 0:
        return format_source(text, mode)
    header, _, body = format_source(f"def body() -> None:\n{text}", mode).partition("\n")
    assert header == "def body() -> None:"
    return body


def _runs(statements: Sequence[Statement]) -> list[tuple[bool, list[Statement]]]:
    """Return statements in runs of which black is needed for all or for none, each with which of them it is.

    black lays out one statement whatever the next one is. Comments alone make no body, and go along with what they stand after, or before.
    """
    runs: list[tuple[bool, list[Statement]]] = []
    waiting: list[Statement] = []
    for statement in statements:
        if isinstance(statement, Comment):
            (runs[-1][1] if runs else waiting).append(statement)
            continue
        opaque = is_opaque([statement])
        if runs and runs[-1][0] == opaque:
            runs[-1][1].append(statement)
        else:
            runs.append((opaque, [*waiting, statement]))
            waiting = []
    return runs or [(False, waiting)]


def _black_mode(mode: Mode) -> BlackMode:
    """Return black's own object; a name that black does not know raises KeyError."""
    from black.mode import Mode as BlackMode
    from black.mode import Preview, TargetVersion

    return BlackMode(
        target_versions={TargetVersion[name.upper()] for name in mode.target_version},
        line_length=mode.line_length,
        string_normalization=not mode.skip_string_normalization,
        magic_trailing_comma=not mode.skip_magic_trailing_comma,
        preview=mode.preview,
        unstable=mode.unstable,
        enabled_features={Preview[name] for name in mode.enable_unstable_feature},
    )


def _integer(path: str, settings: Mapping[str, object], key: str, default: int) -> int:
    found = settings.get(key, default)
    try:
        return int(str(found))
    except ValueError:
        raise ConfigError(f"{path}: [tool.black] {_written(key)} is {found!r}; write a whole number") from None


def _flag(path: str, settings: Mapping[str, object], key: str) -> bool:
    found = settings.get(key, False)
    text = str(found).strip().lower()
    if text not in _TRUE | _FALSE:
        raise ConfigError(f"{path}: [tool.black] {_written(key)} is {found!r}; write true or false")
    return text in _TRUE


def _names(path: str, settings: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = settings.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ConfigError(f"{path}: [tool.black] {_written(key)} is {found!r}; write a list of names")
    return tuple(sorted(found))


def _written(key: str) -> str:
    return key.replace("_", "-")
