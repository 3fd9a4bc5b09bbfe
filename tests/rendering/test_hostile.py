"""Whatever stands in names, comments, defaults and expressions stays data: no code comes of it, and nothing is lost."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    CreateDependant,
    CreateEnum,
    CreateIndex,
    CreateSchema,
    CreateTable,
    CreateView,
    DropColumn,
    DropConstraint,
    DropDependant,
    DropEnum,
    DropIndex,
    DropTable,
    Execute,
    Operation,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SetTableComment,
)
from schemadiff.reflection.metadata import lower_table
from schemadiff.rendering import render
from schemadiff.rendering.expressions import sql_string
from schemadiff.schema import ColumnState, Dependant, Enum, Name, View
from tests.rendering.recording import backend_of, same_again

_ODD = [
    "'", '"', "\\", "\n", "\r", "\t", ":", "%", "`", "[", "]", "{", "}", "$", ";", "#", "--", "/*", "''", '"""', ":x", "%s", "{0}",
    "\\:x", "\\N{BULLET}", "\x1b[31m", "\u202e", "\u2028", "é", "☃", "𝒳", ".", "__import__('os').abort()", '" + f() + "', "a", "B", " ",
]  # fmt: skip

texts = st.lists(
    st.sampled_from(_ODD) | st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8
).map("".join)
names = texts.filter(lambda text: 0 < len(text.encode()) <= 60)
DIALECTS = ["sqlite", "postgresql", "mysql"]


def table_of(draw: Any, dialect: str) -> sa.Table:
    """Draw a table in whose every text anything may stand."""
    columns = draw(st.lists(names, min_size=3, max_size=5, unique_by=str.lower))
    name, other, schema = draw(names), draw(names), draw(st.none() | names)
    default, plain, comment = draw(texts), draw(texts), draw(texts)
    first, second, third, *_ = columns
    return sa.Table(
        name,
        sa.MetaData(),
        sa.Column(first, sa.Integer, nullable=False, autoincrement=False),
        sa.Column(second, sa.String(20), server_default=plain, comment=comment),
        sa.Column(third, sa.Text, server_default=sa.text(sql_string(default or "1"))),
        sa.PrimaryKeyConstraint(first, name=draw(names)),
        sa.UniqueConstraint(second, third, name=draw(names)),
        sa.CheckConstraint(sql_string(draw(texts)), name=draw(names)),
        sa.ForeignKeyConstraint(
            [second],
            [sa.Table(other, sa.MetaData(), sa.Column(third, sa.Integer), schema=schema).c[third]],
            name=draw(names),
        ),
        sa.Index(draw(names), second, sa.text(sql_string(f"1 + {draw(names)}"))),
        schema=schema,
        comment=draw(texts),
    )


def operations_of(draw: Any, dialect: str) -> list[Operation]:
    """Draw operations of every kind on such a table."""
    backend = backend_of(dialect)
    lowered = lower_table(table_of(draw, dialect), backend, resolve=False)
    name = lowered.name
    column = lowered.columns[1]
    state = ColumnState.of(column)
    hung = Dependant(
        kind=draw(texts), name=draw(names), table=name, sql=draw(texts), also=(draw(texts),), drop=draw(texts)
    )
    found: list[Operation] = [
        CreateTable(table=replace(lowered, indexes=())),
        *[CreateIndex(table=name, index=index) for index in lowered.indexes],
        AddColumn(table=name, column=column),
        AlterColumn(
            table=name, name=column.name, after=ColumnState(name=draw(names), default=column.default), before=state
        ),
        *[AddConstraint(table=name, constraint=each) for each in lowered.constraints()],
        *[AddConstraint(table=name, constraint=each).reverse() for each in lowered.constraints() if each.name],
        SetTableComment(name=name, comment=draw(texts)),
        RenameTable(name=name, new_name=draw(names)),
        RenameIndex(table=name, name=draw(names), new_name=draw(names)),
        RenameConstraint(table=name, name=draw(names), new_name=draw(names)),
        DropColumn(table=name, name=draw(names)),
        DropConstraint(table=name, name=draw(names), kind="unique"),
        DropIndex(table=name, name=draw(names)),
        DropTable(name=name),
        CreateSchema(name=draw(names)),
        CreateEnum(enum=Enum(name=Name(draw(names), name.schema), values=tuple(draw(st.lists(texts, unique=True))))),
        DropEnum(name=Name(draw(names))),
        CreateView(view=View(name=Name(draw(names)), sql=draw(texts))),
        Execute(sql=draw(texts)),
        CreateDependant(dependant=hung),
        DropDependant(dependant=replace(hung, table=None, schema=draw(names))),
    ]
    if dialect != "sqlite":
        found.append(AlterColumn(table=name, name=column.name, after=ColumnState(comment=draw(texts)), before=state))
    return found


ALLOWED = ("op.", "sa.", "postgresql.", "mysql.")


def assert_no_code(source: str) -> None:
    """Assert that a body is nothing but calls of what we call, with constants."""
    tree = ast.parse("def upgrade():\n" + source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            known = called.startswith(ALLOWED) and called.replace(".", "").replace("_", "").isalnum()
            assert known or (isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call)), called
        assert not isinstance(node, ast.BinOp | ast.JoinedStr | ast.Lambda | ast.Import | ast.NamedExpr | ast.IfExp)


# What fails is printed by the assertion; to shrink so many texts would take minutes.
@settings(
    max_examples=settings.default.max_examples // 2,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
@pytest.mark.parametrize("dialect", DIALECTS)
def test_hostile_texts_stay_data(dialect: str, data: st.DataObject) -> None:
    operations = operations_of(data.draw, dialect)
    assert_no_code(same_again(operations, dialect))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_body_of_nothing_is_pass(dialect: str) -> None:
    rendered = render((), (), backend_of(dialect))
    assert (rendered.upgrade, rendered.downgrade, rendered.imports) == ("    pass\n", "    pass\n", ())


@given(texts)
def test_no_colon_in_text_is_a_parameter(sql: str) -> None:
    clause = sa.text(sql_string(sql))
    compiled = clause.compile(dialect=backend_of("postgresql").dialect)
    assert str(compiled) == sql
    assert not compiled.params
