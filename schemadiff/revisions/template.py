"""The text of a new revision file, from the project's ``script.py.mako``.

The template belongs to the user: what is put into it cannot become code where it was not meant to be, and what comes out of
it is checked to be the revision that it should be.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from schemadiff.errors import BrokenRevision, RevisionError
from schemadiff.frozen import dataclass
from schemadiff.revisions.header import one_line, parsed_header
from schemadiff.revisions.naming import shown_path

if TYPE_CHECKING:
    from mako.template import Template

__all__ = ["VARIABLES", "NewRevision", "check_text", "comma", "docstring_text", "literal", "render_revision"]

_EMPTY_MESSAGE = "empty message"
_INDENT = "    "
_DOCSTRING_PART = re.compile(r"\"{3,}|'{3,}|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NewRevision:
    """A revision that is to be written.

    Attributes:
        id: its identifier.
        message: what the user says about it; any text.
        create_date: when it was made.
        down_revisions: the identifiers that it follows.
        branch_labels: the labels that it gives to its branch.
        depends_on: what must have run before, in whatever branch.
        imports: import statements that the bodies use, one a line.
        upgrade: the body of ``upgrade()``, each line indented by four spaces, or not indented at all; empty for ``pass``.
        downgrade: the body of ``downgrade()``, likewise.
        bodies: further bodies by the names under which the template finds them, such as ``engine1_upgrades``.
        template_args: further variables for the template; they cannot take the place of its own.

    A body that is not indented gets its indentation line by line, so it must not hold a string over several lines.
    """

    id: str
    message: str
    create_date: datetime
    down_revisions: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    upgrade: str = ""
    downgrade: str = ""
    bodies: Mapping[str, str] = field(default_factory=dict)
    template_args: Mapping[str, object] = field(default_factory=dict)


def render_revision(revision: NewRevision, *, template: Path, config: object = None) -> str:
    """Return the text of a new revision file, before any formatter.

    The template sees ``message``, ``up_revision``, ``down_revision``, ``branch_labels``, ``depends_on``, ``create_date``,
    ``imports``, ``upgrades``, ``downgrades``, ``config``, and the functions ``comma`` and ``literal``. Of the imports it
    gets those that it does not make itself. Further bodies have the names that the revision gives them.

    Raises:
        RevisionError: the template cannot be read, fails, puts the message where it would be code, or leaves a body out.
    """
    mako = _load_template(template)
    none = {**dict.fromkeys(("upgrades", "downgrades"), ""), **dict.fromkeys(revision.bodies, "pass")}
    empty = _render(mako, template, _variables(revision, config, message="message", imports="", bodies=none))
    own = _imported(empty)
    imports = "\n".join(line for line in dict.fromkeys(revision.imports) if not _is_among(line, own))
    message = docstring_text(revision.message) or _EMPTY_MESSAGE
    sample = _render(mako, template, _variables(revision, config, message=message, imports="", bodies=none))
    if _code(sample) != _code(empty):
        raise RevisionError(
            f"{shown_path(template)} puts the message where it becomes code: use ${{message}} in the docstring only, or "
            "${repr(message)} elsewhere"
        )
    bodies = {"upgrades": _body(revision.upgrade), "downgrades": _body(revision.downgrade)}
    bodies.update((name, _body(body) or "pass") for name, body in revision.bodies.items())
    marks = {name: _mark(name) for name in bodies}
    marked = _render(mako, template, _variables(revision, config, message="message", imports="", bodies=marks))
    _refuse_lost((name for name, body in bodies.items() if body not in ("", "pass")), marked, template)
    text = _render(mako, template, _variables(revision, config, message=message, imports=imports, bodies=bodies))
    return text.strip("\n") + "\n"


def _refuse_lost(names: Iterable[str], marked: str, template: Path) -> None:
    """Refuse a template that leaves out what a revision has to do.

    Args:
        names: the bodies that have something to do.
        marked: what the template makes of marks in their place.
        template: the template.
    """
    for name in names:
        if _mark(name) not in marked:
            raise RevisionError(
                f"{shown_path(template)} leaves out what is to be written as {name}: put ${{{name}}} into a function in it"
            )


def _mark(name: str) -> str:
    return f"schemadiff_body_{name}()"


def check_text(text: str, revision: NewRevision, template: Path) -> None:
    """Refuse a text that would not be read back as the revision that it should be.

    Raises:
        RevisionError: it is no Python, or its identifiers are others; the message names the template.
    """
    try:
        read = parsed_header(text, Path("the new file"))
    except BrokenRevision as error:
        raise RevisionError(f"{shown_path(template)} does not make a revision file: {error}") from None
    for name, variable, wanted, found in (
        ("revision", "up_revision", (revision.id,), (read.id,)),
        ("down_revision", "down_revision", revision.down_revisions, read.down_revisions),
        ("branch_labels", "branch_labels", revision.branch_labels, read.branch_labels),
        ("depends_on", "depends_on", revision.depends_on, read.depends_on),
    ):
        if wanted != found:
            raise RevisionError(
                f"{shown_path(template)} sets {name} to {', '.join(found) or None}, where it should be "
                f"{', '.join(wanted) or None}: write {name} = ${{literal({variable})}} in it"
            )


def comma(value: str | Iterable[str] | None) -> str:
    """Return one name, or several with commas between them, as text; nothing for None. A filter for templates."""
    if value is None:
        return ""
    return value if isinstance(value, str) else ", ".join(value)


def literal(value: str | Iterable[str] | None) -> str:
    """Return None, a string or several strings as Python source in black's layout. A function for templates."""
    if value is None:
        return "None"
    if isinstance(value, str):
        return _quoted(value)
    return "(\n" + "".join(f"{_INDENT}{_quoted(item)},\n" for item in value) + ")"


def docstring_text(message: str) -> str:
    """Return a message as it can stand between triple quotes, of either kind, and still read as it was.

    Line breaks stay; what cannot be seen is escaped. Triple quotes, and a quote at either end, cannot end the docstring.
    """
    text = "\n".join(line.rstrip() for line in message.strip().splitlines())
    parts: list[str] = []
    for match in _DOCSTRING_PART.finditer(text):
        part = match.group()
        at_an_end = match.start() == 0 or match.end() == len(text)
        if part[0] in "\"'" and (len(part) > 2 or at_an_end):
            parts.extend(f"\\{quote}" for quote in part)
        else:
            parts.append(part if part == "\n" else _escaped(part))
    return "".join(parts)


def _load_template(path: Path) -> Template:
    from mako.exceptions import MakoException
    from mako.template import Template

    try:
        return Template(text=path.read_text(encoding="utf-8"), filename=os.path.abspath(path), strict_undefined=True)
    except OSError as error:
        raise RevisionError(
            f"{shown_path(path)} cannot be read: {error.strerror or error}: "
            "put the script.py.mako of a new project there ('schemadiff init' makes one)"
        ) from None
    except UnicodeDecodeError as error:
        raise RevisionError(f"{shown_path(path)} is not UTF-8: {error}") from None
    except (MakoException, SyntaxError) as error:
        raise RevisionError(f"{shown_path(path)}:{getattr(error, 'lineno', None) or 1}: {one_line(error)}") from None


def _render(template: Template, path: Path, variables: Mapping[str, object]) -> str:
    from mako.exceptions import RichTraceback

    try:
        return str(template.render_unicode(**variables)).replace("\r\n", "\n")
    except Exception as error:
        # Line 0 is mako's own preamble, where it looks up the names that the template uses.
        lines = [record[5] for record in RichTraceback(error=error).records if record[4] == os.path.abspath(path)]
        line = f":{lines[-1]}" if lines and lines[-1] else ""
        raise RevisionError(f"{shown_path(path)}{line}: {one_line(error)}") from None


def _variables(
    revision: NewRevision, config: object, *, message: str, imports: str, bodies: Mapping[str, str]
) -> dict[str, object]:
    return {
        **revision.template_args,
        "message": message,
        "up_revision": revision.id,
        "down_revision": _one_or_several(revision.down_revisions),
        "branch_labels": _one_or_several(revision.branch_labels),
        "depends_on": _one_or_several(revision.depends_on),
        "create_date": revision.create_date,
        "imports": imports,
        "config": config,
        "comma": comma,
        "literal": literal,
        **bodies,
    }


VARIABLES = frozenset(
    {
        *("message", "up_revision", "down_revision", "branch_labels", "depends_on", "create_date", "imports"),
        *("upgrades", "downgrades", "config", "comma", "literal"),
    }
)
"""The names that every template has."""


def _one_or_several(names: tuple[str, ...]) -> str | tuple[str, ...] | None:
    return (names[0] if len(names) == 1 else names) if names else None


def _body(text: str) -> str:
    """Return a function's body as templates take it: the first line bare, the others indented by four spaces."""
    text = text.strip("\n")
    if text.startswith(_INDENT):
        return text[len(_INDENT) :].rstrip()
    return "\n".join(
        _INDENT + line if line.strip() and number else line for number, line in enumerate(text.split("\n"))
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else repr(text)


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def _is_among(line: str, own: frozenset[tuple[str, str, str | None]]) -> bool:
    brought = _imported(line)
    return bool(brought) and brought <= own


def _imported(source: str) -> frozenset[tuple[str, str, str | None]]:
    """Return what the top-level imports of a text bring in, as (module, name, alias)."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return frozenset()  # `check_text` tells about it
    found: set[tuple[str, str, str | None]] = set()
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            found.update((alias.name, "", alias.asname) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            module = "." * statement.level + (statement.module or "")
            found.update((module, alias.name, alias.asname) for alias in statement.names)
    return frozenset(found)


def _code(source: str) -> str | None:
    """Return what a module does, whatever its strings say; None when it cannot be parsed."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)
