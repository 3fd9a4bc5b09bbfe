"""How single values are spelled in Python source, in black's normal form, and how wide text is.

A string is always one token on one line: ``repr`` escapes line breaks, quotes, control and formatting characters, and
lone surrogates, so nothing in a value can end the literal or hide in an editor.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from schemadiff.rendering.tree import Scalar

__all__ = ["comment_lines", "spell", "width"]

# Words by which a comment would talk to a formatter, an import sorter, a linter or a type checker.
_DIRECTIVE = re.compile(r"\b(fmt|yapf|isort|ruff|flake8|pylint|mypy|pyright):|\A(type):", re.IGNORECASE)


def spell(value: Scalar) -> str:
    """Return the literal for a constant as black leaves it: double quotes unless they need more escapes."""
    match value:
        case str():
            return _quoted(repr(value), value.count("'"), value.count('"'))
        case bytes():
            return "b" + _quoted(repr(value)[1:], value.count(b"'"), value.count(b'"'))
        case float():
            return repr(value).replace("e+", "e")
        case int():
            try:
                return repr(value)
            except ValueError:  # more digits than Python converts to decimal; hexadecimal has no such bound
                return f"{'-' if value < 0 else ''}0x{abs(value):X}"
    return repr(value)


def _quoted(text: str, single: int, double: int) -> str:
    """Return the ``repr`` of a string with the quotes that black prefers; ``single`` and ``double`` count those in it."""
    if text[0] == '"' or double > single:
        return text
    body = text[1:-1]
    if single:
        body = body.replace("\\'", "'").replace('"', '\\"')
    return f'"{body}"'


def width(text: str) -> int:
    """Return the columns that a line takes, as the installed black counts them: two for a wide East Asian character."""
    return len(text) if text.isascii() else _black_width()(text)


@lru_cache(maxsize=1)
def _black_width() -> Callable[[str], int]:
    from black.strings import str_width  # black's table of widths differs between its versions, so ask the one in use

    return str_width


def comment_lines(text: str) -> list[str]:
    """Return the lines of a comment, with ``#``; control characters are escaped, directives to tools defused."""
    lines = []
    for line in text.splitlines() or [""]:
        shown = "".join([char if char.isprintable() else repr(char)[1:-1] for char in line]).strip()
        lines.append(("# " + _DIRECTIVE.sub(r"\1\2 :", shown)).rstrip())
    return lines
