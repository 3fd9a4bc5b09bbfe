"""The header of a revision file in its usual shape, read with one regular expression.

A file has the usual shape when nothing stands before the identifiers but a docstring, comments and imports, each identifier is
assigned once, to None or to plain strings, and is named nowhere else in the code. Then there is nothing that Python could make of
the identifiers but what is read here. For all else the answer is None, and Python's own parser is asked.

The bodies of the functions are not looked at, so that a file with bad syntax in a body can be listed; running it tells.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from schemadiff.revisions.naming import RESERVED

__all__ = ["Header", "usual_header"]


class Header(NamedTuple):
    """What the header says, each identifier as a tuple of strings."""

    id: str
    down_revisions: tuple[str, ...]
    branch_labels: tuple[str, ...]
    depends_on: tuple[str, ...]
    doc: str


_END = r"[ \t]*(?:\#[^\n]*)?(?:\n|\Z)"
_STRING = r"""(?:"[^"\\\n]+"|'[^'\\\n]+')"""
_STRINGS = rf"[\[(][ \t\n]*{_STRING}[ \t\n]*(?:,[ \t\n]*{_STRING}[ \t\n]*)*,?[ \t\n]*[\])]"
_VALUE = rf"(?:None|{_STRING}|{_STRINGS})"
_ANNOTATION = (
    r"(?::\ (?:str|str\ \|\ None|str\ \|\ Sequence\[str\]\ \|\ None"
    r"|Union\[str,\ None\]|Union\[str,\ Sequence\[str\],\ None\]|Optional\[str\]))?"
)
_NAME = r"[\w.]+(?:[ ]as[ ]\w+)?"
_NAMES = rf"{_NAME}(?:,[ ]{_NAME})*"
_NAMES_IN_BRACKETS = rf"\([ \t\n]*{_NAME}(?:,[ \t\n]*{_NAME})*,?[ \t\n]*\)"
_IMPORT = rf"(?:import[ ]{_NAMES}|from[ ][\w.]+[ ]import[ ](?:{_NAMES}|{_NAMES_IN_BRACKETS}))"
# Groups are atomic, (?>...), and not possessive: before Python 3.11.5, a possessive one whose inside goes back matches what it should not.
_BLANK = r"(?>(?:[ \t]*(?:\#[^\n]*)?\n)*)"

_HEADER = re.compile(
    rf'''
    {_BLANK}
    (?:(?:"""(?P<double>[^"\\]*(?:"{{1,2}}[^"\\]+)*)"""|\'\'\'(?P<single>[^'\\]*(?:'{{1,2}}[^'\\]+)*)\'\'\'){_END})?
    {_BLANK}(?>(?:{_IMPORT}{_END}{_BLANK})*)
    revision{_ANNOTATION}[ ]=[ ](?P<revision>"[\w.-]+"|'[\w.-]+'){_END}
    {_BLANK}down_revision{_ANNOTATION}[ ]=[ ](?P<down>{_VALUE}){_END}
    (?:{_BLANK}branch_labels{_ANNOTATION}[ ]=[ ](?P<labels>{_VALUE}){_END})?
    (?:{_BLANK}depends_on{_ANNOTATION}[ ]=[ ](?P<needs>{_VALUE}){_END})?
    ''',
    re.VERBOSE,
)

# A comment that names an identifier, "# revision identifiers, used by ...", names none that counts. One with a quote in it
# might be the end of a string, with code behind it, and one with a brace the inside of a formatted one.
_COMMENT = re.compile(r"""^\#[^\n"'{]*$""", re.MULTILINE)
_IDENTIFIERS = ("revision", "branch_labels", "depends_on")  # the first is in down_revision too
_IDENTIFIER = re.compile(r"(?<!\w)(?:revision|down_revision|branch_labels|depends_on)(?!\w)")

# A line behind the header that is not indented, and begins no function: a conflict that git left, or code that may be anything.
_ODD = re.compile(r"\n(?!\n|\Z|[ \t#]|def \w+\([\w:.,=*|\[\] ]*\)(?: -> [\w.|\[\], ]+)?:)")
_WORD = re.compile(_STRING)
_BRACKETS = {"(": ")", "[": "]"}


def usual_header(source: bytes | str) -> Header | None:
    """Return the header of a revision file that has the usual shape, else None.

    Args:
        source: the text of the file, or its bytes.
    """
    text = _text(source)
    found = None if text is None else _HEADER.match(text)
    if text is None or found is None:
        return None
    identifier = found["revision"][1:-1]
    values = [_strings(found[name]) for name in ("down", "labels", "needs")]
    down, labels, needs = values
    if identifier in RESERVED or down is None or labels is None or needs is None:
        return None
    doc_group = "double" if found["double"] is not None else "single"
    doc = found[doc_group] or ""
    behind_doc = found.end(doc_group) if found[doc_group] is not None else 0
    if _ODD.search(text, found.end() - 1) or not _named_once(text[behind_doc:], found):
        return None
    return Header(identifier, down, labels, needs, doc)


def _text(source: bytes | str) -> str | None:
    """Return the text with the line breaks that Python sees; None where its encoding, or one of them, is unusual."""
    if isinstance(source, bytes):
        try:
            text = source.decode("utf-8")
        except UnicodeDecodeError:
            return None
        if "coding" in text[: _second_line_end(text)]:
            return None
    else:
        text = source
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    return None if "\r" in text or "\f" in text or "\0" in text else text


def _second_line_end(text: str) -> int:
    """Return where the second line ends: an encoding is declared before that or nowhere."""
    first = text.find("\n")
    return text.find("\n", first + 1) if first >= 0 else len(text)


def _strings(written: str | None) -> tuple[str, ...] | None:
    """Return the strings of a value, none for None; None where the value is not as it should be."""
    if written is None or written == "None":
        return ()
    if written[0] in _BRACKETS and written[-1] != _BRACKETS[written[0]]:
        return None
    found = tuple(word[1:-1] for word in _WORD.findall(written))
    return found if len(set(found)) == len(found) else None


def _named_once(code: str, found: re.Match[str]) -> bool:
    """Return True where the code names no identifier but in the assignments of the header."""
    if not code.isascii():
        code = unicodedata.normalize("NFKC", code)  # as Python does with the names in it
    assigned = sum(found[name] is not None for name in ("revision", "down", "labels", "needs"))
    if sum(map(code.count, _IDENTIFIERS)) == assigned:
        return True
    named = _IDENTIFIER.findall(code)
    if len(named) > assigned:
        named = _IDENTIFIER.findall(_COMMENT.sub("", code))
    return len(named) == assigned
