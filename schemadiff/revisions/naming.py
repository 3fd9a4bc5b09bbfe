"""Names: identifiers of revisions, slugs, names of files, and how paths are shown in messages."""

from __future__ import annotations

import os
import re
import unicodedata
import uuid
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from schemadiff.errors import ConfigError, RevisionError

__all__ = [
    "DEFAULT_FILE_TEMPLATE",
    "DEFAULT_SLUG_LENGTH",
    "MAX_ID_LENGTH",
    "RESERVED",
    "addressable",
    "check_new_id",
    "check_new_label",
    "file_name",
    "new_id",
    "now",
    "shown_path",
    "slugify",
]

DEFAULT_FILE_TEMPLATE = "%(rev)s_%(slug)s"
DEFAULT_SLUG_LENGTH = 40

#: What the column of a version table that another tool made can hold.
MAX_ID_LENGTH = 32

#: Words that mean something else where an identifier can stand.
RESERVED = frozenset({"base", "current", "head", "heads", "none"})

_NEW_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_UNADDRESSABLE = re.compile(r"[\s@:+\x00-\x1f\x7f]")


def shown_path(path: Path | str) -> str:
    """Return ``path`` as messages show it: from the working directory where it lies below that, else in full."""
    absolute = os.path.abspath(path)
    try:
        relative = os.path.relpath(absolute)
    except (ValueError, OSError):  # another drive, or a working directory that is gone
        return absolute
    return absolute if relative.startswith("..") else relative


def new_id() -> str:
    """Return a fresh identifier: twelve hexadecimal digits."""
    return uuid.uuid4().hex[-12:]


def addressable(identifier: str) -> bool:
    """Say whether ``identifier``, read from a file, can be named on the command line.

    ``@``, ``:``, ``+`` and white space belong to the language of symbols; the reserved words mean something else there.
    """
    return bool(identifier) and identifier not in RESERVED and not _UNADDRESSABLE.search(identifier)


def check_new_id(identifier: str) -> str:
    """Return ``identifier`` when a new revision may carry it.

    It becomes part of a file's name and of symbols, so it is narrower than what is accepted from files that exist.

    Raises:
        RevisionError: it has other characters than letters, digits, ``_``, ``-`` and ``.``, begins with one of the last
            two, is a reserved word, or is longer than the column of a version table.
    """
    if not _NEW_ID.fullmatch(identifier):
        raise RevisionError(
            f"revision id {identifier!r} cannot be used: take letters, digits, '_', '-' and '.', "
            "with a letter, digit or '_' first"
        )
    if identifier in RESERVED:
        raise RevisionError(f"revision id {identifier!r} is a word with a meaning of its own: take another one")
    if len(identifier) > MAX_ID_LENGTH:
        raise RevisionError(
            f"revision id {identifier!r} has {len(identifier)} characters: the version table holds {MAX_ID_LENGTH}"
        )
    return identifier


def check_new_label(label: str) -> str:
    """Return ``label`` when a new revision may give it to its branch.

    Raises:
        RevisionError: it could not be named on the command line.
    """
    if not addressable(label) or label.startswith("-") or not label.isprintable():
        raise RevisionError(
            f"branch label {label!r} cannot be used: take a word without '@', ':', '+' and spaces, which is none such as 'head'"
        )
    return label


def slugify(message: str, length: int = DEFAULT_SLUG_LENGTH) -> str:
    """Return ``message`` as a part of a file's name: lower-case words joined with ``_``, at most ``length`` characters.

    Letters and digits of every script stay, everything else separates words, so that the result is never a path. It is
    empty when nothing stays.
    """
    text = unicodedata.normalize("NFC", message).lower()
    kept = "".join(c if c.isalnum() or unicodedata.category(c).startswith("M") else " " for c in text)
    words = kept.split()
    while len(words) > 1 and len("_".join(words)) > length:
        words.pop()
    return "_".join(words)[:length]


def now(timezone: str | None = None) -> datetime:
    """Return the present moment, to the second.

    Args:
        timezone: a name of the time zone database, such as ``Europe/Berlin``; local time without a zone when None.

    Raises:
        ConfigError: there is no such time zone on this machine.
    """
    if timezone is None:
        return datetime.now().replace(microsecond=0)
    return datetime.now(_zone(timezone)).replace(microsecond=0)


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    if name.upper() == "UTC":  # known without a time zone database
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigError(
            f"timezone {name!r} is not known here: write a name such as 'UTC' or 'Europe/Berlin' "
            "(on a system without a time zone database, pip install tzdata)"
        ) from None


def file_name(template: str, *, revision: str, slug: str, date: datetime, folders: bool = False) -> str:
    """Return the name of a new revision file.

    Args:
        template: the setting ``file_template``, with the tokens ``%(rev)s``, ``%(slug)s``, ``%(epoch)s``, ``%(year)d``,
            ``%(month).2d``, ``%(day).2d``, ``%(hour).2d``, ``%(minute).2d`` and ``%(second).2d``.
        revision: the identifier.
        slug: what `slugify` made of the message.
        date: the date of creation.
        folders: the template may name folders inside the versions directory, such as ``%(year)d/%(rev)s``.

    Raises:
        ConfigError: the template has an unknown token, or gives a name that leads out of the versions directory or would not be
            read again.
    """
    stem = _filled_in(template, revision, slug, date)
    if not slug:
        stem = stem.rstrip("_-. ")
    name = f"{stem}.py"
    gives = f"file_template {template!r} gives {name!r}, which"
    *above, last = name.split("/")
    if above and not folders:
        raise ConfigError(
            f"{gives} is no name of a file in one directory: set recursive_version_locations = true to have folders"
        )
    if "\\" in name or not name.isprintable():
        raise ConfigError(f"{gives} is no name of a file")
    if any(not is_revision_folder(part) or part.strip() != part for part in above):
        raise ConfigError(f"{gives} is no place in the versions directory that is read again")
    if not is_revision_file(last):
        raise ConfigError(f"{gives} is not read as a revision file")
    return name


def _filled_in(template: str, revision: str, slug: str, date: datetime) -> str:
    tokens = {
        "rev": revision,
        "slug": slug,
        "epoch": int(date.timestamp()),
        "year": date.year,
        "month": date.month,
        "day": date.day,
        "hour": date.hour,
        "minute": date.minute,
        "second": date.second,
    }
    try:
        if re.search(r"%(?!\()", template.replace("%%", "")):
            raise ValueError("a percent sign begins no token")
        if "%%(" in template:
            raise ValueError("tokens are doubled, as INI files need it")
        return template % tokens
    except KeyError as error:
        known = ", ".join(f"%({name})" for name in tokens)
        raise ConfigError(f"file_template {template!r} has an unknown token {error}: known are {known}") from None
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"file_template {template!r} cannot be filled in ({error}): write tokens as in '{DEFAULT_FILE_TEMPLATE}', "
            "and a percent sign as '%%'"
        ) from None


def is_revision_file(name: str) -> bool:
    """Say whether a file called ``name`` in a versions directory is a revision: ``*.py``, not hidden, no ``__init__``."""
    return name.endswith(".py") and len(name) > 3 and not name.startswith((".", "__init__"))


def is_revision_folder(name: str) -> bool:
    """Say whether a folder called ``name`` in a recursive versions directory holds revisions: not hidden, no ``__pycache__``."""
    return bool(name) and name != "__pycache__" and not name.startswith(".")
