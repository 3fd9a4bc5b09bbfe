"""Making a new revision file: planned, rendered, formatted, and onto the disk, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from schemadiff.errors import DuplicateRevision, RevisionError
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.naming import (
    DEFAULT_FILE_TEMPLATE,
    check_new_id,
    file_name,
    new_id,
    now,
    shown_path,
    slugify,
)
from schemadiff.revisions.template import NewRevision, check_text, render_revision

__all__ = ["plan_revision", "write_atomically", "write_revision"]


def plan_revision(
    graph: RevisionGraph,
    message: str | None = None,
    *,
    rev_id: str | None = None,
    timezone: str | None = None,
    imports: Sequence[str] = (),
    upgrade: str = "",
    downgrade: str = "",
    bodies: Mapping[str, str] | None = None,
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
        bodies: further bodies, by their names in the template.

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
        bodies=dict(bodies or {}),
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
    check_text(text, revision, template)
    if format is not None:
        text = format(text)
        check_text(text, revision, template)
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
