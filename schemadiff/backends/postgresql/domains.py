"""Domains: from the catalog, and what the server adds to what a model says of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from schemadiff.backends.postgresql.canonical import without_parentheses
from schemadiff.backends.postgresql.naming import choose, clip
from schemadiff.backends.postgresql.reflect_types import Types
from schemadiff.backends.postgresql.rows import read_expression, read_name
from schemadiff.schema import CheckConstraint, Domain, Name, options

__all__ = ["finished_domain", "read_domains"]


def read_domains(types: Types, default_schema: str | None) -> dict[Name, Domain]:
    """Return the domains by name.

    Args:
        types: the types of the database's own.
        default_schema: the schema of unqualified names.
    """
    found = {}
    for row in types.domains():
        stated = json.loads(row.domain)
        name = read_name(row.name, row.schema, default_schema)
        type_ = types.of(stated["type_oid"], row.base)
        expression = stated["expression"]
        found[name] = Domain(
            name=name,
            type=type_,
            nullable=not stated["not_null"],
            default=None if expression is None else read_expression(expression, "default", default_schema, type_),
            collation=stated["collation"],
            checks=tuple(_check(each, default_schema) for each in stated["checks"] or ()),
            comment=row.comment,
            used_by=types.users(row.oid),
        )
    return {name: found[name] for name in sorted(found)}


def _check(stated: Mapping[str, Any], default_schema: str | None) -> CheckConstraint:
    return CheckConstraint(
        name=stated["name"],
        expression=read_expression(without_parentheses(stated["expression"]), "check", default_schema),
        options=options({"not_valid": not stated["validated"] or None}),
        comment=stated["comment"],
    )


def finished_domain(domain: Domain) -> Domain:
    """Return ``domain`` as the server has it: checks without a name get the one that the server chooses (``ChooseConstraintName``)."""
    name = Name(clip(domain.name.name), domain.name.schema)
    taken = {clip(check.name) for check in domain.checks if check.name is not None and not check.implicit}
    checks = []
    for check in domain.checks:
        if check.name is None or check.implicit:
            check = replace(check, name=choose(name.name, None, "check", taken), implicit=True)
            taken.add(str(check.name))
        else:
            check = replace(check, name=clip(check.name))
        checks.append(replace(check, comment=check.comment or None))
    return replace(
        domain,
        name=name,
        checks=tuple(sorted(checks, key=lambda check: check.name or "")),
        comment=domain.comment or None,
        collation=None if domain.collation == "default" else domain.collation,
    )
