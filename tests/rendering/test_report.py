"""The page of a report: what it puts beside each other, and that nothing in it is more than text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.comparison import Diff
from schemadiff.operations import (
    AlterColumn,
    CreateDependant,
    DropDependant,
    RenameTable,
    SetTableComment,
)
from schemadiff.rendering.hazards import hazards
from schemadiff.rendering.report import Section, page
from schemadiff.rendering.report.marking import marked
from schemadiff.rendering.report.sides import Part, Thing, things
from schemadiff.schema import Column, ColumnState, DataType, Dependant, Name, Schema, Server, Table
from tests.support.reports import HOSTILE, hostile_difference, report_of


def _diff(before: sa.MetaData, after: sa.MetaData, dialect: str = "postgresql") -> Diff:
    return schemadiff.diff(*(schemadiff.from_metadata(each, dialect) for each in (before, after)))


def _things(difference: Diff) -> dict[str, Thing]:
    found = things(difference.source, difference.target, difference.upgrade)
    return {f"{thing.kind} {thing.name}": thing for thing in found}


def test_sides() -> None:
    old, new = sa.MetaData(), sa.MetaData()
    for metadata in (old, new):
        sa.Table("keep", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("gone", old, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("come", new, sa.Column("id", sa.Integer, sa.Identity()), sa.Column("up", sa.ForeignKey("keep.id")))
    sa.Table(
        "account",
        old,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50)),
        sa.Column("old", sa.Text),
        sa.Column("mood", sa.Enum("sad", "ok", name="mood")),
        sa.CheckConstraint("id > 0", name="positive"),
        comment="was",
    )
    sa.Table(
        "account",
        new,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False, comment="whole"),
        sa.Column("mood", sa.Enum("sad", "ok", "fine", name="mood")),
        sa.CheckConstraint("id > 1", name="positive"),
        sa.Index("by_name", "name", unique=True),
        comment="is",
    )
    found = _things(_diff(old, new))
    assert list(found) == ["enum type mood", "table account", "table come", "table gone"]
    assert found["enum type mood"].parts == (Part("~", "definition", "", "'sad', 'ok'", "'sad', 'ok', 'fine'"),)
    assert found["table account"].parts == (
        Part("~", "comment", "", "'was'", "'is'"),
        Part("~", "column", "name", "character varying(50)", "character varying(80) NOT NULL COMMENT 'whole'"),
        Part("~", "check constraint", "positive", "(id > 0)", "(id > 1)"),
        Part("+", "index", "by_name", None, "UNIQUE (name)"),
        Part("-", "column", "old", "text", None),
    )
    assert [(part.kind, part.name) for part in found["table account"].same] == [
        ("column", "id"),
        ("column", "mood"),
        ("primary key", "account_pkey"),
    ]
    assert {part.sign for part in found["table come"].parts} == {"+"}
    assert {part.before for part in found["table come"].parts} == {None}
    assert Part("+", "foreign key", "come_up_fkey", None, "(up) → keep(id)") in found["table come"].parts
    assert {(part.sign, part.after) for part in found["table gone"].parts} == {("-", None)}


def test_what_has_another_name_stands_once() -> None:
    def schema(name: str, column: str) -> Schema:
        table = Table(name=Name(name), columns=(Column(name=column, type=DataType("text")),))
        return Schema(server=Server(dialect="postgresql"), tables={table.name: table})

    operations = [
        RenameTable(name=Name("a"), new_name="b"),
        AlterColumn(table=Name("b"), name="x", after=ColumnState(name="y")),
        SetTableComment(name=Name("b"), comment="new", before=None),
    ]
    (thing,) = things(schema("a", "x"), schema("b", "y"), operations)
    assert thing.parts == (
        Part("~", "name", "", "a", "b"),
        Part("~", "comment", "", "none", "'new'"),
        Part("~", "column", "y", "x text", "text"),
    )
    assert thing.same == ()


def test_what_no_side_states_is_said_by_its_operations() -> None:
    table = Table(name=Name("a"), columns=(Column(name="x", type=DataType("text")),))
    schema = Schema(server=Server(dialect="postgresql"), tables={table.name: table})
    trigger = Dependant(kind="trigger", name="t", sql="CREATE TRIGGER t ...", table=Name("a"))
    view = Dependant(kind="view", name="v", sql="CREATE VIEW v ...")
    operations = [DropDependant(dependant=view), DropDependant(dependant=trigger), CreateDependant(dependant=trigger)]
    first, second = things(schema, schema, operations)
    assert (first.sign, first.kind, first.name, first.is_table) == ("-", "view", "v", False)
    assert (second.sign, second.name) == ("~", "a")
    assert [(part.sign, part.kind, part.name) for part in second.parts] == [("~", "trigger", "t")]


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("VARCHAR(50)", "VARCHAR(80)", "VARCHAR([50])", "VARCHAR([80])"),
        ("a", "b", "[a]", "[b]"),
        ("integer", "integer NOT NULL", "integer", "integer[ NOT NULL]"),
        ("same", "same", "same", "same"),
        ("", "new", "", "[new]"),
        ("x " * 1000 + "a y", "x " * 1000 + "b y", "x " * 1000 + "[a] y", "x " * 1000 + "[b] y"),
        ("x " * 1000, "x " * 1001, "x " * 1000, "x " * 1000 + "[x ]"),
    ],
    ids=range(7),
)
def test_what_has_changed_is_marked(before: str, after: str, left: str, right: str) -> None:
    found = ["".join(f"[{text}]" if changed else text for text, changed in pieces) for pieces in marked(before, after)]
    assert found == [left, right]


class _Seen(HTMLParser):
    """What a page has in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= set(attrs)


def test_the_page_needs_nothing_else_and_runs_nothing_else() -> None:
    text = report_of(hostile_difference())
    seen = _Seen(text)
    assert not seen.tags & {"img", "iframe", "object", "embed", "base", "form"}
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in ("style", "src")]
    links = {value for name, value in seen.attributes if name == "href"}
    assert {link for link in links if link and not link.startswith("#")} == {"data:,"}
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert "default-src &#39;none&#39;" in policy
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy
    assert all(name not in text for name in HOSTILE if re.search(r"[<\x00-\x1f\u202e]", name))


def test_the_same_page_for_the_same_difference() -> None:
    assert report_of(hostile_difference()) == report_of(hostile_difference())


def test_no_difference_and_several_databases() -> None:
    empty = _diff(sa.MetaData(), sa.MetaData())
    filled = _diff(sa.MetaData(), _one_table())
    sections = [
        Section(d.source, d.target, d.upgrade, "", "", "", hazards(d.upgrade, d.backend), ("a warning",), name)
        for d, name in ((empty, "first <db>"), (filled, "second"))
    ]
    text = page(sections, "a", "b")
    assert text.count("No differences.") == 1
    assert text.count("first &lt;db&gt;") == 2
    assert text.count("<svg") == 1
    assert text.count("<li>a warning</li>") == 2
    identifiers = re.findall(r' id="([^"]*)"', text)
    assert len(identifiers) == len(set(identifiers))


def _one_table() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata
