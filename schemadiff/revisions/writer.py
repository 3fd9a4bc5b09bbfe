"""Making a new revision file: rendered, formatted, and onto the disk, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from schemadiff.errors import RevisionError
from schemadiff.revisions.naming import (
    DEFAULT_FILE_TEMPLATE,
    DEFAULT_SLUG_LENGTH,
    file_name,
    new_id,
    shown_path,
    slugify,
)
from schemadiff.revisions.template import NewRevision, check_text, render_revision

__all__ = ["revision_text", "write_atomically", "write_revision"]


def write_revision(
    revision: NewRevision,
    *,
    directory: Path,
    template: Path,
    file_template: str = DEFAULT_FILE_TEMPLATE,
    slug_length: int = DEFAULT_SLUG_LENGTH,
    folders: bool = False,
    format: Callable[[str], str] | None = None,
    config: object = None,
) -> Path:
    """Write a new revision file and return its path. When it fails, no file is left behind; none is ever overwritten.

    Args:
        revision: what to write.
        directory: the versions directory; made when it is missing.
        template: the project's ``script.py.mako``.
        file_template: the setting of that name.
        slug_length: how many characters of the message go into the file's name.
        folders: the file's name may have folders in it, which are made.
        format: what is done to the whole text last, black for instance.
        config: what the template sees as ``config``.

    Raises:
        ConfigError: ``file_template`` cannot be used.
        RevisionError: the template fails, the text is not the revision that it should be, or it cannot be written.
    """
    slug = slugify(revision.message, slug_length)
    name = file_name(file_template, revision=revision.id, slug=slug, date=revision.create_date, folders=folders)
    text = revision_text(revision, template=template, format=format, config=config)
    path = directory / name
    with _directories(directory, path.parent):
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


def revision_text(
    revision: NewRevision, *, template: Path, format: Callable[[str], str] | None = None, config: object = None
) -> str:
    """Return what :func:`write_revision` writes.

    Raises:
        RevisionError: the template fails, or the text is not the revision that it should be.
    """
    text = render_revision(revision, template=template, config=config)
    check_text(text, revision, template)
    if format is not None:
        formatted = format(text)
        if formatted != text:
            check_text(formatted, revision, template)
        text = formatted
    return text


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
def _directories(directory: Path, folder: Path) -> Iterator[None]:
    """Make a directory, and the folders in it down to ``folder``, where missing; take them away again when the block fails."""
    inner = [directory, *(directory / above for above in reversed(folder.relative_to(directory).parents[:-1]))]
    made: list[Path] = []
    try:
        for each in dict.fromkeys([*inner, folder]):
            try:
                each.mkdir()
                made.append(each)
            except FileExistsError:
                pass
            except OSError as error:
                raise RevisionError(
                    f"the versions directory {shown_path(each)} cannot be made: {error.strerror or error}"
                ) from None
        yield
    except BaseException:
        for each in reversed(made):
            with contextlib.suppress(OSError):
                each.rmdir()
        raise
