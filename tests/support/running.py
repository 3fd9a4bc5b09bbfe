"""Projects on disk, and the command line run in this process."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from schemadiff.cli import main
from schemadiff.config.scaffold import create_project

MODELS = """
    import sqlalchemy as sa

    metadata = sa.MetaData()
    account = sa.Table(
        "account",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(100), nullable=False, unique=True),
    )
"""


@dataclass(frozen=True)
class Result:
    """What a command gave: its exit status and its two streams."""

    status: int
    out: str
    err: str


def run(*arguments: str, cwd: Path, environment: dict[str, str] | None = None) -> Result:
    """Run the command line as if started in ``cwd``. What it imports from there is forgotten afterwards.

    It leaves no bytecode, which would be as good for models that are changed within a second, and are as long as they were.
    """
    out, err = io.StringIO(), io.StringIO()
    folder, variables = os.getcwd(), dict(os.environ)
    path, writes_bytecode = list(sys.path), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    os.chdir(cwd)
    os.environ.update(environment or {})
    try:
        with forgetting(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(arguments)
        assert os.getcwd() == str(cwd.resolve()), "the working directory is not restored"
        assert sys.path == path, "sys.path is not restored"
    finally:
        sys.dont_write_bytecode = writes_bytecode
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(variables)
    return Result(status, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def forgetting(folder: Path) -> Iterator[None]:
    """Forget what is imported from ``folder``: the next test has modules of the same names."""
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None and Path(file).is_relative_to(folder.resolve()):
                del sys.modules[name]


class Project:
    """A project in a folder of its own: ``models.py``, the settings, ``migrations/``."""

    def __init__(
        self,
        folder: Path,
        url: str | None,
        *,
        target: str | None = "models:metadata",
        models: str = MODELS,
        template: str = "generic",
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.models(models)
        escaped = None if url is None else url.replace("${", "$${")
        create_project(Path("migrations"), folder=folder, target=target, url=escaped, template=template)

    def models(self, text: str) -> None:
        """Write the models anew."""
        (self.folder / "models.py").write_text(textwrap.dedent(text), encoding="utf-8")

    @property
    def versions(self) -> Path:
        """The versions directory."""
        return self.folder / "migrations" / "versions"

    @property
    def files(self) -> list[Path]:
        """The revision files, sorted by name."""
        return sorted(self.versions.glob("*.py"))

    def revision(
        self,
        identifier: str,
        upgrade: str = "pass",
        down: str | tuple[str, ...] | None = None,
        downgrade: str = "pass",
    ) -> Path:
        """Write a revision file by hand."""
        path = self.versions / f"{identifier}.py"
        bodies = [textwrap.indent(textwrap.dedent(body).strip(), "    ") for body in (upgrade, downgrade)]
        path.write_text(
            f'"""{identifier}"""\n\nimport sqlalchemy as sa\nfrom schemadiff import op\n\n'
            f"revision = {identifier!r}\ndown_revision = {down!r}\n\n\n"
            f"def upgrade():\n{bodies[0]}\n\n\ndef downgrade():\n{bodies[1]}\n",
            encoding="utf-8",
        )
        return path

    def env(self, text: str) -> Path:
        """Write env.py anew."""
        path = self.folder / "migrations" / "env.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> Result:
        """Run the command line in the project's folder."""
        return run(*arguments, cwd=self.folder, environment=environment)

    def ok(self, *arguments: str, environment: dict[str, str] | None = None) -> Result:
        """Run the command line, which must succeed."""
        result = self.run(*arguments, environment=environment)
        assert result.status == 0, result.err or result.out
        return result

    def error(self, *arguments: str, environment: dict[str, str] | None = None) -> str:
        """Run the command line, which must fail with one line; return that line."""
        result = self.run(*arguments, environment=environment)
        assert result.status == 2, (result.status, result.out, result.err)
        lines = result.err.splitlines()
        assert [line for line in lines if line.startswith("error: ")] == lines[-1:], result.err
        return lines[-1]
