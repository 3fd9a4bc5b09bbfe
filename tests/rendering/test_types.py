"""Column types as Python: each case says what is written, and what is written gives the type again."""

from __future__ import annotations

import enum
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from schemadiff.backends.declared import DeclaredType
from schemadiff.errors import ModelError, UnrenderableType
from schemadiff.rendering.context import RenderContext, Rendering, RenderOptions
from schemadiff.rendering.layout import layout
from schemadiff.rendering.tree import Expression, call, imports_of
from schemadiff.rendering.types import evaluate, render_type, type_node
from schemadiff.schema import DataType
from tests.rendering import types_of_a_user as own
from tests.rendering.recording import backend_of

OWN = "tests.rendering.types_of_a_user"


class Mood(enum.Enum):
    FINE = 1
    SAD = 2


def rendered(type_: Any, dialect: str, options: RenderOptions | None = None) -> tuple[str, tuple[str, ...]]:
    backend = backend_of(dialect)
    found = type_ if isinstance(type_, DataType) else backend.data_type(type_)
    node = render_type(found, Rendering(backend=backend, options=options or RenderOptions()), "column account.x")
    return layout([Expression(node)], indent=0, line_length=1000).strip(), imports_of([node])


# The type, what is written, and the dialects that it is tried on (those of all three where nothing is said).
CASES: list[tuple[Any, str] | tuple[Any, str, str]] = [
    (sa.Integer(), "sa.Integer()"),
    (sa.String(), "sa.String()", "sqlite postgresql"),
    (sa.String(50), "sa.String(length=50)"),
    (sa.String(50, collation="NOCASE"), 'sa.String(length=50, collation="NOCASE")', "sqlite"),
    (sa.VARCHAR(50), "sa.VARCHAR(length=50)"),
    (sa.Numeric(10, 2), "sa.Numeric(precision=10, scale=2)"),
    (sa.Numeric(10, asdecimal=False), "sa.Numeric(precision=10, asdecimal=False)"),
    (sa.Float(24), "sa.Float(precision=24)"),
    (sa.Double(), "sa.Double()"),
    (sa.DateTime(timezone=True), "sa.DateTime(timezone=True)"),
    (sa.Time(), "sa.Time()"),
    (sa.LargeBinary(), "sa.LargeBinary()"),
    (sa.PickleType(), "sa.PickleType()"),
    (sa.Interval(), "sa.Interval()"),
    (sa.Uuid(as_uuid=False), "sa.Uuid(as_uuid=False)"),
    (sa.JSON(none_as_null=True), "sa.JSON(none_as_null=True)"),
    (sa.Boolean(name="yes", create_constraint=True), "sa.Boolean()"),
    (sa.Enum("a", "it's", name="mood"), 'sa.Enum("a", "it\'s", name="mood")'),
    (sa.Enum("a", name="mood", schema="shop"), 'sa.Enum("a", name="mood", schema="shop")'),
    (sa.Enum(Mood), 'sa.Enum("FINE", "SAD", name="mood")'),
    (
        sa.Enum(Mood, values_callable=lambda moods: [str(each.value) for each in moods]),
        'sa.Enum("1", "2", name="mood")',
    ),
    (
        sa.Enum("a", "b", name="m", native_enum=False, length=20, create_constraint=True),
        'sa.Enum("a", "b", name="m", native_enum=False, length=20)',
    ),
    (
        sa.Text()
        .with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
        .with_variant(postgresql.VARCHAR(9), "postgresql"),
        'sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb").with_variant(sa.VARCHAR(length=9), "postgresql")',
    ),
    (postgresql.JSONB(), "postgresql.JSONB()", "postgresql"),
    (postgresql.ARRAY(sa.String(4), dimensions=2), "postgresql.ARRAY(sa.String(length=4), dimensions=2)", "postgresql"),
    (sa.ARRAY(postgresql.UUID()), "sa.ARRAY(sa.UUID())", "postgresql"),
    (
        postgresql.ENUM("a", name="m", create_type=False),
        'postgresql.ENUM("a", name="m", create_type=False)',
        "postgresql",
    ),
    (postgresql.BIT(5, varying=True), "postgresql.BIT(length=5, varying=True)", "postgresql"),
    (postgresql.TIMESTAMP(precision=3), "postgresql.TIMESTAMP(precision=3)", "postgresql"),
    (postgresql.INTERVAL(fields="DAY"), 'postgresql.INTERVAL(fields="DAY")', "postgresql"),
    (mysql.INTEGER(unsigned=True), "mysql.INTEGER(unsigned=True)", "mysql"),
    (mysql.VARCHAR(9, charset="latin1"), 'mysql.VARCHAR(length=9, charset="latin1")', "mysql"),
    (mysql.SET("a", "b"), 'mysql.SET("a", "b")', "mysql"),
    (mysql.ENUM("a", "b"), 'mysql.ENUM("a", "b")', "mysql"),
    (mysql.DATETIME(fsp=3), "mysql.DATETIME(fsp=3)", "mysql"),
    (sqlite.DATETIME(), "sqlite.DATETIME()", "sqlite"),
    (DeclaredType("GEOPOINT"), 'op.declared_type("GEOPOINT")', "sqlite"),
    (own.Money(10, 2), f"{OWN}.Money(precision=10, scale=2)"),
    (own.Slug(), f"{OWN}.Slug()"),
    (own.Doubled(7), f"{OWN}.Doubled(7)"),
    (own.Doubled(7, flag=True), f"{OWN}.Doubled(7, flag=True)"),
    (own.Spoken(8), f"{OWN}.Spoken(8)"),
    (own.Vector(), f"{OWN}.Vector()", "postgresql"),
    (own.Vector(3), f"{OWN}.Vector(dimensions=3)"),
    (own.Document(), f"{OWN}.Document()"),
    (own.Outer.Inner(), f"{OWN}.Outer.Inner()"),
    (postgresql.ARRAY(own.Slug()), f"postgresql.ARRAY({OWN}.Slug())", "postgresql"),
]

TRIED = [
    pytest.param(type_, text, dialect, id=f"{dialect}-{text}")
    for type_, text, *dialects in CASES
    for dialect in (dialects[0] if dialects else "sqlite postgresql mysql").split()
]


@pytest.mark.parametrize(("type_", "text", "dialect"), TRIED)
def test_types(type_: Any, text: str, dialect: str) -> None:
    found, imports = rendered(type_, dialect)
    assert found == text
    for line in imports:
        compile(line, "<import>", "exec")


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
def test_the_import_of_a_type_is_its_module(dialect: str) -> None:
    assert rendered(own.Money(), dialect)[1] == (f"import {OWN}",)
    variant = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
    assert rendered(variant, dialect)[1] == ("import sqlalchemy as sa", "from sqlalchemy.dialects import mysql")


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
def test_the_schema_of_an_enum_is_said(dialect: str) -> None:
    metadata = sa.MetaData(schema="shop")
    table = sa.Table("t", metadata, sa.Column("c", sa.Enum("a", name="m", metadata=metadata)))
    assert rendered(table.c.c.type, dialect)[0] == 'sa.Enum("a", name="m", schema="shop")'


def test_values_that_a_type_does_not_remember() -> None:
    """A text column shows nothing of them, so that only they themselves can be compared."""
    type_ = own.Kinds("a", "b")
    type_.extra = ()
    with pytest.raises(UnrenderableType, match=r"Kinds"):
        rendered(type_, "sqlite")


def _all_types(module: Any) -> list[Any]:
    """Return an instance of every type of a module that can be made without arguments, or with the usual ones."""
    found: list[Any] = []
    for name in sorted(vars(module)):
        cls = getattr(module, name)
        if not (isinstance(cls, type) and issubclass(cls, sa.types.TypeEngine)):
            continue
        for arguments in ((), (7,), ("a", "b")):
            try:
                made = cls(*arguments)
            except Exception:  # it wants other arguments
                continue
            found.append(made)
    return found


@pytest.mark.parametrize(
    ("module", "dialect"),
    [
        (sa, "sqlite"),
        (sa, "postgresql"),
        (sa, "mysql"),
        (postgresql, "postgresql"),
        (mysql, "mysql"),
        (sqlite, "sqlite"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_every_type_gives_itself_again(module: Any, dialect: str) -> None:
    backend = backend_of(dialect)
    tried = 0
    for type_ in _all_types(module):
        try:
            wanted = backend.data_type(type_)
        except (sa.exc.CompileError, AttributeError, TypeError, ValueError, ModelError, NotImplementedError):
            continue  # no type of this database, or an abstract one
        node = render_type(wanted, Rendering(backend=backend), repr(type_))
        again = evaluate(node)
        assert type(again) is type(type_)
        assert backend.data_type(again) == wanted
        tried += 1
    assert tried > 10


@pytest.mark.parametrize(
    ("sql", "dialect", "text"),
    [
        ("INTEGER", "sqlite", "sa.Integer()"),
        ("VARCHAR(40)", "sqlite", "sa.String(length=40)"),
        ("NUMERIC(10, 2)", "sqlite", "sa.Numeric(precision=10, scale=2)"),
        ("GEOPOINT(3)", "sqlite", 'op.declared_type("GEOPOINT(3)")'),
        ("", "sqlite", 'op.declared_type("")'),
        ("character varying(40)", "postgresql", "sa.String(length=40)"),
        ("bigint", "postgresql", "sa.BigInteger()"),
        ("tsvector", "postgresql", "postgresql.TSVECTOR()"),
        ("box", "postgresql", 'op.declared_type("box")'),
        ("point", "mysql", 'op.declared_type("point")'),
        ("bigint unsigned", "mysql", "mysql.BIGINT(unsigned=True)"),
    ],
)
def test_types_read_from_a_database(sql: str, dialect: str, text: str | None) -> None:
    assert rendered(DataType(sql), dialect)[0] in (
        [text] if text else ["postgresql.CITEXT()", 'op.declared_type("citext")']
    )


class TestErrors:
    """Each names the column and the type, and says how to give it a renderer."""

    @pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
    def test_a_local_class(self, dialect: str) -> None:
        class Local(sa.types.TypeDecorator[Any]):
            impl = sa.Integer
            cache_ok = True

        with pytest.raises(
            UnrenderableType, match=r"column account\.x .*Local cannot be imported.*render_item.*register"
        ):
            rendered(Local(), dialect)

    def test_an_argument_that_is_another_one_inside(self) -> None:
        type_ = own.Doubled(7)
        type_._size = 8
        with pytest.raises(UnrenderableType, match=r"Doubled.*column account\.x.*VARCHAR\(16\) and not VARCHAR\(14\)"):
            rendered(type_, "sqlite")

    def test_an_argument_that_is_not_remembered(self) -> None:
        with pytest.raises(UnrenderableType, match=r"Forgetful.*column account\.x.*missing 1 required.*'size'"):
            rendered(own.Forgetful(7), "sqlite")

    def test_an_argument_without_a_form(self, monkeypatch: pytest.MonkeyPatch) -> None:
        type_ = own.Vector(3)
        type_.dimensions = object()  # type: ignore[assignment]
        monkeypatch.setattr(own.Vector, "get_col_spec", lambda self, **_: "INTEGER")
        with pytest.raises(UnrenderableType, match="an argument of Vector has no Python form"):
            rendered(type_, "sqlite")


class TestRegistered:
    def test_a_renderer_of_a_class(self) -> None:
        class Secret(sa.types.TypeDecorator[Any]):
            impl = sa.Integer
            cache_ok = True

        @type_node.register(Secret)
        def _(type_: Any, rendering: Rendering) -> Any:
            return call("sa.Integer", imports=["import sqlalchemy as sa"])

        assert rendered(Secret(), "sqlite") == ("sa.Integer()", ("import sqlalchemy as sa",))

    def test_render_item(self) -> None:
        def render_item(kind: str, thing: Any, context: RenderContext) -> Any:
            if kind == "type" and isinstance(thing, own.Forgetful):
                context.imports.add("import shop.types as t")
                return f"t.Forgetful({thing.impl_instance.length // 2})"
            return False

        options = RenderOptions(render_item=render_item)
        assert rendered(own.Forgetful(7), "sqlite", options) == ("t.Forgetful(7)", ("import shop.types as t",))
        assert rendered(sa.Integer(), "sqlite", options)[0] == "sa.Integer()"

    def test_render_item_must_return_an_expression(self) -> None:
        options = RenderOptions(render_item=lambda *_: "import os")
        with pytest.raises(ModelError, match=r"render_item returned 'import os' for the type of column account\.x"):
            rendered(sa.Integer(), "sqlite", options)
