"""Every part of a model is found in the source, however it is written. The models mark the lines that shall be found."""

from __future__ import annotations

import importlib
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import schemadiff
from schemadiff.commands.locating import Locator
from schemadiff.config import Config
from schemadiff.rendering.labels import Change
from schemadiff.schema import Name, Schema
from tests.support.running import forgetting

_MIXINS = """
    import sqlalchemy as sa
    from sqlalchemy.orm import Mapped, declared_attr, mapped_column


    class Stamped:
        created: Mapped[str] = mapped_column(sa.String(30))  #= column account.created

        @declared_attr
        def owner(cls) -> Mapped[int]:  #= column account.owner
            return mapped_column(sa.ForeignKey("account.id"))


    class Checked:
        __table_args__ = (
            sa.CheckConstraint("weight > 0", name="heavy"),  #= check constraint parcel.ck_parcel_heavy
        )
"""

_MODELS = """
    import enum
    import sqlalchemy as sa
    from sqlalchemy import Column, Integer, String
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
    from kept_mixins import Checked, Stamped


    class Base(DeclarativeBase):
        metadata = sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s", "ix": "ix_%(column_0_label)s"})


    class Mood(enum.Enum):
        GOOD = 1


    class Account(Stamped, Base):  #= table account #= column account.gone #= index account.ix_gone
        __tablename__ = "account"

        id: Mapped[int] = mapped_column(primary_key=True)  #= primary key account.(id)
        mail: Mapped[str] = mapped_column("email", String(99), unique=True)  #= column account.email #= unique constraint account.(email)
        kind: Mapped[str]  #= column account.kind
        mood: Mapped[Mood] = mapped_column(index=True)  #= column account.mood #= index account.ix_account_mood
        if True:
            inner: Mapped[int] = mapped_column()  #= column account.inner
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "account"}


    sa.Index("ix_account_kind", Account.kind, Account.mail)  #= index account.ix_account_kind


    class Admin(Account):  # of the same table
        level: Mapped[int | None]  #= column account.level
        __mapper_args__ = {"polymorphic_identity": "admin"}


    class Parcel(Checked, Base):  #= table parcel
        __tablename__ = "parcel"
        a: Mapped[int] = mapped_column(primary_key=True)
        b: Mapped[int] = mapped_column(primary_key=True)
        weight: Mapped[int]


    class Leg(Base):
        __tablename__ = "leg"
        __table_args__ = (
            sa.UniqueConstraint("a", "b"),  #= unique constraint leg.(a, b)
            sa.ForeignKeyConstraint(  #= foreign key leg.(a, b) → parcel(a, b)
                ["a", "b"], ["parcel.a", "parcel.b"]
            ),
            {"comment": "of a route"},
        )
        id: Mapped[int] = mapped_column(primary_key=True)
        a: Mapped[int]
        b: Mapped[int]


    class Driver(Account):  #= table driver
        __tablename__ = "driver"
        id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)  #= column driver.id
        __mapper_args__ = {"polymorphic_identity": "driver"}


    class Hybrid(Base):
        __table__ = sa.Table(  #= table hybrid
            "hybrid",
            Base.metadata,
            Column("id", Integer, primary_key=True),
            Column("size", Integer),  #= column hybrid.size
        )


    def factory():
        class Made(Base):  #= table made
            __tablename__ = "made"
            id: Mapped[int] = mapped_column(primary_key=True)  #= column made.id

        return Made


    Made = factory()

    tag = sa.Table(  #= table tag
        "tag",
        Base.metadata,
        Column("id", Integer, primary_key=True),
        Column("word", String(9)),  #= column tag.word
        sa.CheckConstraint("word <> ''", name="word"),  #= check constraint tag.ck_tag_word
        schema="main2",
    )
    other = sa.Table("tag", Base.metadata, Column("id", Integer, primary_key=True), schema="main3")  #= table main3.tag


    class Plain:
        pass


    plain = sa.Table("plain", Base.metadata, Column("id", Integer, primary_key=True))  #= table plain #= column plain.id
    registry(metadata=Base.metadata).map_imperatively(Plain, plain)

    name = "computed"
    computed = sa.Table(name, Base.metadata, Column("id", Integer, primary_key=True))  #= table computed
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in (("kept_mixins", _MIXINS), ("kept_models", _MODELS)):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
    (tmp_path / "schemadiff.toml").write_text('script_location = "."\ntarget = "kept_models:Base"\n', encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with forgetting(tmp_path):
        yield tmp_path


def _marked(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("kept_*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for mark in re.findall(r"#= ([^#]+)", line):
                yield mark.strip(), f"{path.name}:{number}"


def _models(module: str) -> Schema:
    return schemadiff.from_metadata(importlib.import_module(module).Base.metadata, "sqlite")


def _change(mark: str, models: Schema) -> Change:
    table = next(
        each
        for each in sorted(models.tables, key=lambda name: -len(str(name)))
        if re.search(rf" {re.escape(str(each))}(\.|$)", mark)
        or (each.schema == "main2" and re.search(r" tag(\.|$)", mark))
    )
    kind, _, rest = mark.partition(f" {table}" if f" {table}" in mark else f" {table.name}")
    return Change("~", kind, table, rest.removeprefix(".") or None)


def test_what_is_marked_is_found(project: Path) -> None:
    models = _models("kept_models")
    locator = Locator(Config(project / "schemadiff.toml"), project)
    marks = list(_marked(project))
    found = {}
    for mark, _ in marks:
        spot = locator.change(_change(mark, models), models)
        found[mark] = None if spot is None else f"{Path(spot.path).name}:{spot.line}"
    assert found == dict(marks)
    assert len(marks) > 25


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda path: path.unlink(), None),
        (lambda path: path.write_text("class ("), None),
        (lambda path: path.write_bytes(b"\0\xff"), None),
        (lambda path: path.write_text("pass\n"), None),
    ],
    ids=["gone", "no Python", "no text", "another text"],
)
def test_what_cannot_be_found_falls_back(spoil: object, line: None, project: Path) -> None:
    models = _models("kept_models")
    assert callable(spoil)
    spoil(project / "kept_models.py")
    locator = Locator(Config(project / "schemadiff.toml"), project)
    spot = locator.change(Change("-", "column", Name("tag", "main2"), "word"), models)
    assert spot is None or (Path(spot.path).name, spot.line) == ("kept_models.py", None)


def test_what_is_installed_is_not_the_projects(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project / "venv" / "lib" / "site-packages"
    folder.mkdir(parents=True)
    (project / "kept_mixins.py").rename(folder / "kept_mixins.py")
    monkeypatch.syspath_prepend(folder)
    models = _models("kept_models")
    locator = Locator(Config(project / "schemadiff.toml"), project)
    # Its mixin is installed, so the class that takes it is named.
    spot = locator.change(Change("~", "column", Name("account"), "created"), models)
    assert spot is not None
    assert (Path(spot.path).name, spot.line) == ("kept_models.py", 17)
