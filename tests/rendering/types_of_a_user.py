"""Types as users write them, for the tests of rendering."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


class Money(sa.types.TypeDecorator[Any]):
    """Passes its arguments on."""

    impl = sa.Numeric
    cache_ok = True


class Slug(sa.types.TypeDecorator[Any]):
    """Has an instance to decorate, and no arguments."""

    impl = sa.String(80)
    cache_ok = True


class Doubled(sa.types.TypeDecorator[Any]):
    """Keeps its argument under a private name, and makes another one of it."""

    impl = sa.String
    cache_ok = True

    def __init__(self, size: int, *, flag: bool = False) -> None:
        super().__init__(length=size * 2)
        self._size = size
        self.flag = flag


class Forgetful(sa.types.TypeDecorator[Any]):
    """Does not remember what it was made with."""

    impl = sa.String
    cache_ok = True

    def __init__(self, size: int) -> None:
        super().__init__(length=size * 2)


class Spoken(Forgetful):
    """Says what it was made with."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.text = f"Spoken({size})"

    def __repr__(self) -> str:
        return self.text


class Kinds(sa.Enum):
    """Adds values to those that it is given."""

    def __init__(self, *extra: str) -> None:
        super().__init__("usual", *extra, native_enum=False, length=20)
        self.extra = extra

    def copy(self, **_: Any) -> Any:
        return Kinds(*self.extra)


class Vector(sa.types.UserDefinedType[Any]):
    """Says its own DDL."""

    cache_ok = True

    def __init__(self, dimensions: int | None = None) -> None:
        self.dimensions = dimensions

    def get_col_spec(self, **_: Any) -> str:
        return "DOUBLE PRECISION[]" if self.dimensions is None else f"NUMERIC({self.dimensions})"


class Document(sa.types.TypeDecorator[Any]):
    """Another type on each database."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(postgresql.JSONB() if dialect.name == "postgresql" else sa.Text())


class Outer:
    """Holds a type."""

    class Inner(sa.types.TypeDecorator[Any]):
        """Stands inside of another class."""

        impl = sa.Integer
        cache_ok = True
