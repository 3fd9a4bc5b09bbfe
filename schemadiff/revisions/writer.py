"""Making a new revision file: from the user's ``script.py.mako``, through a formatter, onto the disk, or not at all."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from schemadiff.errors import BrokenRevision, DuplicateRevision, RevisionError
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import one_line, parse_revision
from schemadiff.revisions.naming import (
    DEFAULT_FILE_TEMPLATE,
    check_new_id,
    file_name,
    new_id,
    now,
    shown_path,
    slugify,
)

if TYPE_CHECKING:
    from mako.template import Template

__all__ = ["NewRevision", "comma", "literal", "plan_revision", "render_revision", "write_atomically", "write_revision"]

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


def plan_revision(
    graph: RevisionGraph,
    message: str | None = None,
    *,
    rev_id: str | None = None,
    timezone: str | None = None,
    imports: Sequence[str] = (),
    upgrade: str = "",
    downgrade: str = "",
) -> NewRevision:
    """Return a revision that follows the head of ``graph``.

    Args:
        graph: the revisions that there are.
        message: what the user says about it.
        rev_id: its identifier; twelve random hexadecimal digits when None.
        timezone: the time zone of its date; local time when None.
        imports: import statements that the bodies use.
        upgrade: the body of ``upgrade()``.
        downgrade: the body of ``downgrade()``.

    Raises:
        RevisionError: ``rev_id`` cannot be an identifier.
        DuplicateRevision: ``rev_id`` is taken.
        MultipleHeads: there are several heads.
        ConfigError: the time zone is unknown.
    """
    identifier = new_id() if rev_id is None else check_new_id(rev_id)
    taken = graph.nodes.get(identifier) or graph.labels.get(identifier)
    if taken is not None:
        raise DuplicateRevision(
            f"revision id {identifier!r} is taken by {shown_path(taken.path)}: choose another one, or leave it out"
        )
    head = graph.head()
    return NewRevision(
        id=identifier,
        message=message or "",
        create_date=now(timezone),
        down_revisions=(head.id,) if head else (),
        imports=tuple(imports),
        upgrade=upgrade,
        downgrade=downgrade,
    )


def write_revision(
    revision: NewRevision,
    *,
    directory: Path,
    template: Path,
    file_template: str = DEFAULT_FILE_TEMPLATE,
    format: Callable[[str], str] | None = None,
    config: object = None,
) -> Path:
    """Write a new revision file and return its path. When it fails, no file is left behind; none is ever overwritten.

    Args:
        revision: what to write.
        directory: the versions directory; made when it is missing.
        template: the project's ``script.py.mako``.
        file_template: the setting of that name.
        format: what is done to the whole text last, black for instance.
        config: what the template sees as ``config``.

    Raises:
        ConfigError: ``file_template`` cannot be used.
        RevisionError: the template fails, the text is not the revision that it should be, or it cannot be written.
    """
    name = file_name(file_template, revision=revision.id, slug=slugify(revision.message), date=revision.create_date)
    text = render_revision(revision, template=template, config=config)
    _check(text, revision, template)
    if format is not None:
        text = format(text)
        _check(text, revision, template)
    path = directory / name
    with _directory(directory):
        try:
            write_atomically(path, text)
        except FileExistsError:
            raise RevisionError(f"{shown_path(path)} exists already: move it away, or choose another message") from None
        except (OSError, UnicodeEncodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise RevisionError(
                f"{shown_path(path)} cannot be written: {reason}: nothing was changed, mend that and run again"
            ) from None
    return path


def render_revision(revision: NewRevision, *, template: Path, config: object = None) -> str:
    """Return the text of a new revision file, before any formatter.

    The template sees ``message``, ``up_revision``, ``down_revision``, ``branch_labels``, ``depends_on``, ``create_date``,
    ``imports``, ``upgrades``, ``downgrades``, ``config``, and the functions ``comma`` and ``literal``. Of the imports it
    gets those that it does not make itself.

    Raises:
        RevisionError: the template cannot be read, fails, or puts the message where it would be code.
    """
    mako = _load_template(template)
    empty = _render(mako, template, _variables(revision, config, message="message", imports="", bodies=("", "")))
    own = _imported(empty)
    imports = "\n".join(line for line in dict.fromkeys(revision.imports) if not _imported(line) <= own)
    message = docstring_text(revision.message) or _EMPTY_MESSAGE
    sample = _render(mako, template, _variables(revision, config, message=message, imports="", bodies=("", "")))
    if _code(sample) != _code(empty):
        raise RevisionError(
            f"{shown_path(template)} puts the message where it becomes code: use ${{message}} in the docstring only, or "
            "${repr(message)} elsewhere"
        )
    bodies = (_body(revision.upgrade), _body(revision.downgrade))
    text = _render(mako, template, _variables(revision, config, message=message, imports=imports, bodies=bodies))
    return text.strip("\n") + "\n"


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


def write_atomically(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a whole file or none: the text goes to a file beside it, which then takes its name.

    Args:
        path: the file.
        text: what goes into it, as UTF-8.
        replace: take the place of a file that exists, and keep its permissions.

    Raises:
        FileExistsError: the file exists, and ``replace`` is false.
        OSError: it cannot be written.
        UnicodeEncodeError: the text, or the name, cannot be encoded.
    """
    data = text.encode("utf-8")
    beside = path.with_name(f".{new_id()}.tmp")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            with contextlib.suppress(FileNotFoundError):
                os.chmod(beside, path.stat().st_mode & 0o7777)
            os.replace(beside, path)
        else:
            _take_name(beside, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)


def _take_name(beside: Path, path: Path) -> None:
    """Give ``beside`` the name ``path``, which must be free. A hard link cannot overwrite; some file systems have none."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            os.replace(beside, path)
        except BaseException:
            os.unlink(path)
            raise


@contextlib.contextmanager
def _directory(directory: Path) -> Iterator[None]:
    """Make a directory when it is missing, and take it away again when the block fails."""
    try:
        directory.mkdir()
        made = True
    except FileExistsError:
        made = False
    except OSError as error:
        raise RevisionError(
            f"the versions directory {shown_path(directory)} cannot be made: {error.strerror or error}"
        ) from None
    try:
        yield
    except BaseException:
        if made:
            with contextlib.suppress(OSError):
                directory.rmdir()
        raise


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
        lines = [record[5] for record in RichTraceback(error=error).records if record[4] == os.path.abspath(path)]
        raise RevisionError(f"{shown_path(path)}:{(lines or [1])[-1]}: {one_line(error)}") from None


def _variables(
    revision: NewRevision, config: object, *, message: str, imports: str, bodies: tuple[str, str]
) -> dict[str, object]:
    return {
        "message": message,
        "up_revision": revision.id,
        "down_revision": _one_or_several(revision.down_revisions),
        "branch_labels": _one_or_several(revision.branch_labels),
        "depends_on": _one_or_several(revision.depends_on),
        "create_date": revision.create_date,
        "imports": imports,
        "upgrades": bodies[0],
        "downgrades": bodies[1],
        "config": config,
        "comma": comma,
        "literal": literal,
    }


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


def _imported(source: str) -> frozenset[tuple[str, str, str | None]]:
    """Return what the top-level imports of a text bring in, as (module, name, alias)."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return frozenset()  # `_check` tells about it
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


def _check(text: str, revision: NewRevision, template: Path) -> None:
    """Refuse a text that would not be read back as the revision that it should be."""
    try:
        read = parse_revision(text, Path("the new file"))
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
