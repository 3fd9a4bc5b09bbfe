"""Operations of a user's own: told in one place, and then as any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff import op
from schemadiff.api import record
from schemadiff.errors import IrreversibleError, ModelError, OperationError, SchemadiffError
from schemadiff.operations import AddColumn, CustomOperation, Operation, reverse_all
from schemadiff.rendering.labels import changes, log_line
from tests.rendering.recording import backend_of, same_again, text_of
from tests.runtime.test_op_live import run, script
from tests.support.servers import Backend


@op.register("create_note")
@dataclass(frozen=True)
class CreateNote(op.CustomOperation):
    """A view that says something."""

    name: str
    text: str = "it's 100%"
    words: tuple[str, ...] = ()

    def statements(self, dialect: Any) -> Iterator[Any]:
        quote = dialect.identifier_preparer.quote
        text = self.text.replace("'", "''")
        yield f"CREATE VIEW {quote(self.name)} AS SELECT '{text}' AS note"

    def reverse(self) -> DropNote:
        return DropNote(self.name)

    def label(self) -> tuple[Literal["+"], str, str]:
        return "+", "note", self.name


@op.register("drop_note")
@dataclass(frozen=True)
class DropNote(op.CustomOperation):
    name: str

    def statements(self, dialect: Any) -> Iterator[Any]:
        yield f"DROP VIEW {dialect.identifier_preparer.quote(self.name)}"


@op.register("fill")
@dataclass(frozen=True)
class Fill(op.CustomOperation):
    """Made of a statement of SQLAlchemy and of an operation of ours."""

    table: str

    def statements(self, dialect: Any) -> Iterable[Any]:
        (add,) = record(lambda: op.add_column(self.table, sa.Column("y", sa.Integer)), dialect)
        assert isinstance(add, AddColumn)
        table = sa.table(self.table, sa.column("x", sa.String))
        return [add, table.insert().values(x="a%:b")]


@op.register_operation("create_seal")
@op.register_operation("make_seal", "create_seal")
class CreateSeal(op.MigrateOperation):
    """As Alembic's users write them."""

    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def create_seal(cls, operations: Any, name: str) -> Any:
        """Create a seal."""
        return operations.invoke(cls(name))

    def reverse(self) -> Operation:
        return DropNote(self.name)

    def python(self) -> str:
        return f"op.create_seal({self.name!r})"


@op.implementation_for(CreateSeal)
def create_seal(operations: Any, operation: CreateSeal) -> None:
    operations.execute(f"CREATE VIEW {operation.name} AS SELECT 1 AS seal")


@dataclass(frozen=True)
class Nameless(op.CustomOperation):
    pass


def test_it_runs(backend: Backend) -> None:
    engine = backend.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x VARCHAR(9))")

    def upgrade() -> None:
        op.create_note("A note")
        op.create_seal("seal")
        op.fill("t")

    run(engine, upgrade)
    with engine.connect() as connection:
        name = engine.dialect.identifier_preparer.quote("A note")
        assert connection.execute(sa.text(f"SELECT note FROM {name}")).scalar_one() == "it's 100%"
        assert connection.exec_driver_sql("SELECT seal FROM seal").scalar_one() == 1
        assert list(connection.exec_driver_sql("SELECT * FROM t")) == [("a%:b", None)]
    # apply() takes what was recorded, and its way back.
    with engine.begin() as connection:
        recorded = record(lambda: (op.create_note("b"), op.make_seal("c")), engine.dialect)
        schemadiff.apply(connection, recorded)
        schemadiff.apply(connection, reverse_all(recorded))
    assert sorted(sa.inspect(engine).get_view_names()) == ["A note", "seal"]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql", "oracle"])
def test_it_is_printed(dialect: str) -> None:
    printed = script(dialect, lambda: (op.create_note("b", "x"), op.create_seal("c")))
    end = "\n/" if dialect == "oracle" else ";"
    assert printed == f"CREATE VIEW b AS SELECT 'x' AS note{end}\n\nCREATE VIEW c AS SELECT 1 AS seal{end}\n\n"
    assert f"INSERT INTO t (x) VALUES ('a%:b'){end}" in script(dialect, lambda: op.fill("t")).replace("`", "")


def test_it_is_recorded_rendered_and_reversed() -> None:
    created = CreateNote("b", words=("it's", "x"))
    assert text_of(created) == 'op.create_note("b", words=("it\'s", "x"))'
    same_again([created, CreateNote("b", "x"), DropNote("b"), CreateSeal("c"), Fill("t")], "postgresql")
    assert created.reverse() == DropNote("b")
    with pytest.raises(IrreversibleError, match="Drop note"):
        DropNote("b").reverse()
    assert CreateSeal("a") == CreateSeal("a") != CreateSeal("b")


def test_what_is_said_of_it() -> None:
    said = [log_line(change) for each in (CreateNote("b"), DropNote("b")) for change in changes(each)]
    assert said == ["Detected added note 'b'", "Detected changed operation 'Drop note'"]


def test_the_function_tells_of_itself() -> None:
    assert "A view that says something." in str(op.create_note.__doc__)
    assert "words" in op.create_note.__signature__.parameters


def test_env_py_registers_it_at_each_command() -> None:
    cls = op.register("create_note")(CreateNote)
    assert cls.directive == "create_note"
    op.implementation_for(CreateSeal)(create_seal)


def _other(operations: Any, operation: Any) -> None: ...


def _gives_a_number() -> CustomOperation:
    class Odd(op.CustomOperation):
        def statements(self, dialect: Any) -> Iterable[Any]:
            return [5]

    return Odd()


WRONG: dict[str, Any] = {
    "the name is taken": lambda: op.register("create_table")(CreateNote),
    "no name of a function": lambda: op.register("create note")(CreateNote),
    "no op.CustomOperation": lambda: op.register("nothing")(int),  # type: ignore[type-var]
    "no class method 'nothing'": lambda: op.register_operation("nothing")(CreateNote),
    "there is one already": lambda: op.implementation_for(CreateSeal)(_other),
    "no op.MigrateOperation": lambda: op.implementation_for(CreateNote)(_other),
    "has no statements()": lambda: backend_of("sqlite").statements(Nameless()),
    "gives a int": lambda: backend_of("sqlite").statements(_gives_a_number()),
    "has no Python form": lambda: text_of(Nameless()),
    "works only while a migration runs": lambda: op.create_note("x"),
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_told(said: str) -> None:
    with pytest.raises((OperationError, ModelError)) as caught:
        WRONG[said]()
    assert said in str(caught.value)


def test_what_nobody_registered() -> None:
    with pytest.raises(AttributeError, match="import the module that registers it"):
        op.create_nothing("x")  # type: ignore[attr-defined]


@pytest.mark.parametrize("dialect", ["sqlite", "mysql"])
def test_it_stands_outside_of_batches(dialect: str) -> None:
    def upgrade() -> None:
        with op.batch_alter_table("t") as batch_op:
            batch_op.invoke(CreateNote("x"))

    with pytest.raises(SchemadiffError):
        script(dialect, upgrade)
