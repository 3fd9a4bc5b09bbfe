"""Types that a column needs and that nobody may have created.

A revision that was generated on a database without enum types (SQLite) names them only inside of its columns, so a table or column brings its
type along, as SQLAlchemy's own ``create_all`` does. Where the type is there already, the block does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from schemadiff.backends.postgresql.clauses import comma
from schemadiff.backends.postgresql.lexicon import dollar_quoted, literal
from schemadiff.backends.postgresql.types import element_of, named_type, own_type
from schemadiff.schema import DataType

if TYPE_CHECKING:
    from schemadiff.backends.base import Backend

__all__ = ["type_guards"]


def type_guards(types: Iterable[DataType], backend: Backend) -> tuple[str, ...]:
    """Return statements that create the enums and domains among ``types`` where they are missing, each once."""
    found: dict[str, None] = {}
    for type_ in types:
        if type_.named is not None and type_.origin is not None:
            found.update(dict.fromkeys(_guard(type_.origin, backend)))
    return tuple(found)


def _guard(origin: Any, backend: Backend) -> Iterable[str]:
    element: Any = element_of(origin, backend.dialect)
    if not getattr(element, "create_type", True):
        return
    if isinstance(element, sa.Enum) and element.native_enum and element.enums:
        name = own_type(named_type(element, backend.server.default_schema), element.schema)
        yield _unless_there(name, f"CREATE TYPE {name} AS ENUM ({comma(map(literal, element.enums))})")
    elif isinstance(element, postgresql.DOMAIN):
        name = own_type(named_type(element, backend.server.default_schema), element.schema)
        create = str(postgresql.CreateDomainType(element).compile(dialect=backend.dialect)).strip()
        yield _unless_there(name, create)


def _unless_there(name: str, create: str) -> str:
    body = f"\nBEGIN\n\tIF to_regtype({literal(name)}) IS NULL THEN\n\t\t{create};\n\tEND IF;\nEND\n"
    return f"DO {dollar_quoted(body)}"
