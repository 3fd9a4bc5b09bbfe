"""Reads the stored SQL of many tables and indexes, and what they write alike only once.

Two tables of a schema have much in common: columns of the same definition, keys on the same columns. So a statement is cut at the commas
between its definitions, and each distinct definition is parsed once; where it is new, what may still be known is the definition without the
names in it. That is a short cut and no second grammar: :mod:`schemadiff.backends.sqlite.parse` parses every definition, and the whole of
a statement that cannot be cut for sure.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from schemadiff.backends.sqlite.cursor import Unexpected
from schemadiff.backends.sqlite.parse import (
    TABLE_CLAUSES,
    Parts,
    parse_definition,
    parse_index,
    parse_options,
    parse_parts,
)
from schemadiff.backends.tokens import TokenError
from schemadiff.schema import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    IndexElement,
    Name,
    Options,
    PrimaryKey,
    UniqueConstraint,
)

__all__ = ["Reader"]

# Letters, digits and the underscore, and all beyond ASCII. What is none of them is told: a set up to the last character takes long to compile.
_WORD = r"[^\0-@\[-^`{-\x7f][^\0-/:-@\[-^`{-\x7f]*+"
_NAME = rf"""(?:{_WORD}|"[^"\0]++"|`[^`\0]++`|\[[^\]\0]++\])"""

# Whole tokens before and behind: no quote, and nothing that makes the word the prefix of a string.
_ENDS = r"(?=[\s(]|\Z)(?!\s*')"

_HEAD = re.compile(rf"CREATE TABLE {_NAME}\s*\(", re.ASCII)

# A definition goes to the next comma that stands in no quotes, comment or parentheses.
# Groups are atomic, (?>...), and not possessive: before Python 3.11.5, a possessive one whose inside goes back matches what it should not.
_COMMENT = r"--[^\n]*+\n|/\*(?>(?:[^*]++|\*(?!/))*)\*/"
_QUOTED = rf"""'[^']*+'|"[^"]*+"|`[^`]*+`|\[[^\]]*+\]|{_COMMENT}"""
_PLAIN = r"""[^(),'"`\[/-]++|-(?!-)|/(?!\*)"""
_INNER = rf"\((?>(?:{_PLAIN}|,|{_QUOTED})*)\)"
_MIDDLE = rf"\((?>(?:{_PLAIN}|,|{_QUOTED}|{_INNER})*)\)"
_OUTER = rf"\((?>(?:{_PLAIN}|,|{_QUOTED}|{_MIDDLE})*)\)"
_DEFINITIONS = re.compile(rf"(?>(?:{_PLAIN}|{_QUOTED}|{_OUTER})+)")

_OWN_NAME = re.compile(rf"(?>(?:\s++|{_COMMENT})*)(CONSTRAINT\s++)?({_NAME}){_ENDS}", re.ASCII | re.IGNORECASE)
_REFERENT = re.compile(rf"\sREFERENCES\s++({_NAME}){_ENDS}", re.ASCII | re.IGNORECASE)

_COLUMN = rf"""(?:{_WORD}|"[^",]++")"""
_INDEX = re.compile(rf"CREATE (UNIQUE )?INDEX {_NAME} ON {_NAME} ?\(({_COLUMN}(?>(?:, ?{_COLUMN})*))\)", re.ASCII)

# They stand for names that are taken out of a definition; no text has such characters.
_OWN, _OTHER = "\0", "\1"
_SELF = (_OWN,)


class Reader:
    """Reads the stored SQL of the tables and indexes of ``schema``."""

    def __init__(self, schema: str | None) -> None:
        self._schema = schema
        # By the whole text of a definition: columns that need nothing beside, and everything else.
        self._columns: dict[str, Column] = {}
        self._definitions: dict[str, Parts] = {}
        # By the text of a definition without names.
        self._templates: dict[str, _Template] = {}
        self._options: dict[str, Options] = {"": ()}
        self._keys: dict[str, tuple[frozenset[str], tuple[IndexElement, ...]]] = {}

    def table(self, sql: str) -> Parts:
        """Return what ``sql`` says of the table that it creates.

        Raises:
            Unexpected: the text is no CREATE TABLE statement with columns.
            TokenError: it is not made of whole tokens.
        """
        try:
            found = self._cut(sql)
        except (Unexpected, TokenError):
            found = None
        return parse_parts(sql, self._schema) if found is None else found.settle()

    def index(self, sql: str, name: str, columns: list[Column], names: frozenset[str]) -> Index:
        """Return the index ``name`` that ``sql`` creates on a table.

        Args:
            sql: the statement.
            name: the index's name.
            columns: the table's columns.
            names: their names.

        Raises:
            Unexpected, TokenError: as for :meth:`table`.
        """
        plain = _INDEX.fullmatch(sql)
        if plain is not None:
            unique, key = plain.groups()
            known = self._keys.get(key)
            if known is None:
                items = [_unquoted(item.strip()) for item in key.split(",")]
                known = self._keys[key] = (frozenset(items), tuple([IndexElement(what=item) for item in items]))
            if names >= known[0]:
                return Index(name=name, elements=known[1], unique=unique is not None)
        return parse_index(sql, name, columns)

    def _cut(self, sql: str) -> Parts | None:
        """Return the parts of a table, definition by definition; None where it cannot be told for sure where they end.

        A piece that the parser takes as a whole, with the parenthesis that is set behind it, begins and ends where the tokens of the
        statement do: nothing is open at its end, no comment either that would go on to the end of its line.
        """
        head = _HEAD.match(sql)
        if head is None or _OWN in sql or _OTHER in sql:
            return None
        start, end = head.end(), sql.rfind(")")
        pieces = _DEFINITIONS.findall(sql, start, end)
        if ",".join(pieces) != sql[start:end]:
            return None
        parts = Parts(options=self._table_options(sql[end + 1 :]))
        columns, known = parts.columns, self._columns
        in_constraints = False
        for piece in pieces:
            column = known.get(piece)
            if column is not None:
                if in_constraints:
                    return None
                columns.append(column)
                continue
            found = self._definitions.get(piece) or self._definition(piece)
            if found.late or (in_constraints and found.columns):
                return None
            in_constraints = not found.columns
            parts.add(found)
        return parts if columns else None

    def _table_options(self, text: str) -> Options:
        if text not in self._options:
            self._options[text] = parse_options(text)
        return self._options[text]

    def _definition(self, text: str) -> Parts:
        """Return what a definition says, by what the same text says with other names."""
        own = other = None
        without = text
        named = _OWN_NAME.match(text)
        if named is not None and (named[1] or named[2].upper() not in TABLE_CLAUSES):
            own = _unquoted(named[2])
            without = f'{named[1] or ""}"{_OWN}"{text[named.end() :]}'
        referring = _REFERENT.search(without)
        if referring is not None:
            other = _unquoted(referring[1])
            start, end = referring.span(1)
            without = f'{without[:start]}"{_OTHER}"{without[end:]}'
        template = self._templates.get(without)
        if template is None:
            template = self._templates[without] = _template(parse_definition(without, None))
        if other is not None and not template.refers:
            # The word stands in a string or the like.
            found = parse_definition(text, self._schema)
        elif template.column is not None:
            self._columns[text] = column = _column(template.column, own)
            return Parts(columns=[column])
        elif template.key is not None:
            return Parts(foreign_keys=[_foreign_key(template.key, own, other, self._schema)])
        else:
            found = _named(template.parts, own, other, self._schema)
        self._definitions[text] = found
        return found


def _unquoted(name: str) -> str:
    return name[1:-1] if name[0] in '"`[' else name


class _Template(NamedTuple):
    """What a definition without names says.

    Args:
        parts: all of it.
        refers: the name of a table has been taken out of it that a foreign key refers to.
        column, key: the column or the foreign key that is all of it; None for anything else.
    """

    parts: Parts
    refers: bool
    column: Column | None
    key: ForeignKey | None


def _template(parts: Parts) -> _Template:
    column = parts.columns[0] if parts.columns and parts == Parts(columns=parts.columns[:1]) else None
    key = parts.foreign_keys[0] if parts.foreign_keys and parts == Parts(foreign_keys=parts.foreign_keys[:1]) else None
    refers = any(each.referent.name == _OTHER for each in parts.foreign_keys)
    return _Template(parts, refers, column, key)


def _named(template: Parts, own: str | None, other: str | None, schema: str | None) -> Parts:
    """Return ``template`` with its names.

    Args:
        template: what a definition without names says.
        own: the name of the column or constraint that it defines; None where it stands in the template.
        other: the name of the table that it refers to; None as for ``own``.
        schema: the schema of the table.
    """
    parts = Parts(autoincrement=template.autoincrement, late=template.late)
    parts.columns = [_column(each, own) for each in template.columns]
    if template.primary_key is not None:
        key = template.primary_key
        parts.primary_key = PrimaryKey(name=_name(key.name, own), columns=_names(key.columns, own), options=key.options)
    parts.uniques = [
        UniqueConstraint(name=_name(each.name, own), columns=_names(each.columns, own), options=each.options)
        for each in template.uniques
    ]
    parts.checks = [
        CheckConstraint(name=_name(each.name, own), expression=each.expression, options=each.options)
        for each in template.checks
    ]
    parts.foreign_keys = [_foreign_key(each, own, other, schema) for each in template.foreign_keys]
    return parts


def _name(found: str | None, own: str | None) -> str | None:
    return own if found == _OWN else found


def _names(found: tuple[str, ...], own: str | None) -> tuple[str, ...]:
    return (own,) if own is not None and found == _SELF else found


def _column(template: Column, own: str | None) -> Column:
    return Column(
        name=template.name if own is None else own,
        type=template.type,
        nullable=template.nullable,
        default=template.default,
        collation=template.collation,
        options=template.options,
    )


def _foreign_key(template: ForeignKey, own: str | None, other: str | None, schema: str | None) -> ForeignKey:
    referent = template.referent.name
    return ForeignKey(
        name=_name(template.name, own),
        columns=_names(template.columns, own),
        referent=Name(other if other is not None and referent == _OTHER else referent, schema),
        referent_columns=template.referent_columns,
        onupdate=template.onupdate,
        ondelete=template.ondelete,
        match=template.match,
        deferrable=template.deferrable,
        initially_deferred=template.initially_deferred,
    )
