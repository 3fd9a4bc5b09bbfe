"""Reads the stored SQL of many tables and indexes, and what they write alike only once.

Two tables of a schema have much in common: columns of the same definition, keys on the same columns. So a statement is cut at the commas
between its definitions, and each distinct definition is parsed once; where it is new, what may still be known is the definition without the
names in it. That is a short cut and no second grammar: :mod:`schemadiff.backends.sqlite.parse` parses every definition, and the whole of
a statement that cannot be cut for sure.
"""

from __future__ import annotations

import re

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

_WORD = r"[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*+"
_NAME = rf"""(?:{_WORD}|"[^"\0]++"|`[^`\0]++`|\[[^\]\0]++\])"""

# Whole tokens before and behind: no quote, and nothing that makes the word the prefix of a string.
_ENDS = r"(?=[\s(]|\Z)(?!\s*')"

_HEAD = re.compile(rf"CREATE TABLE {_NAME}\s*\(", re.ASCII)

# A definition goes to the next comma that stands in no quotes and no parentheses.
_QUOTED = r"""'[^']*+'|"[^"]*+"|`[^`]*+`|\[[^\]]*+\]"""
_PLAIN = r"""[^(),'"`\[]++"""
_INNER = rf"\((?:{_PLAIN}|,|{_QUOTED})*+\)"
_MIDDLE = rf"\((?:{_PLAIN}|,|{_QUOTED}|{_INNER})*+\)"
_OUTER = rf"\((?:{_PLAIN}|,|{_QUOTED}|{_MIDDLE})*+\)"
_DEFINITIONS = re.compile(rf"(?:{_PLAIN}|{_QUOTED}|{_OUTER})++")

_OWN_NAME = re.compile(rf"\s*+(CONSTRAINT\s++)?({_NAME}){_ENDS}", re.ASCII | re.IGNORECASE)
_REFERENT = re.compile(rf"\sREFERENCES\s++({_NAME}){_ENDS}", re.ASCII | re.IGNORECASE)

_COLUMN = rf"""(?:{_WORD}|"[^",]++")"""
_INDEX = re.compile(rf"CREATE (UNIQUE )?INDEX {_NAME} ON {_NAME} ?\(({_COLUMN}(?:, ?{_COLUMN})*+)\)", re.ASCII)

# They stand for names that are taken out of a definition; no text has such characters.
_OWN, _OTHER = "\0", "\1"


class Reader:
    """Reads the stored SQL of the tables and indexes of one catalog."""

    def __init__(self) -> None:
        # By the whole text of a definition: columns that need nothing beside, and everything else by schema.
        self._columns: dict[str, Column] = {}
        self._definitions: dict[tuple[str, str | None], Parts] = {}
        # By the text of a definition without names.
        self._templates: dict[str, Parts] = {}
        self._options: dict[str, Options] = {"": ()}
        self._keys: dict[str, tuple[frozenset[str], tuple[IndexElement, ...]]] = {}

    def table(self, sql: str, schema: str | None) -> Parts:
        """Return what ``sql`` says of the table of ``schema`` that it creates.

        Raises:
            Unexpected: the text is no CREATE TABLE statement with columns.
            TokenError: it is not made of whole tokens.
        """
        try:
            found = self._cut(sql, schema)
        except (Unexpected, TokenError):
            found = None
        return parse_parts(sql, schema) if found is None else found.settle()

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

    def _cut(self, sql: str, schema: str | None) -> Parts | None:
        """Return the parts of a table, definition by definition; None where it cannot be told for sure where they end.

        A piece that the parser takes as a whole begins and ends where the tokens of the statement do, with one exception: a comment
        that goes on to the end of its line.
        """
        head = _HEAD.match(sql)
        if head is None or "--" in sql or _OWN in sql or _OTHER in sql:
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
            found = self._definition(piece, schema)
            if found.late or (in_constraints and found.columns):
                return None
            in_constraints = not found.columns
            parts.add(found)
        return parts if columns else None

    def _table_options(self, text: str) -> Options:
        if text not in self._options:
            self._options[text] = parse_options(text)
        return self._options[text]

    def _definition(self, text: str, schema: str | None) -> Parts:
        found = self._definitions.get((text, schema))
        if found is None:
            found = self._definitions[text, schema] = self._read(text, schema)
            if found.columns and _is_column_alone(found):
                self._columns[text] = found.columns[0]
        return found

    def _read(self, text: str, schema: str | None) -> Parts:
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
            without = f'{without[: referring.start(1)]}"{_OTHER}"{without[referring.end(1) :]}'
        template = self._templates.get(without)
        if template is None:
            template = self._templates[without] = parse_definition(without, None)
        if other is not None and all(key.referent.name != _OTHER for key in template.foreign_keys):
            # The word stands in a string or the like.
            return parse_definition(text, schema)
        return _named(template, own, other, schema)


def _unquoted(name: str) -> str:
    return name[1:-1] if name[0] in '"`[' else name


def _is_column_alone(parts: Parts) -> bool:
    others = (parts.primary_key, parts.autoincrement, parts.uniques, parts.checks, parts.foreign_keys, parts.late)
    return not any(others)


def _named(template: Parts, own: str | None, other: str | None, schema: str | None) -> Parts:
    """Return ``template`` with its names.

    Args:
        template: what a definition without names says.
        own: the name of the column or constraint that it defines; None where it stands in the template.
        other: the name of the table that it refers to; None as for ``own``.
        schema: the schema of the table.
    """

    def name(found: str | None) -> str | None:
        return own if found == _OWN else found

    def names(found: tuple[str, ...]) -> tuple[str, ...]:
        return (own,) if own is not None and found == (_OWN,) else found

    key = template.primary_key
    if key is not None:
        key = PrimaryKey(name=name(key.name), columns=names(key.columns), options=key.options)
    return Parts(
        columns=[
            Column(
                name=name(each.name) or "",
                type=each.type,
                nullable=each.nullable,
                default=each.default,
                collation=each.collation,
                options=each.options,
            )
            for each in template.columns
        ],
        primary_key=key,
        autoincrement=template.autoincrement,
        uniques=[
            UniqueConstraint(name=name(each.name), columns=names(each.columns), options=each.options)
            for each in template.uniques
        ],
        checks=[
            CheckConstraint(name=name(each.name), expression=each.expression, options=each.options)
            for each in template.checks
        ],
        foreign_keys=[
            ForeignKey(
                name=name(each.name),
                columns=names(each.columns),
                referent=Name((other or "") if each.referent.name == _OTHER else each.referent.name, schema),
                referent_columns=each.referent_columns,
                onupdate=each.onupdate,
                ondelete=each.ondelete,
                match=each.match,
                deferrable=each.deferrable,
                initially_deferred=each.initially_deferred,
            )
            for each in template.foreign_keys
        ],
        late=template.late,
    )
