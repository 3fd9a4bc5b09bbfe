"""Hooks of env.py: what they are called with, and what becomes of what they change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from schemadiff import command
from schemadiff.config import Config
from schemadiff.errors import OperationError
from schemadiff.operations import AddColumn, BatchAlterTable, CreateTable, DropColumn, Operation
from schemadiff.rewriter import DowngradeOps, MigrationScript, Rewriter, UpgradeOps
from schemadiff.schema import Column, DataType, Name
from tests.support.running import Project, forgetting
from tests.support.servers import Backend

ENV = """
    import sqlalchemy as sa

    from models import metadata
    from schemadiff import context, op
    {hooks}

    url = context.config.url
    if context.is_offline_mode():
        context.configure(url=url, target_metadata=metadata, {arguments})
        with context.begin_transaction():
            context.run_migrations(flag=1) if {flag} else context.run_migrations()
    else:
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            context.configure(connection=connection, target_metadata=metadata, {arguments})
            with context.begin_transaction():
                context.run_migrations(flag=1) if {flag} else context.run_migrations()
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project on SQLite."""
    with forgetting(tmp_path):
        yield Project(tmp_path / "app", f"sqlite:///{tmp_path}/app.db")


def env(project: Project, hooks: str = "", arguments: str = "", *, flag: bool = False) -> None:
    """Write env.py with functions and with arguments of configure()."""
    lines = [line.removeprefix("    ") for line in hooks.strip("\n").splitlines()]
    text = "\n    ".join(lines)
    project.env(ENV.format(hooks=text, arguments=arguments, flag=flag))


# -- process_revision_directives

EMPTIED = """
    def hook(context, revision, directives):
        assert revision == () and context.dialect.name == "sqlite"
        if not directives[0].upgrade_ops.is_empty():
            directives[:] = []
"""


def test_an_emptied_list_writes_no_file_and_is_no_difference(project: Project) -> None:
    env(project, EMPTIED, "process_revision_directives=hook")
    assert "No differences" in project.ok("autogen", "-m", "x").out
    assert project.files == []
    assert "No differences" in project.ok("diff").out
    project.ok("check")


CHANGED = """
    from schemadiff.operations import Execute

    def hook(context, revision, directives):
        script, = directives
        script.rev_id, script.message = "0001", "from the hook"
        script.branch_label = "shop"
        script.imports.add("import decimal")
        script.upgrade_ops.ops.append(Execute(sql="SELECT 'up'"))
        script.downgrade_ops.ops.insert(0, Execute(sql="SELECT 'down'"))
"""


def test_a_script_is_changed(project: Project) -> None:
    env(project, CHANGED, "process_revision_directives=hook")
    project.ok("autogen", "-m", "x")
    (path,) = project.files
    text = path.read_text()
    assert "from_the_hook" in path.name
    for words in (
        '"0001"',
        '"shop"',
        "import decimal",
        "op.execute(\"SELECT 'up'\")",
        "op.execute(\"SELECT 'down'\")",
    ):
        assert words in text
    project.ok("upgrade")
    project.ok("downgrade", "base")


def test_the_hook_of_a_call_runs_before_that_of_env_py(project: Project) -> None:
    env(project, CHANGED, "process_revision_directives=hook")
    seen = []

    def first(context: object, revision: object, directives: list[MigrationScript]) -> None:
        seen.append(directives[0].message)

    config = Config(project.folder / "schemadiff.toml")
    made = command.revision(config, "x", autogenerate=True, process_revision_directives=first)
    assert seen == ["x"]
    assert made is not None
    assert made.id == "0001"


PLACED = """
    def hook(context, revision, directives):
        script, = directives
        seen = (script.rev_id, script.head, script.splice, script.branch_label, script.version_path, script.depends_on)
        print(seen)
        script.head, script.splice, script.branch_label = "a1", True, ["shop"]
        script.version_path, script.depends_on = "more", "b2"
"""


def test_a_hook_says_where_the_revision_stands(project: Project) -> None:
    settings = project.folder / "schemadiff.toml"
    settings.write_text('version_locations = ["migrations/versions", "more"]\n' + settings.read_text())
    (project.folder / "more").mkdir()
    project.revision("a1")
    project.revision("b2", down="a1")
    project.ok("upgrade")
    env(project, PLACED, "process_revision_directives=hook")
    told = project.ok("autogen", "-m", "x", "--rev-id", "c3", "--branch-label", "other", "--head", "b2").out
    assert told.splitlines()[0] == "('c3', 'b2', False, 'other', None, None)"
    assert [path.name for path in (project.folder / "more").glob("*.py")] == ["c3_x.py"]
    assert "a1 -> c3 (head, shop), x" in project.ok("history").out
    assert "depends on: b2" in project.ok("show", "c3").out


def test_a_hook_says_where_a_new_base_goes(project: Project) -> None:
    settings = project.folder / "schemadiff.toml"
    settings.write_text('version_locations = ["migrations/versions", "more"]\n' + settings.read_text())
    (project.folder / "more").mkdir()
    for line, said in (("pass", "name one with --version-path"), ("directives.clear()", "")):
        env(project, f"def hook(context, revision, directives):\n        {line}", "process_revision_directives=hook")
        made = project.run("autogen", "-m", "x", "--rev-id", "a1")
        assert (made.status, said in made.err) == (2 if said else 0, True)
    env(
        project,
        "def hook(context, revision, directives):\n        directives[0].version_path = 'more'",
        "process_revision_directives=hook",
    )
    assert project.ok("autogen", "-m", "x", "--rev-id", "a1").out == "Wrote more/a1_x.py\n"


WRONG = {
    "directives.append(directives[0])": "something else than one revision",
    "directives[0].upgrade_ops.ops.append(5)": "upgrade_ops.ops holds a int",
    "directives[0].version_path = 'x'": "x is none of the version_locations",
    "directives[0].version_path = 5": "version_path is 5: set a path, or None",
    "directives[0].branch_label = 5": "branch_label is 5: set a text, several, or None",
    "directives[0].branch_label = 'head'": "head",
    "directives[0].depends_on = ('nothing',)": "nothing",
    "directives[0].head = 'nothing'": "nothing",
    "directives[0].upgrade_ops = 5": "process_revision_directives: upgrade_ops is 5: set the list upgrade_ops.ops",
    "directives[0].rev_id = 5": "process_revision_directives: rev_id is 5: set a text, or None",
    "directives[0].message = 5": "process_revision_directives: message is 5: set a text, or None",
    "1 / 0": "migrations/env.py:7: process_revision_directives: ZeroDivisionError: division by zero",
    "sa.text(5).compile(5)": "migrations/env.py:7: process_revision_directives: TypeError: ",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_a_hook_does_wrong_is_told(line: str, project: Project) -> None:
    env(project, f"def hook(context, revision, directives):\n        {line}", "process_revision_directives=hook")
    assert WRONG[line] in project.error("autogen", "-m", "x")
    assert project.files == []


@pytest.mark.parametrize(
    ("hook", "name"),
    [
        ("include_name", "in the hook hook()"),
        ("render_item", "in the hook hook()"),
        ("on_version_apply", "on_version_apply"),
    ],
)
def test_which_hook_failed_is_told(hook: str, name: str, project: Project) -> None:
    env(project, "def hook(*given, **named):\n        1 / 0", f"{hook}=hook")
    command = ("autogen", "-m", "x")
    if hook == "on_version_apply":
        project.revision("a1")
        command = ("upgrade",)
    assert f"migrations/env.py:7: {name}: ZeroDivisionError: division by zero" in project.error(*command)


# -- a rewriter, and an operation of the user's own

CUSTOM = """
    from dataclasses import dataclass

    from schemadiff.operations import CreateTable, DropTable
    from schemadiff.rewriter import Rewriter

    @op.register("create_remark")
    @dataclass(frozen=True)
    class CreateNote(op.CustomOperation):
        name: str

        def statements(self, dialect):
            yield f"CREATE VIEW {dialect.identifier_preparer.quote(self.name)} AS SELECT 1 AS one"

        def reverse(self):
            return DropNote(self.name)

        def label(self):
            return "+", "note", self.name

    @op.register("drop_remark")
    @dataclass(frozen=True)
    class DropNote(op.CustomOperation):
        name: str

        def statements(self, dialect):
            yield f"DROP VIEW {dialect.identifier_preparer.quote(self.name)}"

    writer = Rewriter()

    @writer.rewrites(CreateTable)
    def noted(context, revision, operation):
        return [operation, CreateNote(operation.table.name.name + "_note")]

    @writer.rewrites(DropTable)
    def unnoted(context, revision, operation):
        yield DropNote(operation.name.name + "_note")
        yield operation
"""


def test_an_operation_of_a_users_own_from_the_hook_to_the_database(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    with forgetting(tmp_path):
        project = Project(tmp_path / "app", url)
        env(project, CUSTOM, "process_revision_directives=writer")
        project.ok("autogen", "-m", "first")
        text = project.files[0].read_text()
        assert 'op.create_remark("account_note")' in text
        assert 'op.drop_remark("account_note")' in text
        assert "CREATE VIEW account_note AS SELECT 1 AS one;" in project.ok("upgrade", "--sql").out
        project.ok("upgrade")
        assert sa.inspect(backend.engine(url)).get_view_names() == ["account_note"]
        project.ok("check")
        project.ok("downgrade", "base")
        assert sa.inspect(backend.engine(url)).get_view_names() == []


def test_a_diff_shows_what_hooks_put_in(project: Project) -> None:
    env(project, CUSTOM, "process_revision_directives=writer")
    assert "+ note account_note" in project.ok("diff").out
    assert "Create note" in project.ok("diff", "--explain").out
    project.ok("autogen", "-m", "first")
    project.ok("upgrade")
    project.models((project.folder / "models.py").read_text().replace('"account"', '"person"'))
    assert project.run("check").status == 1


def _add(name: str) -> AddColumn:
    return AddColumn(table=Name("t"), column=Column(name=name, type=DataType("INTEGER")))


def _script(*operations: Operation) -> MigrationScript:
    return MigrationScript(None, UpgradeOps(operations), DowngradeOps([DropColumn(table=Name("t"), name="a")]))


def test_rewriter() -> None:
    writer, other = Rewriter(), Rewriter()
    seen: list[str] = []

    @writer.rewrites(AddColumn, DropColumn)
    def twice(context: object, revision: object, operation: Operation) -> list[Operation]:
        return [operation, operation]

    @writer.rewrites(MigrationScript, UpgradeOps)
    def noted(context: object, revision: object, thing: object) -> None:
        seen.append(type(thing).__name__)

    @other.rewrites(CreateTable)
    def never(context: object, revision: object, operation: Operation) -> None:
        raise AssertionError

    @other.rewrites(BatchAlterTable)
    def unpacked(context: object, revision: object, operation: BatchAlterTable) -> tuple[Operation, ...]:
        return operation.operations

    def last(context: object, revision: object, directives: list[MigrationScript]) -> None:
        seen.append("last")

    batch = BatchAlterTable(table=Name("t"), operations=(_add("b"),))
    script = _script(_add("a"), batch)
    writer.chain(other).chain(last)(None, (), [script])
    assert script.upgrade_ops.ops == [_add("a"), _add("a"), _add("b"), _add("b")]
    assert len(script.downgrade_ops.ops) == 2
    assert seen == ["MigrationScript", "UpgradeOps", "last"]


def test_a_batch_without_operations_goes() -> None:
    writer = Rewriter()
    writer.rewrites(AddColumn)(lambda context, revision, operation: None)
    script = _script(BatchAlterTable(table=Name("t"), operations=(_add("b"),)))
    writer(None, (), [script])
    assert script.upgrade_ops.is_empty()
    assert not script.is_empty()


def test_what_a_rewriter_cannot_take() -> None:
    with pytest.raises(OperationError, match="no class of operations"):
        Rewriter().rewrites(int)
    writer = Rewriter()
    writer.rewrites(AddColumn)(lambda context, revision, operation: "text")
    with pytest.raises(OperationError, match="rewrites AddColumn as a str"):
        writer(None, (), [_script(_add("a"))])


# -- on_version_apply, template_args, render_as_batch, transactional_ddl

APPLIED = """
    from pathlib import Path

    def applied(ctx, step, heads, run_args):
        assert ctx is context.get_context()
        ctx.execute("CREATE TABLE IF NOT EXISTS seen (x INTEGER)")
        with Path("applied.txt").open("a") as file:
            kind = "stamp" if step.is_stamp else "upgrade" if step.is_upgrade else "downgrade"
            print(kind, step.up_revision_id, step.down_revision_ids, sorted(heads), run_args, file=file)
"""


def test_on_version_apply(project: Project) -> None:
    env(project, APPLIED, "on_version_apply=[applied]", flag=True)
    for identifier, down in ("a1", None), ("b2", "a1"):
        project.revision(identifier, down=down)
        path = project.versions / f"{identifier}.py"
        path.write_text(path.read_text().replace("grade():", "grade(flag):"))
    project.ok("upgrade")
    project.ok("downgrade", "-1")
    project.ok("stamp", "head")
    assert (project.folder / "applied.txt").read_text().splitlines() == [
        "upgrade a1 () ['a1'] {'flag': 1}",
        "upgrade b2 ('a1',) ['b2'] {'flag': 1}",
        "downgrade b2 ('a1',) ['a1'] {'flag': 1}",
        "stamp b2 ('a1',) ['b2'] {}",
    ]
    assert project.ok("upgrade", "a1:b2", "--sql").out.count("CREATE TABLE IF NOT EXISTS seen") == 1


def test_on_version_apply_that_fails_takes_its_revision_back(project: Project) -> None:
    env(project, "def applied(**known):\n        raise ValueError('no')", "on_version_apply=applied")
    project.revision("a1", 'op.execute("CREATE TABLE t (x INTEGER)")')
    assert "ValueError: no" in project.error("upgrade")
    assert project.ok("current").out.strip() in ("", "base") or "a1" not in project.ok("current").out


def test_template_args(project: Project) -> None:
    env(project, "", "template_args={'owner': 'the shop', 'message': 'not taken'}")
    template = project.folder / "migrations" / "script.py.mako"
    template.write_text(template.read_text() + "\n# of ${owner}\n")
    project.ok("autogen", "-m", "first")
    text = project.files[0].read_text()
    assert "# of the shop" in text
    assert "not taken" not in text


@pytest.mark.backends("postgresql18", "mysql")
def test_render_as_batch(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    with forgetting(tmp_path):
        project = Project(tmp_path / "app", url)
        env(project, "", "render_as_batch=True")
        project.ok("autogen", "-m", "first")
        project.ok("upgrade")
        project.models(
            (project.folder / "models.py").read_text().replace("nullable=False, unique=True", "index=True")
            + '\nother = sa.Table("other", metadata, sa.Column("id", sa.Integer, primary_key=True))\n'
        )
        project.ok("autogen", "-m", "second")
        text = project.files[-1].read_text() if "second" in project.files[-1].name else project.files[0].read_text()
        assert 'with op.batch_alter_table("account") as batch_op:' in text
        assert "batch_op.alter_column" in text
        project.ok("upgrade")
        project.ok("check")
        project.ok("downgrade", "base")


@pytest.mark.parametrize(
    ("dialect", "arguments", "begins"),
    [
        ("sqlite", "", True),
        ("sqlite", "transactional_ddl=False", False),
        ("mysql+pymysql", "", False),
        ("mysql+pymysql", "transactional_ddl=True", True),
    ],
)
def test_transactional_ddl(dialect: str, arguments: str, begins: bool, tmp_path: Path) -> None:
    with forgetting(tmp_path):
        project = Project(tmp_path / "app", f"{dialect}://")
        env(project, "", arguments)
        project.revision("a1", 'op.execute("SELECT 1")')
        out = project.ok("upgrade", "--sql").out
        assert ("BEGIN" in out, "COMMIT" in out) == (begins, begins)


MISUSED = {
    "on_version_apply=5": "on_version_apply",
    "on_version_apply=[5]": "cannot be called",
    "process_revision_directives=5": "cannot be called",
    "template_args=5": "no dictionary",
}


@pytest.mark.parametrize("arguments", MISUSED)
def test_misuse_is_told(arguments: str, project: Project) -> None:
    env(project, "", arguments)
    assert MISUSED[arguments] in project.error("current")


# -- autocommit_block


def test_autocommit_block(backend: Backend, tmp_path: Path) -> None:
    url = backend.new_database()
    index = 'op.create_index("ix", "t", ["x"], postgresql_concurrently=True)'
    drop = 'op.drop_index("ix", "t", postgresql_concurrently=True)'
    with forgetting(tmp_path):
        project = Project(tmp_path / "app", url)
        project.revision(
            "a1",
            f"""
            op.execute("CREATE TABLE t (x INTEGER)")
            with op.get_context().autocommit_block():
                {index}
                op.execute("INSERT INTO t VALUES (1)")
            op.execute("INSERT INTO t VALUES (2)")
            """,
            downgrade=f"""
            with op.get_context().autocommit_block():
                {drop}
            op.execute("DROP TABLE t")
            """,
        )
        project.revision(
            "b2",
            """
            op.execute("INSERT INTO t VALUES (3)")
            with op.get_context().autocommit_block():
                op.execute("INSERT INTO t VALUES (4)")
            op.execute("INSERT INTO t VALUES (5)")
            raise ValueError("no")
            """,
            down="a1",
        )
        printed = project.ok("upgrade", ":a1", "--sql").out
        project.ok("upgrade", "a1")
        # What stood before the block and in it is kept, what came after it is not, but where it commits one by one too.
        last = 3 if backend.name == "mysql" else 2
        assert f"operations 1-{last} of b2 are done and journalled" in project.error("upgrade")
        with backend.engine(url).connect() as connection:
            found = list(connection.exec_driver_sql("SELECT x FROM t ORDER BY x").scalars())
            assert found == [1, 2, 3, 4, 5][: last + 2]
            assert [i["name"] for i in sa.inspect(connection).get_indexes("t")] == ["ix"]
        assert f"operation {last} has no reverse" in project.error("downgrade", "base")
        project.ok("stamp", "--purge", "a1")
        project.ok("downgrade", "base")
    if backend.name == "mysql":
        return
    lines = [line for line in printed.splitlines() if line and not line.startswith("--")]
    at = next(number for number, line in enumerate(lines) if "CREATE INDEX" in line)
    assert "COMMIT;" in lines[at - 2 : at]
    begin = next(number for number, line in enumerate(lines) if number > at and line.startswith("BEGIN"))
    assert any("VALUES (1)" in line for line in lines[at:begin])
    assert any("VALUES (2)" in line for line in lines[begin:])


def test_autocommit_block_in_a_transaction_of_somebody_elses(project: Project) -> None:
    env(project, "", "")
    path = project.folder / "migrations" / "env.py"
    path.write_text(path.read_text().replace("engine.connect()", "engine.begin()"))
    project.revision("a1", 'with op.get_context().autocommit_block():\n    op.execute("SELECT 1")')
    assert "not ours to commit" in project.error("upgrade")


# -- coroutines


@pytest.mark.backends("sqlite", "postgresql18")
def test_run_async(backend: Backend, tmp_path: Path) -> None:
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[backend.name]
    url = sa.make_url(backend.new_database()).set(drivername=driver)
    with forgetting(tmp_path):
        project = Project(tmp_path / "app", url.render_as_string(hide_password=False))
        project.env(
            """
            import asyncio

            from models import metadata
            from schemadiff import context
            from sqlalchemy.ext.asyncio import create_async_engine
            from sqlalchemy.pool import NullPool


            def migrate(connection):
                context.configure(connection=connection, target_metadata=metadata)
                with context.begin_transaction():
                    context.run_migrations()


            async def main():
                engine = create_async_engine(context.config.url, poolclass=NullPool)
                async with engine.connect() as connection:
                    await connection.run_sync(migrate)
                await engine.dispose()


            asyncio.run(main())
            """
        )
        project.revision(
            "a1",
            """
            async def fill(connection, number, *, more):
                await connection.execute(sa.text("INSERT INTO t VALUES (:x)"), {"x": number + more})
                return await connection.scalar(sa.text("SELECT x FROM t"))


            op.create_table("t", sa.Column("x", sa.Integer))
            assert op.run_async(fill, 1, more=2) == 3
            with op.batch_alter_table("t") as batch_op:
                batch_op.add_column(sa.Column("y", sa.Integer))
                assert batch_op.run_async(fill, 1, more=2) == 3
            """,
        )
        project.ok("upgrade")
        with backend.engine(
            str(url.set(drivername={"postgresql+asyncpg": "postgresql+psycopg"}.get(driver, "sqlite")))
        ).connect() as connection:
            assert list(connection.exec_driver_sql("SELECT x FROM t").scalars()) == [3, 3]


def test_run_async_on_what_is_not(project: Project) -> None:
    project.revision("a1", "op.run_async(print)")
    assert "not asynchronous" in project.error("upgrade")
    assert "op.get_bind()" in project.error("upgrade", "--sql")
