"""What ``context`` in env.py talks to, and running env.py.

env.py runs for every command that needs the database. It configures a migration context, and its ``context.run_migrations()``
does what the command asked for: to upgrade, to compare, to check.
"""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, overload

import sqlalchemy as sa

from schemadiff.backends import backend_class
from schemadiff.config import Config
from schemadiff.errors import ConfigError, MigrationFailed, SchemadiffError
from schemadiff.revisions.directory import load_graph
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.header import one_line
from schemadiff.revisions.naming import shown_path
from schemadiff.runtime.connecting import connection_error
from schemadiff.runtime.migration import MigrationContext
from schemadiff.runtime.options import configured
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

    # -- what env.py calls, by the names of the module ``schemadiff.context``

    def configure(self, connection: Connection | None = None, **arguments: Any) -> None:
        """Configure the migration context; see :func:`schemadiff.context.configure`."""
        dialect, options, buffer = configured(connection, arguments, self.config, sql=self.sql)
        if not self.sql and connection is None:
            raise ConfigError(
                "context.configure() needs connection=: only --sql (context.is_offline_mode()) works with a URL alone"
            )
        script = Script(self.starting, buffer) if self.sql else None
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
        try:
            with context.operations():
                self._work(context, arguments)
        except Exception as error:
            self._failure = error
            raise
        finally:
            if not self._keep:
                context.roll_back()

    def begin_transaction(self) -> AbstractContextManager[None]:
        """Return the transaction around ``run_migrations()``; see :func:`schemadiff.context.begin_transaction`."""
        return self.get_context().begin_transaction(exclusive=self._keep)

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
        return self.get_context().backend.transactional_ddl

    @property
    def graph(self) -> RevisionGraph:
        """The project's revisions."""
        if self._graph is None:
            self._graph = load_graph(self.config.version_locations)
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
        found = self.graph.resolve(self.destination) if not self.destination.startswith(("+", "-")) else ()
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
        with self._leaving_nothing(), _restored_path(), _activated(self):
            self.config.prepare_sys_path()
            try:
                _execute(path)
            except SchemadiffError as error:
                raise self._placed(error, path) from error.__cause__
            except (Exception, SystemExit) as error:
                if error is self._failure and not isinstance(error, sa.exc.DBAPIError):
                    if not _is_users(error):
                        raise
                    raise ConfigError(f"{_innermost(error)}: {one_line(error)}") from error  # a hook's
                raise self._explained(error, path) from error
        if not self._ran:
            raise ConfigError(f"{shown_path(path)} ended without context.run_migrations(): nothing was done; call it")
        for joined in self._joined:
            joined.check(path)

    def _leaving_nothing(self) -> AbstractContextManager[None]:
        """Return what removes an empty database that a failed command has made by connecting."""
        try:
            url = sa.make_url(self.config.url)
        except (SchemadiffError, sa.exc.ArgumentError, ValueError):
            return nullcontext()  # env.py has a URL of its own, or will say what is wrong with this one
        return backend_class(url.get_backend_name()).leaving_nothing(url)

    @staticmethod
    def _placed(error: SchemadiffError, path: Path) -> SchemadiffError:
        """Return an error of ours; one about a call in env.py with the place of the call. Others name their own place."""
        if not str(error).startswith("context."):
            return error
        return type(error)(f"{_place(error, path)}: {error}").with_traceback(error.__traceback__)

    def _explained(self, error: BaseException, path: Path) -> SchemadiffError:
        """Return the error of ours for what came out of env.py."""
        ours = connection_error(error) if self._ran == 0 else None
        if ours is not None:
            return ours
        if isinstance(error, ModuleNotFoundError) and _raised_by_sqlalchemy(error):
            return ConfigError(f"the url needs a driver that is not installed: {error}; pip install it")
        if isinstance(error, sa.exc.DBAPIError):
            reason = " ".join(str(error.orig).split())
            return MigrationFailed(f"{_place(error, path)}: the database refused a statement: {reason}")
        return ConfigError(f"{_place(error, path)}: {one_line(error)}")


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


@contextmanager
def _restored_path() -> Iterator[None]:
    """Restore ``sys.path`` at the end."""
    before = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = before


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


def _place(error: BaseException, path: Path) -> str:
    """Return ``file:line`` of an error in env.py: the line of env.py that it came through, the innermost one."""
    file = os.path.abspath(path)
    if isinstance(error, SyntaxError) and error.filename:
        return f"{shown_path(error.filename)}:{error.lineno or 1}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{shown_path(path)}:{lines[-1]}" if lines else shown_path(path)


def _innermost(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{shown_path(frame.filename)}:{frame.lineno}"


_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def _is_users(error: BaseException) -> bool:
    """Return True where an error arose in code of the project: in a hook that the comparison called."""
    file = traceback.extract_tb(error.__traceback__)[-1].filename
    return not file.startswith((_OURS, "<")) and not any(file.startswith(f"{folder}{os.sep}") for folder in _INSTALLED)


_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def _raised_by_sqlalchemy(error: BaseException) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and f"{os.sep}sqlalchemy{os.sep}" in frames[-1].filename
