"""Diagrams: where things are, what is said of them, and that both forms are valid whatever names are in them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from random import Random
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

import schemadiff
from schemadiff.operations import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    BatchAlterTable,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropTable,
    Operation,
    RenameTable,
    SetTableComment,
)
from schemadiff.rendering.diagram import Diagram, diagram, difference_diagram, mermaid, svg
from schemadiff.rendering.diagram.layout import Drawn, DrawnBox, drawn
from schemadiff.rendering.diagram.measure import cells, fitted
from schemadiff.schema import Column, ColumnState, DataType, ForeignKey, Name, PrimaryKey, Schema, Server, Table
from tests.support.projects import ROOT, shop_metadata

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]></svg>&amp;",
    "a\u202eb",
    "c\x00\x07\n\x1b[31md",
    '%%{init: {"theme":"dark"}}%%',
    "direction LR",
    "erDiagram",
    "end",
    '["#quot;"]',
    "日本語",
    "_",
]


def drawn_at_random(count: int, schemas: tuple[str | None, ...] = (None,), seed: int = 1) -> Diagram:
    """Return a diagram of tables that refer to earlier ones, to hubs, to themselves and in cycles."""
    random = Random(seed)
    names = [Name(f"table_{number}", random.choice(schemas)) for number in range(count)]
    tables = {}
    for number, name in enumerate(names):
        columns = [Column(name="id", type=DataType("integer"), nullable=False)]
        columns += [Column(name=f"c{each}", type=DataType("text")) for each in range(random.randrange(12))]
        keys = []
        for each in range(random.choice([0, 0, 1, 1, 2, 3])):
            referent = names[min(count - 1, int(random.paretovariate(1)) - 1)] if each else random.choice(names)
            columns.append(Column(name=f"r{each}", type=DataType("integer"), nullable=random.random() < 0.5))
            keys.append(ForeignKey(name=None, columns=(f"r{each}",), referent=referent, referent_columns=("id",)))
        key = PrimaryKey(name=None, columns=("id",))
        tables[name] = Table(name=name, columns=tuple(columns), primary_key=key, foreign_keys=tuple(keys))
        assert number < count
    return diagram(Schema(server=Server(dialect="postgresql", default_schema="public"), tables=tables))


# -- the layout


@pytest.mark.parametrize("schemas", [(None,), (None, "crm", "hr")], ids=["one schema", "three schemas"])
@pytest.mark.parametrize("count", [0, 1, 5, 60])
def test_nothing_is_in_the_way(count: int, schemas: tuple[str | None, ...]) -> None:
    for seed in range(1, 6):
        shown = drawn_at_random(count, schemas, seed)
        page = drawn(shown)
        assert {box.box.name for box in page.boxes} == {box.name for box in shown.boxes}
        assert sorted(str(line.line) for line in page.lines) == sorted(map(str, shown.lines))
        _assert_apart(page)
        _assert_lines_lead_from_side_to_side(page)
        for frame in page.frames:
            inside = [box for box in page.boxes if (box.box.name.schema or "public") == frame.schema]
            assert inside
            assert all(_within(box, frame.x, frame.y, frame.width, frame.height) for box in inside)
        assert bool(page.frames) == (len({box.name.schema for box in shown.boxes}) > 1)


def _within(box: DrawnBox, x: int, y: int, width: int, height: int) -> bool:
    return x <= box.x and y <= box.y and box.x + box.width <= x + width and box.y + box.height <= y + height


def _assert_apart(page: Drawn) -> None:
    for number, one in enumerate(page.boxes):
        assert _within(one, 0, 0, page.width, page.height)
        for other in page.boxes[number + 1 :]:
            beside = one.x + one.width < other.x or other.x + other.width < one.x
            assert beside or one.y + one.height < other.y or other.y + other.height < one.y, (one, other)


def _assert_lines_lead_from_side_to_side(page: Drawn) -> None:
    boxes = {box.box.name: box for box in page.boxes}
    for line in page.lines:
        for (x, y), name in ((line.points[0], line.line.table), (line.points[-1], line.line.referent)):
            box = boxes[name]
            assert x in (box.x, box.x + box.width)
            assert box.y < y < box.y + box.height
        for (x, y), (to_x, to_y) in zip(line.points, line.points[1:], strict=False):
            assert x == to_x or y == to_y, "a line is level or upright"
            assert 0 <= to_x <= page.width
            assert 0 <= to_y <= page.height
            low_x, high_x, low_y, high_y = min(x, to_x), max(x, to_x), min(y, to_y), max(y, to_y)
            for box in page.boxes:
                beside = high_x <= box.x or low_x >= box.x + box.width
                assert beside or high_y <= box.y or low_y >= box.y + box.height, (line, box)


def test_what_is_referred_to_stands_left_and_many_make_no_endless_column() -> None:
    hub = Name("hub")
    star = {hub: Table(name=hub, columns=(Column(name="id", type=DataType("integer")),))}
    for number in range(80):
        key = ForeignKey(name=None, columns=("hub",), referent=hub, referent_columns=("id",))
        name = Name(f"t{number:02}")
        star[name] = Table(name=name, columns=(Column(name="hub", type=DataType("integer")),), foreign_keys=(key,))
    page = drawn(diagram(Schema(server=Server(dialect="sqlite"), tables=star)))
    (at,) = (box.x for box in page.boxes if box.box.name == hub)
    assert all(box.x > at for box in page.boxes if box.box.name != hub)
    assert 1 / 3 < page.width / page.height < 3


# The order of what is given does not count, nor does how Python hashes text.
SCRIPT = """
from tests.rendering.test_diagram import drawn_at_random
from schemadiff.rendering.diagram import mermaid, svg
import hashlib
shown = drawn_at_random(40, (None, "crm"))
print(hashlib.sha256((svg(shown) + mermaid(shown)).encode()).hexdigest())
"""


def test_the_same_bytes() -> None:
    def run(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", SCRIPT]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert run("1") == run("2")
    schema = schemadiff.from_metadata(shop_metadata("postgresql", "crm"), "postgresql")
    tables = dict(reversed(schema.tables.items()))
    assert svg(diagram(schema)) == svg(diagram(Schema(server=schema.server, tables=tables)))


# -- SVG


def hostile() -> Diagram:
    metadata = sa.MetaData()
    earlier: sa.Table | None = None
    for name in HOSTILE:
        columns: list[sa.Column[int]] = [sa.Column(name, sa.Integer, primary_key=True), sa.Column("1st", sa.Integer)]
        if earlier is not None:
            columns.append(sa.Column(f"to {name}", sa.ForeignKey(earlier.c[0]), nullable=False))
        earlier = sa.Table(name, metadata, *columns, comment=name)
    empty = schemadiff.from_metadata(sa.MetaData(), "postgresql")
    full = schemadiff.from_metadata(metadata, "postgresql")
    return difference_diagram(empty, full, schemadiff.diff(empty, full).upgrade)


def test_hostile_names_are_text_in_svg() -> None:
    text = svg(hostile())
    root = ElementTree.fromstring(text)
    assert {element.tag.partition("}")[2] for element in root.iter()} <= {
        "svg", "title", "style", "rect", "g", "text", "path", "circle",
    }  # fmt: skip
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
    titles = [element.text for element in root.iter() if element.get("class") == "title"]
    assert "<script>alert(1)</script>" in titles
    assert r"c\x00\x07\n\x1b[31md" in titles
    assert r"a\u202eb" in titles


def test_every_table_and_column_is_in_the_svg() -> None:
    schema = schemadiff.from_metadata(shop_metadata("postgresql", "crm"), "postgresql")
    root = ElementTree.fromstring(svg(diagram(schema)))
    texts = {"".join(element.itertext()) for element in root.iter()}
    for table in schema.tables.values():
        assert fitted(table.name.name, 40) in texts
    assert "NN" in texts
    assert "PK FK" in texts
    lines = [element for element in root.iter() if element.get("class") == "line"]
    assert len(lines) == sum(len(table.foreign_keys) for table in schema.tables.values())


def test_text_is_cut_where_it_is_long() -> None:
    assert cells("日本") == 4
    assert fitted("a" * 50, 10) == "a" * 9 + "…"
    assert fitted("日本語日本語", 8) == "日本語…"
    assert fitted("short", 10) == "short"


# -- what changes

ID = Column(name="id", type=DataType("integer"), nullable=False)
A, B, C = Name("a"), Name("b"), Name("c")
KEY = ForeignKey(name="fk", columns=("b",), referent=B, referent_columns=("id",))
EXTRA = Column(name="x", type=DataType("text"))


def _schema(*tables: Table) -> Schema:
    return Schema(server=Server(dialect="postgresql"), tables={table.name: table for table in tables})


def _a(*columns: Column, keys: tuple[ForeignKey, ...] = ()) -> Table:
    return Table(name=A, columns=(ID, Column(name="b", type=DataType("integer")), *columns), foreign_keys=keys)


TABLE_B = Table(name=B, columns=(ID,))


@pytest.mark.parametrize(
    ("before", "after", "operations", "said"),
    [
        pytest.param(
            _schema(TABLE_B), _schema(TABLE_B, _a()), [CreateTable(table=_a())], {"a": "+", "b": None}, id="table added"
        ),
        pytest.param(_schema(TABLE_B, _a()), _schema(TABLE_B), [DropTable(name=A)], {"a": "-"}, id="table dropped"),
        pytest.param(
            _schema(TABLE_B, _a(keys=(KEY,))),
            _schema(TABLE_B),
            [DropConstraint(table=A, name="fk", kind="foreignkey", constraint=KEY), DropTable(name=A)],
            {"a": "-", "fk": "-"},
            id="table dropped after its key",
        ),
        pytest.param(
            _schema(TABLE_B, _a()),
            _schema(TABLE_B, _a(EXTRA)),
            [BatchAlterTable(table=A, operations=(AddColumn(table=A, column=EXTRA),))],
            {"a": "~", "a.x": "+", "a.id": None},
            id="column added in a batch",
        ),
        pytest.param(
            _schema(TABLE_B, _a(EXTRA)),
            _schema(TABLE_B, _a()),
            [DropColumn(table=A, name="x")],
            {"a": "~", "a.x": "-"},
            id="column dropped",
        ),
        pytest.param(
            _schema(TABLE_B, _a(EXTRA)),
            _schema(TABLE_B, _a(EXTRA)),
            [AlterColumn(table=A, name="x", before=ColumnState(nullable=False), after=ColumnState(nullable=True))],
            {"a": "~", "a.x": "~", "b": None},
            id="column changed",
        ),
        pytest.param(
            _schema(TABLE_B, _a(EXTRA)),
            _schema(TABLE_B, _a(Column(name="y", type=DataType("text")))),
            [AlterColumn(table=A, name="x", after=ColumnState(name="y"))],
            {"a": "~", "a.y": "~"},
            id="column renamed",
        ),
        pytest.param(
            _schema(TABLE_B, _a()),
            _schema(TABLE_B, _a(keys=(KEY,))),
            [AddConstraint(table=A, constraint=KEY)],
            {"a": "~", "fk": "+"},
            id="key added",
        ),
        pytest.param(
            _schema(TABLE_B, _a(keys=(KEY,))),
            _schema(TABLE_B, _a()),
            [DropConstraint(table=A, name="fk", kind="foreignkey", constraint=KEY)],
            {"a": "~", "fk": "-"},
            id="key dropped",
        ),
        pytest.param(
            _schema(TABLE_B, _a(keys=(KEY,))),
            _schema(TABLE_B, _a(keys=(KEY,))),
            [
                DropConstraint(table=A, name="fk", kind="foreignkey", constraint=KEY),
                AddConstraint(table=A, constraint=KEY),
            ],
            {"a": "~", "fk": "~"},
            id="key taken off and put back",
        ),
        pytest.param(
            _schema(TABLE_B, _a()),
            _schema(TABLE_B, Table(name=C, columns=_a().columns)),
            [RenameTable(name=A, new_name="c"), SetTableComment(name=C, comment="x", before=None)],
            {"c": "~"},
            id="table renamed",
        ),
    ],
)
def test_signs(before: Schema, after: Schema, operations: list[Operation], said: dict[str, str | None]) -> None:
    found = _said(difference_diagram(before, after, operations))
    assert {name: found[name] for name in said} == said
    assert not {name for name, sign in found.items() if sign is not None} - set(said)


def _said(shown: Diagram) -> dict[str, str | None]:
    boxes = {str(box.name): box.sign for box in shown.boxes}
    rows = {f"{box.name}.{row.name}": row.sign for box in shown.boxes for row in box.rows}
    return {**boxes, **rows, **{line.words.partition(":")[0]: line.sign for line in shown.lines}}


def test_a_table_that_is_no_part_of_the_schema_is_an_empty_box() -> None:
    key = ForeignKey(name=None, columns=("b",), referent=Name("far", "away"), referent_columns=("id",))
    shown = diagram(_schema(_a(keys=(key,))))
    assert [(str(box.name), box.outside) for box in shown.boxes] == [("a", False), ("away.far", True)]
    ElementTree.fromstring(svg(shown))
    assert 't_away_far["away.far"]' in mermaid(shown)


# -- Mermaid: a grammar of our own, as narrow as what we write. Mermaid's own parser has read the same by hand.

_QUOTED = r'"[^"\n%{}<>;`]*(?:\#\d+;[^"\n%{}<>;`]*)*"'
_GRAMMAR = re.compile(
    rf"""erDiagram\n
    \ {{4}}direction\ LR\n
    (?:\ {{4}}t_\w*\[{_QUOTED}\](?:\n|\ \{{\n
        (?:\ {{8}}[A-Za-z][\w()\[\]]*\ [A-Za-z]\w*(?:\ (?:PK|FK|UK)(?:,(?:PK|FK|UK))*)?(?:\ {_QUOTED})?\n)+
    \ {{4}}\}}\n))*
    (?:\ {{4}}t_\w*\ (?:\|\||\|o)--(?:o\||o\{{)\ t_\w*\ :\ {_QUOTED}\n)*
    (?:\ {{4}}classDef\ \w+\ fill:\#\w+,stroke:\#\w+\n(?:\ {{4}}class\ [\w,]+\ \w+\n)?)*""",
    re.VERBOSE | re.ASCII,
)


def _mermaids() -> Iterator[Diagram]:
    yield hostile()
    yield diagram(_schema())
    yield drawn_at_random(30, (None, "crm"))
    for dialect in ("sqlite", "postgresql", "mysql"):
        schema = None if dialect == "sqlite" else "crm"
        yield diagram(schemadiff.from_metadata(shop_metadata(dialect, schema), dialect))


def test_mermaid_is_valid() -> None:
    for shown in _mermaids():
        text = mermaid(shown)
        assert _GRAMMAR.fullmatch(re.sub(r"[^\x00-\x7f]", "u", text)), text
        assert not re.search(r"direction\s+LR", text.partition("\n    t_")[2], re.IGNORECASE)
        entities = re.findall(r'^    (t_\w*)\["', text, re.MULTILINE)
        assert len(entities) == len(set(entities)) == len(shown.boxes)


def test_mermaid_says_whole_names() -> None:
    text = mermaid(hostile())
    assert '["#60;script#62;alert(1)#60;/script#62;"]' in text
    assert "t_script_alert_1_script" in text
    assert "classDef added" in text
