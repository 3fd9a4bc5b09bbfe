"""What views and triggers use. The catalog does not say, so their text has to.

The server writes views out in full: every column with the table or its alias before it, every table behind FROM or JOIN. A trigger is
stored as it was written: what it says of its own row starts with NEW or OLD, and a bare name is taken for a column of any table that it mentions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from schemadiff.backends.tokens import Lexicon, Token, TokenError, tokenize
from schemadiff.frozen import dataclass
from schemadiff.operations import Key
from schemadiff.operations.base import column_key, relation_key
from schemadiff.schema import Dependant, Name, Schema

__all__ = ["trigger_body", "with_uses"]

_BEFORE_TABLES = frozenset({"FROM", "JOIN", "STRAIGHT_JOIN", "INTO", "UPDATE"})
_NO_ALIASES = frozenset(
    [
        "ON",
        "USING",
        "WHERE",
        "SET",
        "VALUES",
        "SELECT",
        "GROUP",
        "ORDER",
        "HAVING",
        "LIMIT",
        "UNION",
        "JOIN",
        "INNER",
        "LEFT",
        "RIGHT",
        "CROSS",
        "NATURAL",
        "STRAIGHT_JOIN",
        "VALUE",
        "FOR",
    ]
)


# What may stand before it: names, in quotes of either kind, and the words of the statement.
_HEAD = re.compile(r"(?:`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"|[^`\"])*?\bFOR\s+EACH\s+ROW\s*", re.IGNORECASE)


def trigger_body(statement: str) -> str:
    """Return what a trigger does, from what SHOW CREATE TRIGGER says of it: the statement as it was written."""
    head = _HEAD.match(statement)
    return statement if head is None else statement[head.end() :]


def with_uses(schema: Schema, lexicon: Lexicon) -> tuple[Dependant, ...]:
    """Return every view and trigger of ``schema`` with what it uses."""
    names = {(name.schema, name.name.lower()): name for name in (*schema.tables, *schema.dependants)}
    columns = {
        name: {column.name.lower(): column.name for column in table.columns} for name, table in schema.tables.items()
    }
    reader = _Reader(names, columns, lexicon)
    views = [
        replace(view, uses=reader.uses(view.sql, name) - {relation_key(name)}, provides=frozenset({relation_key(name)}))
        for name, view in schema.dependants.items()
    ]
    triggers = [
        replace(each, uses=reader.uses(each.sql, name, own=name) - {relation_key(name)})
        for name, table in schema.tables.items()
        for each in table.dependants
        if each.kind == "trigger"
    ]
    return (*views, *triggers)


@dataclass(frozen=True)
class _Reader:
    """Finds names.

    Args:
        names: tables and views by schema and lower-case name.
        columns: of each table, the columns by their lower-case names.
        lexicon: how the server spells statements.
    """

    names: Mapping[tuple[str | None, str], Name]
    columns: Mapping[Name, Mapping[str, str]]
    lexicon: Lexicon

    def uses(self, sql: str, where: Name, own: Name | None = None) -> frozenset[Key]:
        """Return the tables and columns that a statement mentions.

        Args:
            sql: the statement.
            where: in whose schema bare names are looked up.
            own: the table whose row NEW and OLD are; None for a view.
        """
        try:
            tokens = [token for token in tokenize(sql, self.lexicon) if token.kind != "comment"]
        except TokenError:
            return frozenset()
        chains = list(_chains(tokens))
        tables = self._tables(chains, where)
        return frozenset(self._keys(chains, tables, own))

    def _tables(self, chains: Sequence[_Chain], where: Name) -> Mapping[str, set[Name]]:
        """Return what the tables that are mentioned are called."""
        found: dict[str, set[Name]] = defaultdict(set)
        for chain, following in zip(chains, [*chains[1:], None], strict=False):
            if chain.before not in _BEFORE_TABLES or len(chain.names) > 2:
                continue
            schema = where.schema if len(chain.names) == 1 else chain.names[0]
            name = self.names.get((schema, chain.names[-1].lower()))
            if name is not None:
                found[name.name.lower()].add(name)
                if following is not None and following.is_alias_of(chain):
                    found[following.names[0].lower()].add(name)
        return found

    def _keys(self, chains: Sequence[_Chain], tables: Mapping[str, set[Name]], own: Name | None) -> Iterator[Key]:
        mentioned = {name for names in tables.values() for name in names}
        for name in mentioned:
            yield relation_key(name)
        for chain in chains:
            *path, last = (name.lower() for name in chain.names)
            if own is not None and path in (["new"], ["old"]):
                candidates = {own}
            elif path:
                candidates = tables.get(path[-1], set())
            elif own is not None and chain.before not in _BEFORE_TABLES:
                candidates = mentioned
            else:
                continue
            for name in candidates:
                column = self.columns.get(name, {}).get(last)
                if column is not None:
                    yield column_key(name, column)


@dataclass(frozen=True)
class _Chain:
    """Names with points between them.

    Args:
        names: the names.
        before: the word before them, in upper case; parentheses do not count.
        start, end: the positions of the first token and of the one behind the last.
    """

    names: tuple[str, ...]
    before: str
    start: int
    end: int

    def is_alias_of(self, table: _Chain) -> bool:
        """Return True where the name stands right behind the table, or behind its AS."""
        follows = self.start == table.end or (self.start == table.end + 1 and self.before == "AS")
        return follows and len(self.names) == 1 and self.names[0].upper() not in _NO_ALIASES


def _chains(tokens: Sequence[Token]) -> Iterator[_Chain]:
    before, position = "", 0
    while position < len(tokens):
        token = tokens[position]
        if token.kind not in ("word", "identifier"):
            if token.kind != "open":
                before = ""
            position += 1
            continue
        end = position + 1
        while end + 1 < len(tokens) and tokens[end].text == "." and tokens[end + 1].kind in ("word", "identifier"):
            end += 2
        names = tuple(each.text for each in tokens[position:end:2])
        yield _Chain(names, before, position, end)
        before = token.text.upper() if token.kind == "word" and len(names) == 1 else ""
        position = end
