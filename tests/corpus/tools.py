"""A tool that writes migrations, as the trial sees it; ours is one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa

import schemadiff
from schemadiff.errors import SchemadiffError
from schemadiff.rendering import Rendered
from tests.laws.scripts import fed, script


class Refused(Exception):
    """The tool will not write this migration, and says why."""


class Migration(Protocol):
    """What a tool wrote."""

    @property
    def text(self) -> str: ...

    def __bool__(self) -> bool: ...

    def upgrade(self, connection: sa.Connection) -> None: ...

    def downgrade(self, connection: sa.Connection) -> None: ...


class Tool(Protocol):
    """A tool that compares a database with another one, or with a model."""

    def compare(self, engine: sa.Engine, target: sa.Engine | sa.MetaData, schemas: Sequence[str]) -> Migration: ...


@dataclass(frozen=True)
class OurMigration:
    """A rendered diff. Its text is run, not its operations."""

    rendered: Rendered
    differs: bool
    described: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.differs

    @property
    def text(self) -> str:
        return f"{self.rendered.upgrade}\n# downgrade\n{self.rendered.downgrade}"

    def upgrade(self, connection: sa.Connection) -> None:
        self._run(connection, self.rendered.upgrade)

    def downgrade(self, connection: sa.Connection) -> None:
        self._run(connection, self.rendered.downgrade)

    def _run(self, connection: sa.Connection, body: str) -> None:
        namespace: dict[str, Any] = {}
        source = "\n".join((*self.rendered.imports, "def revision():", body))
        exec(compile(source, "<revision>", "exec"), namespace)
        schemadiff.apply(connection, schemadiff.record(namespace["revision"], connection.dialect))


class Schemadiff:
    """schemadiff, through the file that it writes."""

    migration: ClassVar[type[OurMigration]] = OurMigration

    def compare(self, engine: sa.Engine, target: sa.Engine | sa.MetaData, schemas: Sequence[str]) -> OurMigration:
        try:
            difference = schemadiff.diff(engine, target, schemas=schemas)
            rendered = schemadiff.render(difference)
        except SchemadiffError as error:
            raise Refused(str(error)) from error
        return self.migration(rendered, bool(difference), tuple(each.describe() for each in difference.upgrade))


@dataclass(frozen=True)
class OurScript(OurMigration):
    """A rendered diff, printed by ``--sql`` and fed to the database's own client."""

    def _run(self, connection: sa.Connection, body: str) -> None:
        fed(connection.engine.url, script(connection.engine, body, self.rendered.imports))


class SchemadiffScripts(Schemadiff):
    """schemadiff, through the scripts of SQL that it prints."""

    migration = OurScript
