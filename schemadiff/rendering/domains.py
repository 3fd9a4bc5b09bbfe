"""Operations on domains, as calls of ``op``."""

from __future__ import annotations

from schemadiff.operations import AlterDomain, CreateDomain, DropDomain
from schemadiff.rendering.constraints import constraint_item
from schemadiff.rendering.context import Rendering
from schemadiff.rendering.directives import Directive, directives, flags
from schemadiff.rendering.expressions import default_node
from schemadiff.rendering.objects import column_call
from schemadiff.rendering.tree import List, Node, value
from schemadiff.rendering.types import render_type
from schemadiff.schema import Domain

__all__: list[str] = []


@directives.register(CreateDomain)
def _create_domain(operation: CreateDomain, rendering: Rendering) -> Directive:
    domain = operation.domain
    parts = _parts(domain, rendering)
    keywords: dict[str, object] = {name: node for name, node in parts.items() if name != "type_"}
    keywords |= flags(if_not_exists=operation.if_not_exists)
    return rendering.directive("create_domain", parts["type_"], table=domain.name, keywords=keywords)


@directives.register(DropDomain)
def _drop_domain(operation: DropDomain, rendering: Rendering) -> Directive:
    return rendering.directive("drop_domain", table=operation.name, keywords=flags(if_exists=operation.if_exists))


_USUAL: dict[str, object] = {
    "nullable": True,
    "server_default": None,
    "collation": None,
    "constraints": [],
    "comment": None,
}


@directives.register(AlterDomain)
def _alter_domain(operation: AlterDomain, rendering: Rendering) -> Directive:
    before, after = _parts(operation.before, rendering), _parts(operation.after, rendering)
    keywords: dict[str, object] = {}
    for name in ("type_", *_USUAL):
        if before.get(name) != after.get(name):
            keywords[name] = after.get(name, value(_USUAL.get(name)))
    keywords |= {f"existing_{name.rstrip('_')}": node for name, node in before.items()}
    if operation.columns:
        keywords["columns"] = List(tuple([column_call("domain_column", column) for column in operation.columns]))
    keywords |= flags(remake=operation.remake)
    return rendering.directive("alter_domain", table=operation.name, keywords=keywords)


def _parts(domain: Domain, rendering: Rendering) -> dict[str, Node]:
    """Return what is to be said of a domain, by the names that ``op`` knows it by."""
    where = f"domain {domain.name}"
    found = {"type_": render_type(domain.type, rendering, where)}
    if not domain.nullable:
        found["nullable"] = value(False)
    if domain.default is not None:
        found["server_default"] = default_node(domain.default, None, rendering, where)
    if domain.collation is not None:
        found["collation"] = value(domain.collation)
    if domain.checks:
        found["constraints"] = List(tuple([constraint_item(check, rendering, where) for check in domain.checks]))
    if domain.comment is not None:
        found["comment"] = value(domain.comment)
    return found
