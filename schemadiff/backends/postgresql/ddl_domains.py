"""The statements of operations on domains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemadiff.backends.base import Backend
from schemadiff.backends.postgresql.casts import converted
from schemadiff.backends.postgresql.clauses import (
    constraint_clause,
    default_text,
    quoted_collation,
    text_or_null,
)
from schemadiff.backends.postgresql.ddl import Statements, statements
from schemadiff.backends.postgresql.lexicon import dollar_quoted, literal, quoted
from schemadiff.backends.postgresql.type_swap import remade, type_name
from schemadiff.operations import AlterDomain, CreateDomain, DropDomain, EnumColumn
from schemadiff.schema import CheckConstraint, DataType, Domain, option


def _is_not_valid(check: CheckConstraint) -> bool:
    return bool(option(check.options, "not_valid"))


def _create(domain: Domain, backend: Backend) -> Iterator[str]:
    """Yield CREATE DOMAIN, and what it cannot say: constraints that are not valid, and comments."""
    name = type_name(domain.name, backend)
    parts = [f"CREATE DOMAIN {name} AS {domain.type.sql}"]
    if domain.collation is not None:
        parts.append(f"COLLATE {quoted_collation(domain.collation)}")
    if domain.default is not None:
        parts.append(f"DEFAULT {default_text(domain.default)}")
    if not domain.nullable:
        parts.append("NOT NULL")
    parts += [
        constraint_clause(check, named=not check.implicit or check.comment is not None)
        for check in domain.checks
        if not _is_not_valid(check)
    ]
    yield " ".join(parts)
    for check in domain.checks:
        if _is_not_valid(check):
            yield f"ALTER DOMAIN {name} ADD {constraint_clause(check)}"
    if domain.comment is not None:
        yield _comment(domain, backend)
    for check in domain.checks:
        if check.comment is not None:
            yield _check_comment(domain, check, backend)


def _comment(domain: Domain, backend: Backend) -> str:
    return f"COMMENT ON DOMAIN {type_name(domain.name, backend)} IS {text_or_null(domain.comment)}"


def _check_comment(domain: Domain, check: CheckConstraint, backend: Backend) -> str:
    remark = text_or_null(check.comment)
    return f"COMMENT ON CONSTRAINT {quoted(str(check.name))} ON DOMAIN {type_name(domain.name, backend)} IS {remark}"


@statements.register
def _(operation: CreateDomain, backend: Backend) -> Statements:
    created = tuple(_create(operation.domain, backend))
    if not operation.if_not_exists:
        return created
    name = literal(type_name(operation.domain.name, backend))
    return (f"DO {dollar_quoted(f'BEGIN IF to_regtype({name}) IS NULL THEN {_joined(created)}; END IF; END')}",)


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(parts)


@statements.register
def _(operation: DropDomain, backend: Backend) -> Statements:
    return (f"DROP DOMAIN {'IF EXISTS ' if operation.if_exists else ''}{type_name(operation.name, backend)}",)


@statements.register
def _(operation: AlterDomain, backend: Backend) -> Statements:
    return tuple(_altered(operation, backend) if operation.in_place else _remade(operation, backend))


def _altered(operation: AlterDomain, backend: Backend) -> Iterator[str]:
    before, after = operation.before, operation.after
    alter = f"ALTER DOMAIN {type_name(after.name, backend)}"
    if before.default != after.default:
        yield f"{alter} DROP DEFAULT" if after.default is None else f"{alter} SET DEFAULT {default_text(after.default)}"
    if before.nullable != after.nullable:
        yield f"{alter} {'DROP' if after.nullable else 'SET'} NOT NULL"
    yield from _changed_checks(alter, before, after, backend)
    if before.comment != after.comment:
        yield _comment(after, backend)


def _changed_checks(alter: str, before: Domain, after: Domain, backend: Backend) -> Iterator[str]:
    """Yield what turns the checks of a domain into others: one that has another name only is renamed, one that becomes valid is validated."""
    old = {check.name: check for check in before.checks}
    new = {check.name: check for check in after.checks}
    renamed: dict[str | None, CheckConstraint] = {}
    for name in sorted(str(name) for name in new.keys() - old.keys()):
        free = (old[each] for each in sorted(str(each) for each in old.keys() - new.keys()) if each not in renamed)
        match = next((check for check in free if _condition(check) == _condition(new[name])), None)
        if match is not None:
            renamed[match.name] = new[name]
            yield f"{alter} RENAME CONSTRAINT {quoted(str(match.name))} TO {quoted(name)}"
    there = {(renamed[name].name if name in renamed else name): check for name, check in old.items()}
    kept = {name for name, check in there.items() if name in new and _stays(check, new[name])}
    for name in sorted(str(name) for name in there.keys() - kept):
        yield f"{alter} DROP CONSTRAINT {quoted(name)}"
    for name in sorted(str(name) for name in new):
        if name not in kept:
            yield f"{alter} ADD {constraint_clause(new[name])}"
        elif _is_not_valid(there[name]) and not _is_not_valid(new[name]):
            yield f"{alter} VALIDATE CONSTRAINT {quoted(name)}"
        if (there[name].comment if name in kept else None) != new[name].comment:
            yield _check_comment(after, new[name], backend)


def _condition(check: CheckConstraint) -> tuple[str, bool]:
    return check.expression.canonical, _is_not_valid(check)


def _stays(before: CheckConstraint, after: CheckConstraint) -> bool:
    same = before.expression.canonical == after.expression.canonical
    return same and (_is_not_valid(before) or not _is_not_valid(after))


def _remade(operation: AlterDomain, backend: Backend) -> Iterator[str]:
    """Yield the statements that put a new domain in the place of the old one, and move every column over."""
    before, after = operation.before, operation.after

    def value(column: EnumColumn) -> str:
        brackets = "[]" if column.array else ""
        old, new = (DataType(f"{domain.type.sql}{brackets}") for domain in (before, after))
        bare = f"{quoted(column.name)}::{old.sql}"
        return converted(bare, old, new) or bare

    # The new domain takes the comment of the old one over.
    create = tuple(_create(replace(after, comment=None), backend))
    yield from remade(after.name, create, "DOMAIN", operation.columns, value, backend)
    if before.comment != after.comment:
        yield _comment(after, backend)
