"""Constraints and indexes, by what the catalog says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from schemadiff.backends.postgresql.canonical import without_parentheses
from schemadiff.backends.postgresql.clauses import quoted_collation
from schemadiff.backends.postgresql.lexicon import LEXICON, qualified_collation, quoted
from schemadiff.backends.postgresql.rows import Rows, read_expression, read_name, storage_parameters
from schemadiff.backends.questions import ExpressionKind
from schemadiff.backends.records import Record
from schemadiff.backends.tokens import TokenError, tokenize
from schemadiff.schema import (
    CheckConstraint,
    ExcludeConstraint,
    ExcludeElement,
    Expression,
    ForeignKey,
    Index,
    IndexElement,
    PrimaryKey,
    UniqueConstraint,
    options,
)

if TYPE_CHECKING:
    pass

__all__ = ["KeyReader"]

_ACTIONS = {"a": None, "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_MATCHES = {"s": None, "f": "FULL", "p": "PARTIAL"}


class KeyReader:
    """Puts constraints and indexes together from the rows of the catalog.

    Args:
        default: the default schema.
        columns: the rows of COLUMNS, by the oid of their table.
    """

    def __init__(self, default: str | None, columns: Mapping[int, Rows]) -> None:
        self._default = default
        self._columns = {oid: {row.number: row for row in rows} for oid, rows in columns.items()}
        self._numbers: dict[str, tuple[int, ...]] = {}

    def _listed(self, numbers: str) -> tuple[int, ...]:
        """Return the numbers of a list, as an array ("{1,2}") or a vector ("1 2") is printed."""
        found = self._numbers.get(numbers)
        if found is None:
            found = tuple(map(int, numbers.strip("{}").replace(",", " ").split()))
            self._numbers[numbers] = found
        return found

    def _named(self, relation: int, numbers: str) -> tuple[str, ...]:
        columns = self._columns[relation]
        return tuple([columns[number].name for number in self._listed(numbers)])

    def _expression(self, sql: str, kind: ExpressionKind) -> Expression:
        return read_expression(without_parentheses(sql), kind, self._default)

    def constraints(self, rows: Rows, indexes: Iterable[tuple[Record, Index]]) -> dict[str, Any]:
        """Return the constraints of a table, as the arguments of :class:`Table`.

        Args:
            rows: those of CONSTRAINTS.
            indexes: the rows of INDEXES, each with its index.
        """
        found: dict[str, Any] = {"uniques": [], "checks": [], "foreign_keys": [], "excludes": []}
        by_oid = {row.exclusion: index for row, index in indexes if row.exclusion is not None}
        for row in sorted(rows, key=lambda row: row.name):
            match row.kind:
                case "p":
                    found["primary_key"] = PrimaryKey(
                        options=self._key_options(row), comment=row.comment, **self._timed(row)
                    )
                case "u":
                    found["uniques"].append(
                        UniqueConstraint(options=self._key_options(row), comment=row.comment, **self._timed(row))
                    )
                case "c":
                    found["checks"].append(self._check(row))
                case "f":
                    found["foreign_keys"].append(self._foreign_key(row))
                case "x":
                    found["excludes"].append(self._exclude(row, by_oid[row.oid]))
        return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}

    def _timed(self, row: Record) -> dict[str, Any]:
        return {
            "name": row.name,
            "columns": self._named(row.relation, row.columns),
            "deferrable": row.deferrable,
            "initially_deferred": row.deferred,
        }

    def _key_options(self, row: Record) -> Any:
        if not (row.include or row.nulls_not_distinct or row.parameters or row.tablespace or row.period):
            return ()
        return options(
            {
                "include": tuple(row.include) if row.include else None,
                "nulls_not_distinct": row.nulls_not_distinct or None,
                "with": storage_parameters(row.parameters) or None,
                "tablespace": row.tablespace,
                "without_overlaps": row.period or None,
            }
        )

    def _check(self, row: Record) -> CheckConstraint:
        return CheckConstraint(
            name=row.name,
            expression=self._expression(row.expression, "check"),
            options=options(
                {
                    "no_inherit": row.no_inherit or None,
                    "not_valid": (row.enforced and not row.validated) or None,
                    "not_enforced": not row.enforced or None,
                }
            ),
            comment=row.comment,
        )

    def _foreign_key(self, row: Record) -> ForeignKey:
        ondelete = _ACTIONS[row.on_delete]
        if row.set_columns:
            columns = self._named(row.relation, row.set_columns)
            ondelete = f"{ondelete} ({', '.join(quoted(column) for column in columns)})"
        return ForeignKey(
            referent=read_name(row.referent, row.referent_schema, self._default),
            referent_columns=tuple(row.outer_columns or self._named(row.referent_oid, row.referent_columns)),
            onupdate=_ACTIONS[row.on_update],
            ondelete=ondelete,
            match=_MATCHES[row.match],
            options=()
            if row.validated and row.enforced and not row.period
            else options(
                {
                    "not_valid": (row.enforced and not row.validated) or None,
                    "not_enforced": not row.enforced or None,
                    "period": row.period or None,
                }
            ),
            comment=row.comment,
            **self._timed(row),
        )

    def _exclude(self, row: Record, whole: Index) -> ExcludeConstraint:
        return ExcludeConstraint(
            name=row.name,
            elements=tuple(
                ExcludeElement(element.what, operator, _written_after(element))
                for element, operator in zip(whole.elements, row.operators, strict=True)
            ),
            method=whole.method or "btree",
            where=whole.where,
            deferrable=row.deferrable,
            initially_deferred=row.deferred,
            options=options({"include": whole.include or None, **{k: v for k, v in whole.options if k != "invalid"}}),
            comment=row.comment,
        )

    # -- indexes

    def is_special(self, row: Record) -> bool:
        """Return True where elements of an index say more than columns and their order: then ELEMENTS has to be asked for them."""
        if row.definition is not None or not row.usual:
            return True
        columns = self._columns[row.relation]
        collations = zip(self._listed(row.columns), self._listed(row.collations), strict=False)
        return any(columns[number].collation_oid != collation for number, collation in collations)

    def index(self, row: Record, elements: Mapping[int, Rows]) -> Index:
        """Return an index.

        Args:
            row: its row of INDEXES.
            elements: the rows of ELEMENTS by index, for those that are special.
        """
        special = elements.get(row.oid)
        stated: dict[str, Any] = {}
        if row.parameters or row.tablespace or row.nulls_not_distinct or row.invalid:
            stated = {
                "with": storage_parameters(row.parameters) or None,
                "tablespace": row.tablespace,
                "nulls_not_distinct": row.nulls_not_distinct or None,
                "invalid": row.invalid or None,
            }
        if special is None:
            columns = self._named(row.relation, row.columns)
            flags = self._listed(row.flags)
            keys = tuple([_plain(column, flag) for column, flag in zip(columns, flags, strict=False)])
            include = columns[row.keys :]
        else:
            collations = _collations(row.definition) if row.definition is not None else {}
            keys = tuple([self._element(e, collations.get(e.position)) for e in special if e.is_key])
            include = tuple([e.column for e in special if not e.is_key])
            statistics = {
                str(e.position): e.statistics for e in special if e.statistics is not None and e.column is None
            }
            stated["statistics"] = statistics or None
        return Index(
            name=row.name,
            elements=keys,
            unique=row.is_unique,
            where=None if row.predicate is None else self._expression(row.predicate, "predicate"),
            method=None if row.method == "btree" else row.method,
            include=include,
            options=options(stated) if stated else (),
            comment=row.comment,
        )

    def _element(self, row: Record, collation: str | None) -> IndexElement:
        what: str | Expression = row.column
        if row.column is None:
            what = self._expression(row.expression, "index")
        opclass = row.opclass
        if opclass is not None and row.opclass_parameters:
            opclass += "(" + ", ".join(row.opclass_parameters) + ")"
        collation = row.collation if row.column is not None else collation
        return replace(_plain(what, row.flags), opclass=opclass, collation=collation)


def _plain(what: str | Expression, flags: int) -> IndexElement:
    """Return an element by what ``indoption`` says of its order (src/include/catalog/pg_index.h: 1 is DESC, 2 NULLS FIRST)."""
    descending, nulls_first = bool(flags & 1), bool(flags & 2)
    return IndexElement(
        what=what, descending=descending, nulls_first=None if nulls_first == descending else nulls_first
    )


def _written_after(element: IndexElement) -> str | None:
    """Return all that stands between an element of an exclusion constraint and its operator, as ``ops=`` of SQLAlchemy's constraint takes it."""
    collation = None if element.collation is None else f"COLLATE {quoted_collation(element.collation)}"
    nulls = None if element.nulls_first is None else f"NULLS {'FIRST' if element.nulls_first else 'LAST'}"
    parts = [collation, element.opclass, "DESC" if element.descending else None, nulls]
    return " ".join(part for part in parts if part) or None


def _collations(definition: str) -> dict[int, str]:
    """Return the collations that an index states for its elements, by position: the catalog does not tell which are stated.

    Args:
        definition: the whole CREATE INDEX statement.
    """
    try:
        tokens = tokenize(definition, LEXICON)
    except TokenError:
        return {}
    using = next(i for i, token in enumerate(tokens) if token.kind == "word" and token.text == "USING")
    found: dict[int, str] = {}
    depth, position = 0, 1
    for i in range(using + 2, len(tokens)):
        token = tokens[i]
        depth += token.kind == "open"
        depth -= token.kind == "close"
        if depth == 0:
            break
        if depth == 1 and token.kind == "comma":
            position += 1
        if depth == 1 and token.kind == "word" and token.text == "COLLATE":
            qualified = tokens[i + 2].text == "."
            name = tokens[i + 3 if qualified else i + 1].text
            found[position] = qualified_collation(tokens[i + 1].text, name) if qualified else name
    return found
