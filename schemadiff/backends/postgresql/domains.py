"""Domains: from the catalog, and what the server adds to what a model says of one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from schemadiff.backends.postgresql.canonical import without_parentheses
from schemadiff.backends.postgresql.naming import choose, clip
from schemadiff.backends.postgresql.reflect_types import Types
from schemadiff.backends.postgresql.rows import Rows, read_expression, read_name
from schemadiff.schema import CheckConstraint, Domain, Name, options

__all__ = ["DOMAINS", "DOMAIN_CHECKS", "finished_domain", "read_domains"]

_DOMAIN = """
    WITH domain AS (
        SELECT t.oid, n.nspname, t.typname, t.typnotnull, t.typbasetype, t.typtypmod, t.typdefaultbin, t.typcollation
        FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
        WHERE t.typtype = 'd' AND n.nspname::text = ANY (CAST(:schemas AS text[])) AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS e
            WHERE e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND e.objid = t.oid AND e.deptype = 'e'
        )
    )
"""

DOMAINS = f"""
    {_DOMAIN}
    SELECT d.oid, d.nspname::text AS schema, d.typname::text AS name, d.typnotnull AS not_null,
        d.typbasetype AS type_oid, pg_catalog.format_type(d.typbasetype, d.typtypmod) AS type,
        pg_catalog.pg_get_expr(d.typdefaultbin, 0) AS expression, l.collname::text AS collation, c.description AS comment
    FROM domain AS d
    JOIN pg_catalog.pg_type AS b ON b.oid = d.typbasetype
    LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = d.typcollation AND d.typcollation <> b.typcollation
    LEFT JOIN pg_catalog.pg_description AS c
        ON c.objoid = d.oid AND c.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass AND c.objsubid = 0
"""

DOMAIN_CHECKS = f"""
    {_DOMAIN}
    SELECT k.contypid AS domain, k.conname::text AS name, k.convalidated AS validated,
        pg_catalog.pg_get_expr(k.conbin, 0) AS expression, c.description AS comment
    FROM domain AS d
    JOIN pg_catalog.pg_constraint AS k ON k.contypid = d.oid AND k.contype = 'c'
    LEFT JOIN pg_catalog.pg_description AS c
        ON c.objoid = k.oid AND c.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND c.objsubid = 0
    ORDER BY 1, 2
"""


def read_domains(
    rows: Rows,
    checks: Rows,
    types: Types,
    default_schema: str | None,
) -> dict[Name, Domain]:
    """Return the domains by name.

    Args:
        rows: what :data:`DOMAINS` gives.
        checks: what :data:`DOMAIN_CHECKS` gives.
        types: the types of the database's own.
        default_schema: the schema of unqualified names.
    """
    checks_of: dict[int, list[CheckConstraint]] = defaultdict(list)
    for row in checks:
        check = CheckConstraint(
            name=row.name,
            expression=read_expression(without_parentheses(row.expression), "check", default_schema),
            options=options({"not_valid": not row.validated or None}),
            comment=row.comment,
        )
        checks_of[row.domain].append(check)
    found = {}
    for row in rows:
        name = read_name(row.name, row.schema, default_schema)
        type_ = types.of(row.type_oid, row.type)
        found[name] = Domain(
            name=name,
            type=type_,
            nullable=not row.not_null,
            default=None
            if row.expression is None
            else read_expression(row.expression, "default", default_schema, type_),
            collation=row.collation,
            checks=tuple(checks_of[row.oid]),
            comment=row.comment,
            used_by=types.users(row.oid),
        )
    return {name: found[name] for name in sorted(found)}


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
