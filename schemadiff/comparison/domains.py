"""The differences in domains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from schemadiff.backends import Question
from schemadiff.comparison.equality import Equality
from schemadiff.comparison.pairing import pair_constraints
from schemadiff.comparison.types import columns_of, refuse_used
from schemadiff.frozen import dataclass
from schemadiff.operations import AlterDomain, CreateDomain, DropDomain, Operation
from schemadiff.schema import CheckConstraint, Domain, Name, Schema, option

__all__ = ["DomainChanges", "domain_operations"]


@dataclass(frozen=True)
class DomainChanges:
    """What becomes of domains, and the pairs of expressions that tokens could not settle."""

    operations: tuple[Operation, ...]
    asked: tuple[Question, ...]


def domain_operations(source: Schema, target: Schema, answers: Mapping[Question, bool]) -> DomainChanges:
    """Return what becomes of domains.

    One that the target does not name is dropped where a column of the source uses it and none of the target does, or where the target is a
    whole database. One that nothing used is not the model's, and stays.

    Raises:
        OperationError: a domain has to be made anew while something hangs on it that cannot be moved over.
    """
    unnamed = source.domains.keys() - target.domains.keys()
    gone = _used(source) - _used(target) if unnamed else frozenset()
    operations: list[Operation] = []
    asked: dict[Question, None] = {}
    for name in sorted(source.domains.keys() | target.domains.keys()):
        before, after = source.domains.get(name), target.domains.get(name)
        if before is None and after is not None:
            operations.append(CreateDomain(domain=after))
        elif after is None and before is not None:
            if target.complete or name in gone:
                operations.append(DropDomain(name=name, domain=before))
        elif before is not None and after is not None and before != after:
            equality = Equality(after.as_table(), answers)
            settled = _settled(before, after, equality, complete=target.complete)
            asked.update(equality.asked)
            if settled != before:
                operations.append(_altered(before, settled, source, target))
    return DomainChanges(tuple(operations), tuple(asked))


def _used(schema: Schema) -> frozenset[Name]:
    """Return the types that columns and domains are made of."""
    columns = (column.type for table in schema.tables.values() for column in table.columns)
    bases = (domain.type for domain in schema.domains.values())
    return frozenset(type_.named for types in (columns, bases) for type_ in types if type_.named is not None)


def _settled(before: Domain, after: Domain, equality: Equality, *, complete: bool) -> Domain:
    """Return ``after`` with all that is no difference as ``before`` has it.

    A model cannot state comments of domains, so only a whole database says that there is none.
    """
    same_default = equality.expressions("default", before.default, after.default, "value")
    return replace(
        after,
        type=before.type if before.type == after.type else after.type,
        default=before.default if same_default else after.default,
        checks=tuple(
            sorted(_settled_checks(before.checks, after.checks, equality, complete), key=lambda c: c.name or "")
        ),
        comment=after.comment if complete else before.comment,
        origin=None,
    )


def _settled_checks(
    before: tuple[CheckConstraint, ...], after: tuple[CheckConstraint, ...], equality: Equality, complete: bool
) -> Iterator[CheckConstraint]:
    remarks = {check.name: check.comment for check in (after if complete else before)}

    def bare(checks: Iterable[CheckConstraint]) -> tuple[CheckConstraint, ...]:
        return tuple(replace(check, comment=None) for check in checks)

    pairing = pair_constraints(bare(before), bare(after), equality)
    kept = [replace(old, comment=new.comment) for old, new in pairing.kept]
    there = list(pairing.dropped)
    for new in pairing.added:
        # One that has only another name is renamed.
        old = next((each for each in there if equality.constraints(each, new)), None)
        if old is not None:
            there.remove(old)
        kept.append(new if old is None else replace(old, name=new.name))
    for check in kept:
        yield replace(check, comment=remarks.get(check.name))


def _altered(before: Domain, after: Domain, source: Schema, target: Schema) -> AlterDomain:
    change = AlterDomain(before=before, after=after)
    columns = tuple(columns_of(after.name, source, target))
    checked = any(_is_checked(*pair) for pair in ((before, after), (after, before)))
    if checked and any(column.array for column in columns):
        change = replace(change, remake=True)
    if change.in_place:
        return change
    refuse_used("domain", after.name, before.used_by)
    return replace(change, columns=columns)


def _is_checked(before: Domain, after: Domain) -> bool:
    """Return True where the server looks at every value there is: a new constraint, or NOT NULL."""
    old = {(check.expression.canonical, option(check.options, "not_valid")) for check in before.checks}
    new = {(check.expression.canonical, None) for check in after.checks if not option(check.options, "not_valid")}
    return bool(new - old) or (before.nullable and not after.nullable)
