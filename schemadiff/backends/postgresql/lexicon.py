"""How PostgreSQL spells tokens and identifiers."""

from __future__ import annotations

import re

from schemadiff.backends.postgresql.vocabulary import KEYWORDS
from schemadiff.backends.tokens import Lexicon

__all__ = ["LEXICON", "dollar_quoted", "is_qualified_collation", "literal", "qualified_collation", "quoted"]

LEXICON = Lexicon(identifier_quotes='"', string_quotes="'", dollar_quotes=True)

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


def quoted(identifier: str) -> str:
    """Return ``identifier`` quoted where it has to be: as the server's ``quote_ident()`` does it, for the keywords of all versions."""
    if _PLAIN.match(identifier) and identifier not in KEYWORDS:
        return identifier
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return ``text`` as a string literal that means the same whatever ``standard_conforming_strings`` is."""
    doubled = text.replace("'", "''")
    return "E'" + doubled.replace("\\", "\\\\") + "'" if "\\" in text else f"'{doubled}'"


def dollar_quoted(text: str) -> str:
    """Return ``text`` as a dollar-quoted string: the body of a function or DO block."""
    tag = "$$"
    number = 0
    # A body that ends in a dollar sign, or with the beginning of the tag, would run into the closing quote.
    while tag.removesuffix("$") in text or text.endswith("$"):
        number += 1
        tag = f"$body{number}$"
        text = text + "\n" if text.endswith("$") else text
    return f"{tag}{text}{tag}"


_QUALIFIED = re.compile(r'"(?:[^"]|"")+"\."(?:[^"]|"")+"\Z')


def is_qualified_collation(name: str) -> bool:
    """Return True for the name of a collation with its schema."""
    return _QUALIFIED.match(name) is not None


def qualified_collation(schema: str, name: str) -> str:
    """Return the name of a collation with its schema."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in (schema, name))
