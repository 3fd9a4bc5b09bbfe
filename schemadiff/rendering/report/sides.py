"""What a difference is about, object by object, with old and new beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from schemadiff.frozen import dataclass
from schemadiff.operations import AlterTable, Operation, SetTableComment, constraint_kind
from schemadiff.rendering.labels import Change, Sign, changes
from schemadiff.rendering.signs import Signs, flat, signs
from schemadiff.schema import UNSET, Column, Domain, Name, Schema, Table
from schemadiff.schema import Sequence as SequenceObject
from schemadiff.schema.words import (
    CONSTRAINT_KINDS,
    column_words,
    constraint_name,
    constraint_words,
    index_words,
    setting_words,
)

__all__ = ["Part", "Thing", "things"]


@dataclass(frozen=True, slots=True)
class Part:
    """A column, a constraint, a setting … of an object. Texts are raw.

    Args:
        sign: what happens to it; None where nothing does.
        kind, name: what it is, and what it is called; no name where it says itself what it is.
        before, after: what it is on both sides; None where it is not there, or not known.
    """

    sign: Sign | None
    kind: str
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Thing:
    """A table, or what else stands by itself.

    Args:
        sign: what happens to it.
        kind, name: what it is, and its whole name.
        parts: what of it changes; of one that comes or goes, all of it.
        same: the rest of it.
        is_table: it is one.
    """

    sign: Sign
    kind: str
    name: str
    parts: tuple[Part, ...]
    same: tuple[Part, ...] = ()
    is_table: bool = False

    def count(self, sign: Sign) -> int:
        """Return how many of its parts have ``sign``."""
        return sum(part.sign == sign for part in self.parts)


def things(source: Schema, target: Schema, operations: Iterable[Operation]) -> tuple[Thing, ...]:
    """Return what ``operations`` change: what stands by itself first, then tables, each by name.

    Args:
        source, target: both sides.
        operations: what leads from the one to the other.
    """
    operations = tuple(flat(operations))
    known = signs(operations)
    inside: dict[Name, list[tuple[Operation, Change]]] = {}
    others: dict[tuple[str, str], list[Change]] = {}
    for operation in operations:
        for change in changes(operation):
            if change.table is None or (change.name is None and change.kind != "table"):
                others.setdefault((change.kind, change.qualified), []).append(change)
            else:
                inside.setdefault(known.now(change.table), []).append((operation, change))
    tables = [_table(name, source, target, known, inside[name]) for name in sorted(known.tables)]
    return (*(_other(each, source, target) for _, each in sorted(others.items())), *tables)


# -- tables


def _table(
    name: Name, source: Schema, target: Schema, known: Signs, found: Sequence[tuple[Operation, Change]]
) -> Thing:
    sign = known.tables[name]
    whole = known.alone(name)
    was = known.was(name)
    before, after = source.tables.get(was), target.tables.get(name)
    left = {} if before is None or whole == "+" else _parts(before)
    right = {} if after is None or whole == "-" else _parts(after)
    parts: list[Part] = [] if was == name else [Part("~", "name", "", was.name, name.name)]
    parts += _settings(operation for operation, _ in found)
    same: list[Part] = []
    unnamed = {
        (CONSTRAINT_KINDS[constraint_kind(each)], constraint_name(each))
        for table in (before, after)
        if table is not None
        for each in table.constraints()
        if each.name is None
    }
    gone = {(change.kind, change.name) for _, change in found if change.sign == "~"}
    for kind, called in [*right, *(key for key in left if key not in right and key not in gone)]:
        part_sign = whole or known.part(name, kind, called)
        old_name = known.part_was(name, kind, called)
        old, new = left.get((kind, old_name)), right.get((kind, called))
        if old_name != called and old is not None:
            old = f"{old_name} {old}"
        part = Part(part_sign, kind, "" if (kind, called) in unnamed else called, old, new)
        (same if part_sign is None else parts).append(part)
    stated = left.keys() | right.keys()
    parts += [part for part in _unknown(name, known, found) if (part.kind, part.name) not in stated]
    return Thing(sign, "table", str(name), tuple(parts), tuple(same), is_table=True)


def _parts(table: Table) -> dict[tuple[str, str], str]:
    """Return what each column, constraint and index of a table is, by its kind and its name."""
    found = {("column", column.name): _column(column) for column in table.columns}
    for constraint in table.constraints():
        kind = CONSTRAINT_KINDS[constraint_kind(constraint)]
        found[kind, constraint_name(constraint)] = _with(constraint_words(constraint), constraint)
    for index in table.indexes:
        found["index", index.name] = _with(index_words(index), index)
    return found


def _column(column: Column) -> str:
    text = column_words(column)
    return _with(f"{text} AUTOINCREMENT" if column.autoincrement else text, column)


_FLAGS = (("deferrable", "DEFERRABLE"), ("initially_deferred", "INITIALLY DEFERRED"))


def _with(text: str, part: object) -> str:
    """Return ``text`` with what else there is to say of a column, a constraint or an index."""
    words = [text, *(word for name, word in _FLAGS if getattr(part, name, False))]
    if options := getattr(part, "options", ()):
        words.append(setting_words("options", options))
    if (comment := getattr(part, "comment", None)) is not None:
        words.append(f"COMMENT {setting_words('comment', comment)}")
    return " ".join(words)


def _settings(operations: Iterable[Operation]) -> Iterator[Part]:
    """Yield the comment and the options of a table, as far as operations change them."""
    for operation in operations:
        match operation:
            case SetTableComment():
                old = None if operation.before is UNSET else setting_words("comment", operation.before)
                yield Part("~", "comment", "", old, setting_words("comment", operation.comment))
            case AlterTable():
                before: Mapping[str, object] = {} if operation.before is UNSET else dict(operation.before)
                for setting, value in operation.after:
                    text = setting_words(setting, before[setting]) if setting in before else None
                    yield Part("~", setting, "", text, setting_words(setting, value))


def _unknown(name: Name, known: Signs, found: Iterable[tuple[Operation, Change]]) -> Iterator[Part]:
    """Yield the parts of a table that no side states: triggers and the like, as their operations say them."""
    words: dict[tuple[str, str], dict[Sign, str]] = {}
    for _, change in found:
        if change.name is not None:
            words.setdefault((change.kind, change.name), {})[change.sign] = "; ".join(change.details)
    for (kind, called), said in words.items():
        sign = known.part(name, kind, called)
        if sign is not None:
            yield Part(sign, kind, called, said.get("-"), said.get("+", said.get("~")))


# -- what stands by itself


def _other(found: Sequence[Change], source: Schema, target: Schema) -> Thing:
    kind, name = found[0].kind, found[0].table
    each = {change.sign for change in found}
    sign: Sign = found[0].sign if len(each) == 1 else "~"
    states = _STATES.get(kind)
    before = states(source, name) if states is not None and name is not None and sign != "+" else None
    after = states(target, name) if states is not None and name is not None and sign != "-" else None
    parts: tuple[Part, ...] = ()
    if before is not None or after is not None:
        parts = (Part(sign, "definition", "", before, after),)
    elif details := "; ".join(detail for change in found for detail in change.details):
        parts = (Part(sign, "definition", "", details if sign == "-" else None, details if sign != "-" else None),)
    return Thing(sign, kind, found[0].qualified, parts)


def _enum(schema: Schema, name: Name) -> str | None:
    enum = schema.enums.get(name)
    return None if enum is None else _with(", ".join(map(repr, enum.values)), enum)


def _domain(schema: Schema, name: Name) -> str | None:
    domain = schema.domains.get(name)
    return None if domain is None else _domain_words(domain)


def _domain_words(domain: Domain) -> str:
    (column,) = domain.as_table().columns
    checks = [f"CHECK {constraint_words(check)}" for check in domain.checks]
    return _with(" ".join([column_words(column), *checks]), domain)


def _sequence(schema: Schema, name: Name) -> str | None:
    sequence = schema.sequences.get(name)
    return None if sequence is None else _sequence_words(sequence)


def _sequence_words(sequence: SequenceObject) -> str:
    names = ("type", "start", "increment", "minvalue", "maxvalue", "cycle", "cache", "unlogged", "owner", "comment")
    return " ".join(
        f"{name}={setting_words(name, value)}"
        for name in names
        if (value := getattr(sequence, name)) not in (None, False)
    )


def _view(schema: Schema, name: Name) -> str | None:
    view = schema.views.get(name)
    return None if view is None else _with(view.sql, view)


_STATES: dict[str, Callable[[Schema, Name], str | None]] = {
    "enum type": _enum,
    "domain": _domain,
    "sequence": _sequence,
    "view": _view,
}
