"""Domains of a model, lowered.

The default and the checks of a domain are lowered as those of a table's only column, so that they mean what they mean there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from schemadiff.backends import Backend
from schemadiff.reflection.compiling import Compiler
from schemadiff.reflection.elements import lower_column, lower_constraint, table_name
from schemadiff.schema import CheckConstraint, Domain, Expression

__all__ = ["lower_domain", "lower_domain_type"]


def lower_domain_type(type_: Any, backend: Backend) -> Domain:
    """Return the domain that creating a ``sqlalchemy.dialects.postgresql.DOMAIN`` makes.

    Raises:
        ModelError: its type, default or check cannot be compiled for the dialect.
    """
    checks = []
    if type_.check is not None:
        # CREATE DOMAIN d AS text CONSTRAINT n NOT NULL CHECK (...), as SQLAlchemy writes it, names NOT NULL and not the check.
        checks.append(sa.CheckConstraint(type_.check, name=None if type_.not_null else type_.constraint_name))
    domain = lower_domain(
        str(type_.name),
        None if type_.schema is None else str(type_.schema),
        type_.data_type,
        backend,
        metadata=sa.MetaData(),
        nullable=not type_.not_null,
        server_default=type_.default,
        collation=type_.collation,
        checks=checks,
    )
    return replace(domain, origin=type_)


def lower_domain(
    name: str,
    schema: str | None,
    data_type: Any,
    backend: Backend,
    *,
    metadata: sa.MetaData,
    nullable: bool,
    server_default: Any,
    collation: str | None,
    checks: Iterable[sa.CheckConstraint],
    comment: str | None = None,
) -> Domain:
    """Return a domain, lowered.

    Args:
        name, schema: its name.
        data_type: the SQLAlchemy type that it is made of.
        backend: the backend.
        metadata: an empty MetaData for the time of the lowering; it decides what becomes of names.
        nullable: False for NOT NULL.
        server_default: as ``sa.Column`` takes it.
        collation: its collation.
        checks: its checks, on ``VALUE``.
        comment: its comment.

    Raises:
        ModelError: its type, default or a check cannot be compiled for the dialect.
    """
    compiler = Compiler(backend)
    column: sa.Column[Any] = sa.Column("value", data_type, server_default=server_default, nullable=nullable)
    scratch = sa.Table(name, metadata, column, schema=schema)
    own = tuple(checks)
    for check in own:
        scratch.append_constraint(check)
    lowered = lower_column(column, compiler)
    constraints = [lower_constraint(check, compiler, resolve=False) for check in own]
    # A type's own collation is that of the domain's values too.
    return backend.finish_domain(
        Domain(
            name=table_name(schema, name, compiler),
            type=lowered.type,
            nullable=nullable,
            default=lowered.default if isinstance(lowered.default, Expression) else None,
            collation=collation or lowered.collation,
            checks=tuple(check for check in constraints if isinstance(check, CheckConstraint)),
            comment=comment,
        )
    )
