"""What ``context`` in env.py talks to, and running env.py.

env.py runs for every command that needs the database. It configures a migration context, and its ``context.run_migrations()``
does what the command asked for: to upgrade, to compare, to check.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, overload

import sqlalchemy as sa

from schemadiff.backends import backend_class, backend_for
from schemadiff.config import Config
from schemadiff.config.target import restored_sys_path
from schemadiff.errors import ConfigError, MigrationFailed, SchemadiffError
from schemadiff.revisions.directory import load_graph
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.naming import shown_path
from schemadiff.revisions.symbols import parse
from schemadiff.runtime.configuring import configured
from schemadiff.runtime.explaining import explained, explained_hook, is_users, placed
from schemadiff.runtime.loop import outside_of_loop
from schemadiff.runtime.migration import MigrationContext
from schemadiff.runtime.places import refuse_elsewhere
from schemadiff.runtime.script import Script

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

__all__ = ["Environment", "current_environment"]

Work = Callable[[MigrationContext, Mapping[str, Any]], None]
"""What a command does with the migration context that env.py configured, and with the arguments of ``run_migrations()``."""


class Environment:
    """The environment that env.py runs in, for one command.

    Args:
        config: the settings.
        work: what ``run_migrations()`` does.
        sql: the command prints SQL; there is no connection.
        starting: the revisions that the SQL starts from.
        keep: what the command does to the database is kept; False rolls it back (diff and check change nothing).
        destination: the revision that the command was given, as it was written.
        tag: the argument of ``--tag``.
    """

    def __init__(
        self,
        config: Config,
        work: Work,
        *,
        sql: bool = False,
        starting: tuple[str, ...] = (),
        keep: bool = True,
        destination: str | None = None,
        tag: str | None = None,
    ) -> None:
        self.config = config
        self.sql = sql
        self.starting = starting
        self.destination = destination
        self.tag = tag
        self.scripts: list[Script] = []
        self._work = work
        self._keep = keep
        self._context: MigrationContext | None = None
        self._ran = 0
        self._failure: Exception | None = None
        self._joined: list[_Joined] = []
        self._graph: RevisionGraph | None = None
        self._finished: list[str] = []

    # -- what env.py calls, by the names of the module ``schemadiff.context``

    def configure(self, connection: Connection | None = None, **arguments: Any) -> None:
        """Configure the migration context; see :func:`schemadiff.context.configure`."""
        dialect, options, buffer = configured(connection, arguments, self.config, sql=self.sql)
        if not self.sql and connection is None:
            raise ConfigError(
                "context.configure() needs connection=: only --sql (context.is_offline_mode()) works with a URL alone"
            )
        refuse_elsewhere(self.config, options.engine_name, connection, dialect)
        script = Script(backend_for(dialect), self.starting, buffer) if self.sql else None
        if script is not None:
            self.scripts.append(script)
        self._context = MigrationContext(
            dialect, None if self.sql else connection, options, script=script, config=self.config
        )
        if self._context.external_transaction and connection is not None and self._keep:
            self._joined.append(_Joined(connection))

    def run_migrations(self, **arguments: Any) -> None:
        """Do what the command asked for; see :func:`schemadiff.context.run_migrations`."""
        self._ran += 1
        context = self.get_context()
        name = arguments.get("engine_name")
        if context.options.engine_name is None and isinstance(name, str):
            context.options = replace(context.options, engine_name=name)
        try:
            with context.operations():
                self._work(context, arguments)
            if context.script is not None:
                context.script.release()
        except Exception as error:
            self._failure = error
            self._name_database(error, context)
            raise
        finally:
            if not self._keep:
                context.roll_back()
        if context.options.engine_name is not None:
            self._finished.append(context.options.engine_name)

    def begin_transaction(self) -> AbstractContextManager[None]:
        """Return the transaction around ``run_migrations()``; see :func:`schemadiff.context.begin_transaction`."""
        return self.get_context().begin_transaction(exclusive=self._keep)

    def _name_database(self, error: Exception, context: MigrationContext) -> None:
        """Put the name of the database before an error of ours, where env.py configures several, and say which are done."""
        name = context.options.engine_name
        if name is None or not isinstance(error, SchemadiffError) or str(error).startswith("context."):
            return
        done = ", ".join(self._finished) if self._keep and not self.sql and not context.external_transaction else ""
        error.args = (f"database {name}: {error}{f'; done before it: {done}' if done else ''}",)

    def get_context(self) -> MigrationContext:
        """Return the migration context.

        Raises:
            ConfigError: ``configure()`` was not called.
        """
        if self._context is None:
            raise ConfigError("context.configure() has to be called first")
        return self._context

    def is_offline_mode(self) -> bool:
        """Return True where the command prints SQL."""
        return self.sql

    def is_transactional_ddl(self) -> bool:
        """Return True where the database's DDL takes part in transactions."""
        return self.get_context().transactional_ddl

    @property
    def graph(self) -> RevisionGraph:
        """The project's revisions."""
        if self._graph is None:
            self._graph = load_graph(self.config.version_locations, recursive=self.config.recursive_version_locations)
        return self._graph

    def get_head_revision(self) -> str | None:
        """Return the only head, None where there are no revisions."""
        head = self.graph.head()
        return None if head is None else head.id

    def get_head_revisions(self) -> tuple[str, ...]:
        """Return all heads."""
        return tuple(revision.id for revision in self.graph.heads)

    def get_revision_argument(self) -> str | None:
        """Return the revision that the command goes to, its identifier where it is one; None for the base."""
        if self.destination is None or self.destination == "base":
            return None
        found = () if parse(self.graph, self.destination).is_relative else self.graph.resolve(self.destination)
        return found[0].id if len(found) == 1 else self.destination

    def get_starting_revision_argument(self) -> str | None:
        """Return the revision that a script of SQL starts from, or that the database stands at; None for the base."""
        if self.sql:
            return self.starting[0] if self.starting else None
        return self.get_context().get_current_revision()

    @overload
    def get_x_argument(self, as_dictionary: Literal[False] = False) -> list[str]: ...
    @overload
    def get_x_argument(self, as_dictionary: Literal[True]) -> dict[str, str]: ...
    def get_x_argument(self, as_dictionary: bool = False) -> list[str] | dict[str, str]:
        """Return what was given with ``-x``."""
        return self.config.get_x_argument(as_dictionary=True) if as_dictionary else self.config.get_x_argument()

    # -- running it

    def run(self) -> None:
        """Run the project's env.py.

        Raises:
            ConfigError: there is none, it fails (with its file and line), or it never calls ``run_migrations()``.
            ConnectionFailed: the database cannot be reached.
            SchemadiffError: what the command itself raises.
        """
        path = self.config.env_file
        with self._leaving_nothing(), restored_sys_path(), _activated(self):
            self.config.prepare_sys_path()
            try:
                outside_of_loop(partial(_execute, path), self.config.attributes)
            except SchemadiffError as error:
                raise placed(error, path) from error.__cause__
            except (Exception, SystemExit) as error:
                if error is self._failure and not isinstance(error, sa.exc.DBAPIError):
                    if not is_users(error):
                        raise
                    raise explained_hook(error) from error
                raise explained(error, path, connected=self._ran > 0) from error
        if not self._ran:
            raise ConfigError(f"{shown_path(path)} ended without context.run_migrations(): nothing was done; call it")
        for joined in self._joined:
            joined.check(path)

    @contextmanager
    def _leaving_nothing(self) -> Iterator[None]:
        """Remove the empty databases that a failed command has made by connecting."""
        databases = [self.config.database(name) for name in self.config.databases] or [self.config]
        with ExitStack() as stack:
            for database in databases:
                try:
                    url = sa.make_url(database.url)
                except (SchemadiffError, sa.exc.ArgumentError, ValueError):
                    continue  # env.py has a URL of its own, or will say what is wrong with this one
                stack.enter_context(backend_class(url.get_backend_name()).leaving_nothing(url))
            yield


class _Joined:
    """A transaction that was open already when ``configure()`` was called, so that it is env.py's to commit.

    SQLAlchemy opens one by itself for whatever is executed. When it is rolled back with the connection, all that the migrations
    did is gone, which must not pass in silence.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._committed = False
        sa.event.listen(connection, "commit", self._note)

    def _note(self, connection: Connection) -> None:
        self._committed = True

    def check(self, path: Path) -> None:
        """Raise unless it was committed, or is still open for the caller to commit.

        Raises:
            MigrationFailed: it was rolled back.
        """
        connection = self._connection
        if not self._committed and (connection.closed or not connection.in_transaction()):
            raise MigrationFailed(
                f"{shown_path(path)}: a transaction was open before context.configure() and was rolled back at the end, and all that "
                "the migrations did with it: call connection.commit() before context.configure(), or commit at the end"
            )


_current: ContextVar[Environment | None] = ContextVar("schemadiff_environment", default=None)


def current_environment(name: str) -> Environment:
    """Return the environment of the env.py that runs.

    Args:
        name: the attribute of ``context`` that is asked for, for the message.

    Raises:
        ConfigError: no env.py runs.
    """
    found = _current.get()
    if found is None:
        raise ConfigError(f"context.{name} works in env.py only, while a schemadiff command runs it")
    return found


@contextmanager
def _activated(environment: Environment) -> Iterator[None]:
    token = _current.set(environment)
    try:
        yield
    finally:
        _current.reset(token)


_MODULE = "env_py"


def _execute(path: Path) -> None:
    """Run a script from its source, as a module that is no longer known afterwards."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{shown_path(path)} cannot be read: {error.strerror or error}") from None
    file = os.path.abspath(path)
    module = ModuleType(_MODULE)
    module.__file__ = file
    before = sys.modules.get(_MODULE)
    sys.modules[_MODULE] = module
    linecache.checkcache(file)
    try:
        exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
    finally:
        if before is None:
            sys.modules.pop(_MODULE, None)
        else:
            sys.modules[_MODULE] = before
