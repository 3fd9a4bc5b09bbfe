"""The page: HTML from a template, in which everything is escaped but what this package has written itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache, cached_property
from html import escape
from importlib.resources import files
from typing import Any

from schemadiff._version import __version__
from schemadiff.frozen import dataclass
from schemadiff.operations import Operation
from schemadiff.rendering.diagram import difference_diagram, svg
from schemadiff.rendering.diagram.palette import DARK, LIGHT, style, variables
from schemadiff.rendering.diagram.svg import SIGN_CLASSES
from schemadiff.rendering.hazards import Hazard
from schemadiff.rendering.labels import Sign, shown
from schemadiff.rendering.report.marking import Pieces, marked
from schemadiff.rendering.report.sides import Part, Thing, things
from schemadiff.schema import Schema

__all__ = ["Section", "page"]

_UNFOLDED = 12
"""So many objects are shown unfolded; where there are more, all are folded."""

_HIGHLIGHTED = 300_000
"""Longer texts are shown plain: each word in a colour would make the page slow."""

_MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace'

# The colours that the page has beside those of the diagram.
_LIGHT = {
    "focus": "#0969da",
    "link": "#0969da",
    "dropped_mark": "#ffc1bc",
    "added_mark": "#aceebb",
    "word": "#cf222e",
    "name": "#6639ba",
    "string": "#0a3069",
    "number": "#0550ae",
}
_DARK = {
    "focus": "#58a6ff",
    "link": "#79b8ff",
    "dropped_mark": "#8e1519",
    "added_mark": "#196c2e",
    "word": "#ff7b72",
    "name": "#d2a8ff",
    "string": "#a5d6ff",
    "number": "#79c0ff",
}
_LEXERS = {"SQL": "sql", "Python": "python"}


@dataclass(frozen=True)
class Section:
    """What the page tells of one database. Texts are raw.

    Args:
        source, target: both sides.
        upgrade: the operations that lead from the one to the other.
        sql, undo_sql: the statements of both directions.
        python: the Python of both directions.
        hazards: what the upgrade may cost.
        warnings: what the comparison could not do as well as it wished.
        database: its name, where there are several.
    """

    source: Schema
    target: Schema
    upgrade: tuple[Operation, ...]
    sql: str
    undo_sql: str
    python: str
    hazards: tuple[Hazard, ...] = ()
    warnings: tuple[str, ...] = ()
    database: str | None = None


@dataclass(frozen=True)
class _Shown:
    """A section, ready for the template; hazards that lose data come first."""

    number: int
    database: str | None
    things: tuple[Thing, ...]
    hazards: tuple[Hazard, ...]
    warnings: tuple[str, ...]
    codes: tuple[tuple[str, str, str], ...]
    diagram: str

    def count(self, sign: Sign) -> int:
        """Return how many changes have ``sign``: of a table that comes or goes one, of any other one for each part."""
        return sum(
            thing.sign == sign if thing.sign != "~" or not thing.parts else thing.count(sign) for thing in self.things
        )

    @property
    def unfolded(self) -> bool:
        """All objects are shown whole."""
        return len(self.things) <= _UNFOLDED

    def hazards_of(self, thing: Thing) -> list[Hazard]:
        """Return what an object may cost, what is lost first."""
        return self._hazards.get(thing.name, [])

    @cached_property
    def _hazards(self) -> dict[str, list[Hazard]]:
        found: dict[str, list[Hazard]] = {}
        for each in self.hazards:
            found.setdefault(str(each.table), []).append(each)
        return found


def page(sections: Sequence[Section], source: str, target: str) -> str:
    """Return the page, the same bytes for the same sections.

    Args:
        sections: one for each database.
        source, target: what the two sides are called; passwords are masked already.
    """
    sheet, script = _sheet(), _file("page.js")
    policy = (
        f"default-src 'none'; style-src 'sha256-{_hash(sheet)}'; script-src 'sha256-{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return str(
        _template().render_unicode(
            sections=[_prepared(number, each) for number, each in enumerate(sections, 1)],
            source=source,
            target=target,
            version=__version__,
            sheet=sheet,
            script=script,
            policy=policy,
            classes=SIGN_CLASSES,
            pair=_pair,
            shown=shown,
            lines=_lines,
        )
    )


def _prepared(number: int, section: Section) -> _Shown:
    diagram = difference_diagram(section.source, section.target, section.upgrade)
    codes = [
        ("SQL", "upgrade", section.sql),
        ("SQL", "downgrade", section.undo_sql),
        ("Python", "revision", section.python),
    ]
    return _Shown(
        number,
        section.database,
        things(section.source, section.target, section.upgrade),
        tuple(sorted(section.hazards, key=lambda each: each.kind)),
        section.warnings,
        tuple((language, name, _highlighted(text, language)) for language, name, text in codes),
        svg(diagram, title="Diagram of the target", inline=True) if diagram.boxes else "",
    )


def _pair(part: Part) -> tuple[Pieces | None, Pieces | None]:
    """Return both sides of a part in pieces, with what differs marked where there are two."""
    if part.sign == "~" and part.before is not None and part.after is not None:
        return marked(part.before, part.after)
    before, after = (None if text is None else ((text, False),) for text in (part.before, part.after))
    return before, after


def _lines(text: str) -> str:
    """Return text of several lines with all that cannot be seen escaped, but for their ends."""
    return "\n".join(shown(line) for line in text.split("\n"))


def _highlighted(text: str, language: str) -> str:
    """Return code as HTML, escaped, with its words in colours."""
    text = _lines(text)
    if len(text) > _HIGHLIGHTED:
        return escape(text)
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name(_LEXERS[language], stripnl=False, ensurenl=False)
    return str(highlight(text, lexer, HtmlFormatter(nowrap=True, classprefix="c-")))


@cache
def _template() -> Any:
    from mako.template import Template

    # Every ${expression} is escaped, unless it says itself that it is HTML.
    return Template(text=_file("page.mako"), default_filters=["h"], strict_undefined=True)


@cache
def _sheet() -> str:
    """Return the style sheet, with the colours of the diagram."""
    light, dark = (
        "".join(f" --{name.replace('_', '-')}: {colour};" for name, colour in colours.items())
        for colours in (LIGHT | _LIGHT, DARK | _DARK)
    )
    return (
        f":root {{ color-scheme: light; --mono: {_MONO};{light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ color-scheme: dark;{dark} }} }}\n"
        f":root[data-theme=light] {{ color-scheme: light;{light} }}\n"
        f":root[data-theme=dark] {{ color-scheme: dark;{dark} }}\n{style(variables())}{_file('page.css')}"
    )


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return what a Content-Security-Policy knows an inline script or style by."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
