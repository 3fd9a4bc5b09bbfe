"""schemadiff report and schemadiff erd."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from schemadiff.commands import erd, report
from schemadiff.config import Config
from tests.support.running import MODELS, Project, forgetting, run
from tests.support.servers import Backend

GROWN = f"""{MODELS}
    sa.Table(
        "order",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account", sa.ForeignKey("account.id"), nullable=False),
        sa.Column("note", sa.Text),
    )
"""


def _texts(html: str, name: str) -> str:
    """Return the code of a name as text."""
    (found,) = re.findall(rf'<span class="kind">{name}</span></summary>.*?<code>(.*?)</code>', html, re.DOTALL)
    return re.sub("<[^>]*>", "", found)


def test_report(backend: Backend, tmp_path: Path) -> None:
    project = Project(tmp_path / "app", backend.new_database())
    project.ok("autogen", "-m", "one")
    project.ok("upgrade")
    project.models(GROWN)
    told = project.ok("report", "--html", "out.html")
    assert told.out == "Wrote out.html\n"
    html = (project.folder / "out.html").read_text(encoding="utf-8")
    assert "<bdi>order</bdi>" in html
    assert re.search(r"<b>1</b> added", html)
    assert "CREATE TABLE" in _texts(html, "upgrade")
    assert "DROP TABLE" in _texts(html, "downgrade")
    python = _texts(html, "revision")
    assert "op.create_table(" in python
    assert 'op.drop_table("order")' in python
    assert html.count('class="line added"') == 1
    # Nothing has happened to the database, and a page that is there is replaced by the same one.
    project.ok("report", "--html", "out.html")
    assert (project.folder / "out.html").read_text(encoding="utf-8") == html


def test_report_of_two_others(tmp_path: Path) -> None:
    one, two = (f"sqlite:///{tmp_path}/{name}.db" for name in ("one", "two"))
    project = Project(tmp_path / "app", one, models=GROWN)
    project.ok("autogen", "-m", "one")
    project.ok("upgrade")
    (tmp_path / "two.db").touch()
    told = run("report", one, two, "--html", "two.html", cwd=tmp_path)
    assert told.status == 0, told.err
    html = (tmp_path / "two.html").read_text(encoding="utf-8")
    assert "loses data" in html
    assert 'class="thing dropped"' in html


def test_what_cannot_be_said_is_said_in_its_place(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db", models=GROWN)
    project.env(
        """
        from schemadiff import context, op
        from schemadiff.operations import DropTable
        from schemadiff.schema import Name
        from sqlalchemy import create_engine

        def hook(context_, revision, directives):
            directives[0].upgrade_ops.ops[:] = [DropTable(name=Name("gone"))]

        with create_engine(context.config.url).connect() as connection:
            import models
            context.configure(connection, target_metadata=models.metadata, process_revision_directives=hook)
            context.run_migrations()
        """
    )
    with forgetting(project.folder):
        html = report(Config(project.folder / "schemadiff.toml")).html
    assert "DROP TABLE gone" in _texts(html, "upgrade")
    assert _texts(html, "downgrade").startswith("-- ")


def test_errors(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    assert "Missing option '--html'" in project.error("report")
    assert "cannot be written: No such file or directory: name another file with --html" in project.error(
        "report", "--html", "nowhere/out.html"
    )
    assert "'png'" in project.error("erd", "--format", "png")
    assert "there is no project here" in run("erd", "models:metadata", cwd=tmp_path).err


@pytest.mark.parametrize("form", ["svg", "mermaid"])
def test_erd(form: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db", models=GROWN)
    project.ok("autogen", "-m", "one")
    project.ok("upgrade")
    of_database = project.ok("erd", "--format", form).out
    of_models = project.ok("erd", "--models", "--format", form).out
    named = project.ok("erd", "models:metadata", "--format", form).out
    (project.folder / "saved.json").write_text(project.ok("snapshot").out, encoding="utf-8")
    saved = project.ok("erd", "saved.json", "--format", form, "-o", f"out.{form}")
    assert saved.out == f"Wrote out.{form}\n"
    assert of_database == of_models == named == (project.folder / f"out.{form}").read_text(encoding="utf-8")
    assert "schemadiff_version" not in of_database
    if form == "svg":
        root = ElementTree.fromstring(of_database)
        assert [each.get("data-table") for each in root.iter() if each.get("class") == "box"] == ["account", "order"]
    else:
        assert 't_account ||--o{ t_order : "account"' in of_database


def test_erd_of_an_empty_database(tmp_path: Path) -> None:
    project = Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")
    with forgetting(project.folder):
        assert "No tables" in erd(Config(project.folder / "schemadiff.toml"))
