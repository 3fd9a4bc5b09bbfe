"""New revision files: what is in them, that nothing becomes code in them, and that they are written whole or not at all."""

from __future__ import annotations

import ast
import os
import re
import stat
from datetime import datetime
from pathlib import Path

import black
import pytest

import schemadiff
from schemadiff.errors import ConfigError, DuplicateRevision, MultipleHeads, RevisionError
from schemadiff.revisions import (
    NewRevision,
    Revision,
    RevisionGraph,
    load_graph,
    plan_revision,
    render_revision,
    write_revision,
)
from schemadiff.revisions.template import VARIABLES

TEMPLATE = Path(schemadiff.__file__).parent / "templates" / "generic" / "script.py.mako"
DATE = datetime(2024, 3, 4, 5, 6, 7)

# As Alembic's users have it in their projects.
FAMILIAR = '''\
"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""
from typing import Sequence, Union

from schemadiff import op
import sqlalchemy as sa
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: Union[str, Sequence[str], None] = ${repr(down_revision)}
branch_labels: Union[str, Sequence[str], None] = ${repr(branch_labels)}
depends_on: Union[str, Sequence[str], None] = ${repr(depends_on)}


def upgrade() -> None:
    """Upgrade schema."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Downgrade schema."""
    ${downgrades if downgrades else "pass"}
'''


def new(message: str = "Add users", **fields: object) -> NewRevision:
    return NewRevision(id="ab12", message=message, create_date=DATE, **fields)  # type: ignore[arg-type]


def template_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "script.py.mako"
    path.write_text(text, encoding="utf-8")
    return path


def assert_black(text: str) -> None:
    assert black.format_str(text, mode=black.Mode()) == text


def test_empty_revision() -> None:
    text = render_revision(new(), template=TEMPLATE)
    assert text == (
        '"""Add users\n\nRevision ID: ab12\nRevises: base\nCreate Date: 2024-03-04 05:06:07\n"""\n\n'
        "import sqlalchemy as sa\nfrom schemadiff import op\n\n"
        "# These are read without running the file: keep them plain literals.\n"
        'revision = "ab12"\ndown_revision = None\nbranch_labels = None\ndepends_on = None\n\n\n'
        "def upgrade() -> None:\n    pass\n\n\ndef downgrade() -> None:\n    pass\n"
    )
    assert_black(text)


def test_full_revision() -> None:
    revision = new(
        down_revisions=("a1", "b2"),
        branch_labels=("users",),
        depends_on=("c3",),
        imports=(
            *("from schemadiff import op", "import sqlalchemy as sa"),
            *("from sqlalchemy.dialects import postgresql", "import app.types", "import app.types"),
        ),
        upgrade='    op.execute("${1 + 1}")\n\n    op.create_table(\n        "t",\n    )\n',
        downgrade='op.drop_table(\n    "t",\n)',
    )
    text = render_revision(revision, template=TEMPLATE)
    assert_black(text)
    assert text.partition("# These")[0].endswith(
        "import sqlalchemy as sa\nfrom schemadiff import op\n"
        "from sqlalchemy.dialects import postgresql\nimport app.types\n\n"
    )
    assert 'down_revision = (\n    "a1",\n    "b2",\n)\nbranch_labels = "users"\ndepends_on = "c3"\n' in text
    assert text.endswith(
        'def upgrade() -> None:\n    op.execute("${1 + 1}")\n\n    op.create_table(\n        "t",\n    )\n\n\n'
        'def downgrade() -> None:\n    op.drop_table(\n        "t",\n    )\n'
    )
    assert "Revises: a1, b2\n" in text


@pytest.mark.parametrize("template", ["ours", "familiar"])
@pytest.mark.parametrize(
    "message",
    [
        *("", " ", "plain", 'say "hi"', '"', '""', '"""', 'a """ + exit() + """ b', '""""""', "'''", "'quoted'"),
        *(
            "\\",
            "\\\\",
            'x\\"',
            'x\\"""',
            "\\N{BULLET} \\x41 \\u0041 \\d",
            "a\\\nb",
            "title\n\nbody\n  indented  \n\ttab",
        ),
        *("${1/0}", "<%! import os %>", "% for x in y:", "## comment", "%(rev)s %", "a\r\nb\rc", "x\0y\x1b[31m"),
        *("\u2028line\u2029", "\u202eright to left", "\udc80 bytes", "漢字 🎉", "Revision ID: evil\nrevision = 'evil'"),
        '"""\nimport os\nos.abort()\n"""',
    ],
)
def test_message_stays_text(tmp_path: Path, template: str, message: str) -> None:
    path = TEMPLATE if template == "ours" else template_of(tmp_path, FAMILIAR)
    text = render_revision(new(message), template=path)
    if template == "ours":
        assert_black(text)
    lines = [line.rstrip() for line in message.strip().splitlines()]
    doc = ast.get_docstring(ast.parse(text), clean=False)
    assert doc is not None
    assert doc.startswith("\n".join(lines) or "empty message")
    plain = render_revision(new("plain"), template=path)
    assert ast.dump(ast.Module(ast.parse(text).body[1:], [])) == ast.dump(ast.Module(ast.parse(plain).body[1:], []))


@pytest.mark.parametrize("place", ["# ${message}", 'TITLE = "${message}"', "TITLE = f'${message}'", "${message}"])
def test_message_where_it_would_be_code(tmp_path: Path, place: str) -> None:
    path = template_of(tmp_path, FAMILIAR + place + "\n")
    with pytest.raises(RevisionError, match=r"script\.py\.mako puts the message where it becomes code"):
        render_revision(new('"{1}\nimport os'), template=path)


def test_message_elsewhere_as_a_literal(tmp_path: Path) -> None:
    path = template_of(tmp_path, FAMILIAR + "TITLE = ${repr(message)}\n")
    assert "TITLE = 'Add users'\n" in render_revision(new(), template=path)


def test_familiar_template(tmp_path: Path) -> None:
    path = template_of(tmp_path, FAMILIAR.replace("\n", "\r\n"))
    revision = new(down_revisions=("a1", "b2"), imports=("from typing import Union", "from typing import Any"))
    written = write_revision(
        revision, directory=tmp_path / "v", template=path, format=lambda text: black.format_str(text, mode=black.Mode())
    )
    text = written.read_text(encoding="utf-8")
    assert_black(text)
    assert "\nRevises: a1, b2\n" in text
    assert text.count("Union\n") == 1
    assert "import sqlalchemy as sa\nfrom typing import Any\n\nrevision" in text


def test_further_bodies(tmp_path: Path) -> None:
    """Where a project has several databases; each has a name of its own in the template."""
    path = template_of(
        tmp_path,
        FAMILIAR
        + '\n\ndef one():\n    ${one_upgrades}\n\n\ndef two():\n    ${context.get("two_upgrades") or "pass"}\n',
    )
    text = render_revision(new(bodies={"one_upgrades": "", "two_upgrades": '    op.drop_table("x")'}), template=path)
    assert text.endswith('def one():\n    pass\n\n\ndef two():\n    op.drop_table("x")\n')
    assert "def upgrade" in text


@pytest.mark.parametrize("name", ["upgrades", "downgrades", "one_upgrades"])
def test_a_template_that_leaves_a_body_out(tmp_path: Path, name: str) -> None:
    """What was found must not be lost, and the file look as if it were all."""
    whole = FAMILIAR + "\n\ndef one():\n    ${one_upgrades}\n"
    revision = new(upgrade="    one()", downgrade="    two()", bodies={"one_upgrades": "    three()"})
    assert "one()" in render_revision(revision, template=template_of(tmp_path, whole))
    part = re.sub(rf"\$\{{{name}\b.*\}}", "pass", whole)
    with pytest.raises(RevisionError, match=rf"leaves out what is to be written as {name}: put \$\{{{name}\}}"):
        render_revision(revision, template=template_of(tmp_path, part))


def test_names_of_every_template(tmp_path: Path) -> None:
    """They are refused as the names of further bodies."""
    path = template_of(tmp_path, FAMILIAR + "\n# ${' '.join(context.kwargs)} #\n")
    (names,) = re.findall(r"\n# (.*) #\n", render_revision(new(), template=path))
    assert set(names.split()) == VARIABLES


def test_template_sees_the_config(tmp_path: Path) -> None:
    path = template_of(tmp_path, FAMILIAR + "# ${config.motto}\n")

    class Settings:
        motto = "festina lente"

    assert "# festina lente\n" in render_revision(new(), template=path, config=Settings())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("${nothing}", r"script\.py\.mako: NameError: 'nothing' is not defined"),
        ("x\n${1/0}", r"script\.py\.mako:2: ZeroDivisionError: division by zero"),
        ("\n\n${1 +", r"script\.py\.mako:3: "),
        (
            "revision = 'ab12'\n",
            "script.py.mako does not make a revision file: the new file:1: .* sets no down_revision",
        ),
        ("def f(:\n", "does not make a revision file: the new file:1: SyntaxError"),
        (
            "revision = 'other'\ndown_revision = None\n",
            r"sets revision to other, where it should be ab12: write revision = ",
        ),
        ("revision = 'ab12'\ndown_revision = 'c3'\n", "sets down_revision to c3, where it should be None"),
    ],
)
def test_broken_template(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(RevisionError, match=reason):
        write_revision(new(), directory=tmp_path / "v", template=template_of(tmp_path, text))
    assert not (tmp_path / "v").exists()


def test_import_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match="the new file:10: SyntaxError"):
        write_revision(new(imports=("import import",)), directory=tmp_path, template=TEMPLATE)
    assert os.listdir(tmp_path) == []


def test_missing_template(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match=r"script\.py\.mako cannot be read: No such file"):
        write_revision(new(), directory=tmp_path, template=tmp_path / "script.py.mako")


def write(directory: Path, message: str = "x", rev_id: str | None = None) -> Path:
    graph = load_graph([directory])
    return write_revision(plan_revision(graph, message, rev_id=rev_id), directory=directory, template=TEMPLATE)


def test_history_of_files(tmp_path: Path) -> None:
    directory = tmp_path / "versions"  # is made
    written = [write(directory, message) for message in ("one", "../two", "", "one")]
    graph = load_graph([directory])
    assert [revision.path for revision in graph.order] == written
    assert [revision.message for revision in graph.order] == ["one", "../two", "empty message", "one"]
    assert sorted(os.listdir(directory)) == sorted(path.name for path in written)
    assert written[0].name == f"{graph.order[0].id}_one.py"


def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    assert stat.S_IMODE(write(tmp_path).stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_taken_id(tmp_path: Path) -> None:
    write(tmp_path, rev_id="one")
    with pytest.raises(DuplicateRevision, match=r"revision id 'one' is taken by .*one_x\.py"):
        write(tmp_path, rev_id="one")
    with pytest.raises(RevisionError, match="revision id 'a b' cannot be used"):
        write(tmp_path, rev_id="a b")


def test_several_heads() -> None:
    with pytest.raises(MultipleHeads, match="there are 2 heads"):
        plan_revision(RevisionGraph(Revision(name, (), Path(f"{name}.py")) for name in "ab"))


def test_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "ab12_add_users.py").write_text("mine")
    with pytest.raises(RevisionError, match=r"ab12_add_users\.py exists already"):
        write_revision(new(), directory=tmp_path, template=TEMPLATE)
    assert (tmp_path / "ab12_add_users.py").read_text() == "mine"
    assert os.listdir(tmp_path) == ["ab12_add_users.py"]


def test_unwritable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for directory in (tmp_path / "file", tmp_path / "no" / "such", tmp_path / "file" / "v"):
        with pytest.raises(RevisionError, match=r"(cannot be written|cannot be made): (Not a directory|No such file)"):
            write_revision(new(), directory=directory, template=TEMPLATE)
    with pytest.raises(RevisionError, match="cannot be written: File name too long"):
        write_revision(new(), directory=tmp_path, template=TEMPLATE, file_template="x" * 300)
    assert os.listdir(tmp_path) == ["file"]


def test_failing_formatter_leaves_nothing(tmp_path: Path) -> None:
    def fail(text: str) -> str:
        raise ConfigError("no black")

    with pytest.raises(ConfigError, match="no black"):
        write_revision(new(), directory=tmp_path / "v", template=TEMPLATE, format=fail)
    with pytest.raises(RevisionError, match="sets no revision id"):
        write_revision(new(), directory=tmp_path / "v", template=TEMPLATE, format=lambda text: "")
    assert os.listdir(tmp_path) == []


def test_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = write_revision(new(), directory=tmp_path, template=TEMPLATE)
    assert path.read_text(encoding="utf-8").startswith('"""Add users')
    with pytest.raises(RevisionError, match="exists already"):
        write_revision(new(), directory=tmp_path, template=TEMPLATE)
    assert os.listdir(tmp_path) == [path.name]
