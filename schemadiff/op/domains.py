"""Domains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import sqlalchemy as sa

from schemadiff.op.types import enum_column
from schemadiff.operations import EnumColumn
from schemadiff.runtime import build, executor

__all__ = ["alter_domain", "create_domain", "domain_column", "drop_domain"]

TypeArgument = sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]]

domain_column = enum_column
"""Name a column for :func:`alter_domain`: the arguments are those of :func:`~schemadiff.op.enum_column`."""


def create_domain(
    domain_name: str,
    type_: TypeArgument,
    *,
    nullable: bool = True,
    server_default: Any = None,
    collation: str | None = None,
    constraints: Sequence[sa.CheckConstraint] = (),
    comment: str | None = None,
    schema: str | None = None,
    if_not_exists: bool = False,
) -> None:
    """Create a domain. It does nothing on databases that have no domains.

    Args:
        domain_name: its name.
        type_: the type that it is made of.
        nullable: False for NOT NULL.
        server_default: what a column of it gets that has no default of its own, as ``sa.Column`` takes it.
        collation: its collation.
        constraints: its checks; the value is called ``VALUE`` in them.
        comment: its comment.
        schema: its schema.
        if_not_exists: leave an existing type of this name as it is.
    """
    active = executor.active("create_domain")
    spec = build.DomainSpec(type_, nullable, server_default, collation, tuple(constraints), comment)
    active.invoke(build.create_domain(active.site, domain_name, spec, schema=schema, if_not_exists=if_not_exists))


def alter_domain(
    domain_name: str,
    *,
    existing_type: TypeArgument,
    type_: TypeArgument | None = None,
    nullable: bool | None = None,
    server_default: Any = False,
    collation: str | None | Literal[False] = False,
    constraints: Sequence[sa.CheckConstraint] | None = None,
    comment: str | None | Literal[False] = False,
    existing_nullable: bool = True,
    existing_server_default: Any = None,
    existing_collation: str | None = None,
    existing_constraints: Sequence[sa.CheckConstraint] = (),
    existing_comment: str | None = None,
    columns: Sequence[build.EnumColumnSpec | EnumColumn | tuple[str, str]] = (),
    remake: bool = False,
    schema: str | None = None,
) -> None:
    """Change a domain: what is not given stays. It does nothing on databases that have no domains.

    Args:
        domain_name: the domain.
        existing_type: the type that it is made of.
        type_: another type to make it of. The domain is then made anew, and ``columns`` are moved over.
        nullable: NOT NULL or not.
        server_default: its default; None for none, False where it stays.
        collation: its collation; the domain is then made anew.
        constraints: all its checks after the change.
        comment: its comment; None for none, False where it stays.
        existing_nullable, existing_server_default, existing_collation, existing_constraints, existing_comment: what it is before the change.
        columns: the columns that use it, made with :func:`domain_column`, or pairs of table and column.
        remake: make the domain anew in any case: PostgreSQL adds no constraint to one that an array is made of.
        schema: its schema.
    """
    active = executor.active("alter_domain")
    existing = build.DomainSpec(
        existing_type,
        existing_nullable,
        existing_server_default,
        existing_collation,
        tuple(existing_constraints),
        existing_comment,
    )
    changes = {
        "type_": existing_type if type_ is None else type_,
        "nullable": existing_nullable if nullable is None else nullable,
        "server_default": existing_server_default if server_default is False else server_default,
        "collation": existing_collation if collation is False else collation,
        "constraints": tuple(existing_constraints if constraints is None else constraints),
        "comment": existing_comment if comment is False else comment,
    }
    active.invoke(
        build.alter_domain(
            active.site,
            domain_name,
            existing,
            build.DomainSpec(**changes),
            columns=columns,
            remake=remake,
            schema=schema,
        )
    )


def drop_domain(domain_name: str, *, schema: str | None = None, if_exists: bool = False) -> None:
    """Drop a domain. It does nothing on databases that have no domains."""
    active = executor.active("drop_domain")
    active.invoke(build.drop_domain(active.site, domain_name, schema=schema, if_exists=if_exists))
