"""Builders of operations on domains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from schemadiff.frozen import dataclass
from schemadiff.operations import AlterDomain, CreateDomain, DropDomain, EnumColumn, Operation
from schemadiff.reflection.domains import lower_domain
from schemadiff.runtime.build_objects import EnumColumnSpec, type_column
from schemadiff.runtime.site import Site
from schemadiff.schema import Domain

__all__ = ["DomainSpec", "alter_domain", "create_domain", "drop_domain"]


@dataclass(frozen=True, slots=True)
class DomainSpec:
    """What a domain is, as users write it."""

    type_: Any
    nullable: bool = True
    server_default: Any = None
    collation: str | None = None
    constraints: tuple[sa.CheckConstraint, ...] = ()
    comment: str | None = None


def create_domain(site: Site, name: str, spec: DomainSpec, *, schema: str | None, if_not_exists: bool) -> Operation:
    """Return the operation that creates a domain."""
    return CreateDomain(domain=_domain(site, name, schema, spec), if_not_exists=if_not_exists)


def alter_domain(
    site: Site,
    name: str,
    existing: DomainSpec,
    spec: DomainSpec,
    *,
    columns: Sequence[EnumColumnSpec | EnumColumn | tuple[str, str]],
    remake: bool,
    schema: str | None,
) -> Operation:
    """Return the operation that turns a domain that is ``existing`` into ``spec``."""
    return AlterDomain(
        before=_domain(site, name, schema, existing),
        after=_domain(site, name, schema, spec),
        columns=tuple(type_column(site, column, sa.types.to_instance(spec.type_)) for column in columns),
        remake=remake,
    )


def drop_domain(site: Site, name: str, *, schema: str | None, if_exists: bool) -> Operation:
    """Return the operation that drops a domain."""
    return DropDomain(name=site.name(name, schema), if_exists=if_exists)


def _domain(site: Site, name: str, schema: str | None, spec: DomainSpec) -> Domain:
    return lower_domain(
        str(name),
        schema,
        spec.type_,
        site.backend,
        metadata=site.metadata(),
        nullable=spec.nullable,
        server_default=spec.server_default,
        collation=spec.collation,
        # A constraint belongs to one table, and the same may be given as what is there and as what shall be.
        checks=[check._copy() for check in spec.constraints],
        comment=spec.comment,
    )
