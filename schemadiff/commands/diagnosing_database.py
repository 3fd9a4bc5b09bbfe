"""What ``schemadiff doctor`` asks of env.py and of the databases that it connects to."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemadiff.backends import backend_class, connected_backend
from schemadiff.backends.rights import Right, Use
from schemadiff.commands.checksums import edited_since
from schemadiff.commands.diagnosing import Line, Status, extras, failure, masked, probed, version_of
from schemadiff.commands.shared import half_done, load, named, run_environment
from schemadiff.config import Config
from schemadiff.errors import SchemadiffError
from schemadiff.revisions.naming import shown_path

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from schemadiff.runtime.migration import MigrationContext

__all__ = ["database_lines"]

_SLOW = 1.0


def database_lines(config: Config) -> Iterator[Line]:
    """Yield whether env.py runs, whether the drivers are there, and what the databases are like; where env.py does not get that far, whether
    the url can be reached.
    """
    urls = dict(_urls(config))
    lines = {name: list(probed(_section(name), "driver", partial(_driver, url, name))) for name, url in urls.items()}
    missing = {name for name, found in lines.items() if any(line.status == "problem" for line in found)}

    def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        name = context.options.engine_name
        reached.add(name)
        lines.setdefault(name, []).extend(_of_context(context, config, _section(name), times[-1:]))

    reached: set[str | None] = set()
    try:
        with _leaving_nothing(config), _connect_times() as times:
            run_environment(config, work, keep=False)
    except _Done:
        yield Line("env.py", "env.py", "ok", f"{shown_path(config.env_file)} runs")
    except Exception as error:
        yield failure("env.py", "env.py", error)
        for name, url in urls.items():
            if name not in reached | missing:
                lines[name] += probed(_section(name), "connection", partial(_reached, url, _section(name)))
    for found in lines.values():
        yield from found


def _section(database: str | None) -> str:
    return "database" if database is None else f"database {database}"


def _urls(config: Config) -> Iterator[tuple[str | None, sa.URL]]:
    """Yield the databases of the settings whose urls can be read; what is wrong with another one is said elsewhere."""
    of: list[tuple[str | None, Config]] = [(name, config.database(name)) for name in config.databases]
    for name, each in of or [(None, config)]:
        with suppress(SchemadiffError, sa.exc.ArgumentError, ValueError):
            yield name, sa.make_url(each.url)


class _Done(Exception):
    """All was looked at; what connecting has made is taken back."""


@contextmanager
def _leaving_nothing(config: Config) -> Iterator[None]:
    with ExitStack() as stack:
        for _, url in _urls(config):
            stack.enter_context(backend_class(url.get_backend_name()).leaving_nothing(url))
        yield
        raise _Done


@contextmanager
def _connect_times() -> Iterator[list[float]]:
    """Collect the seconds that each new connection takes, whoever makes it."""
    started: list[float] = []
    times: list[float] = []

    def begin(*_: object) -> None:
        started.append(time.perf_counter())

    def end(*_: object) -> None:
        if started:
            times.append(time.perf_counter() - started.pop())

    sa.event.listen(sa.engine.Engine, "do_connect", begin)
    sa.event.listen(sa.engine.Engine, "connect", end)
    try:
        yield times
    finally:
        sa.event.remove(sa.engine.Engine, "do_connect", begin)
        sa.event.remove(sa.engine.Engine, "connect", end)


def _driver(url: sa.URL, name: str | None) -> Iterator[Line]:
    try:
        module = url.get_dialect().import_dbapi()
    except ImportError as error:
        missing = error.name or url.get_driver_name()
        extra = next((extra for extra, brings in extras().items() if missing.replace("_", "-") in brings), None)
        advice = "install it" if extra is None else f"pip install 'schemadiff[{extra}]'"
        said = f"{missing} is not installed"
        yield Line(_section(name), "driver", "problem", said, f"{advice}, or name another driver in the url")
        return
    version = version_of(url.get_driver_name()) or getattr(module, "sqlite_version", None)
    yield Line(_section(name), "driver", "ok", f"{url.drivername}{'' if version is None else f' ({version})'}")


def _reached(url: sa.URL, section: str) -> Iterator[Line]:
    """Connect to a url directly, where env.py did not."""
    from schemadiff.api import connect

    if url.get_dialect().is_async:
        yield Line(
            section, "connection", "warning", "was not tried: the driver is asynchronous, and env.py does not run"
        )
        return
    with ExitStack() as stack:
        times = stack.enter_context(_connect_times())
        stack.enter_context(suppress(_Done))
        stack.enter_context(backend_class(url.get_backend_name()).leaving_nothing(url))
        connection = stack.enter_context(connect(url))
        yield from _of_connection(connection, section, times[-1:])
        raise _Done


# -- one database


def _of_context(context: MigrationContext, config: Config, section: str, times: list[float]) -> Iterator[Line]:
    connection = context.connection
    if connection is None:
        return
    yield from _of_connection(connection, section, times)
    for name, probe in (("target", _target), ("version table", _standing)):
        yield from probed(section, name, partial(probe, context, config, section))
        _ended(connection)


def _ended(connection: Connection) -> None:
    """End a transaction that a failed statement has left, so that the next probe can ask."""
    with suppress(Exception):
        connection.rollback()


def _of_connection(connection: Connection, section: str, times: list[float]) -> Iterator[Line]:
    took = times[-1] if times else None
    status: Status = "ok" if took is None or took < _SLOW else "warning"
    said = masked(connection.engine.url.render_as_string(hide_password=True))
    yield Line(
        section,
        "connection",
        status,
        said if took is None else f"{said}, in {took * 1000:.0f} ms",
        "" if status == "ok" else "each command waits so long: look at the network, and at the server's name lookup",
    )
    yield from probed(section, "server", lambda: _server(connection, section))
    yield from probed(section, "rights", lambda: _rights(connection, section))


def _server(connection: Connection, section: str) -> Iterator[Line]:
    backend = connected_backend(connection)
    version = ".".join(map(str, backend.server.version))
    yield Line(section, "server", "ok", f"{backend.title} {version}".strip())


_NEEDED_FOR: Mapping[Use, tuple[Status, str]] = {
    "tables": ("problem", "schemadiff upgrade needs it"),
    "temporary tables": ("warning", "without it the server is not asked which expressions are equal"),
    "databases": ("warning", "check --from-revisions needs it, or another server where it may"),
}


def _rights(connection: Connection, section: str) -> Iterator[Line]:
    for right in connected_backend(connection).rights(connection):
        yield _right(right, section)


def _right(right: Right, section: str) -> Line:
    name = f"may create {right.use}"
    status, why = _NEEDED_FOR[right.use]
    if right.granted:
        return Line(section, name, "ok", "yes")
    if right.granted is None:
        return Line(section, name, "warning", masked(f"not known: {right.missing}"), why)
    return Line(section, name, status, masked(f"no: {right.missing}"), why)


def _target(context: MigrationContext, config: Config, section: str) -> Iterator[Line]:
    target = context.options.target_metadata
    metadatas = [target] if isinstance(target, sa.MetaData) else list(target or ())
    if not metadatas:
        advice = 'set target in the settings to "package.module:Base", or target_metadata in env.py'
        yield Line(section, "target", "problem", f"{shown_path(config.env_file)} names no MetaData", advice)
        return
    number = sum(len(each.tables) for each in metadatas)
    if number == 0:
        advice = "name the module that imports all models, not only that of the base"
        yield Line(section, "target", "warning", "the MetaData has no tables", advice)
    else:
        yield Line(section, "target", "ok", "1 table" if number == 1 else f"{number} tables")


def _standing(context: MigrationContext, config: Config, section: str) -> Iterator[Line]:
    graph = load(config)
    standing = context.get_current_heads()
    half = half_done(context)
    edited = edited_since(context, graph, standing)
    unknown = [each for each in standing if each not in graph]
    if half is not None:
        yield Line(section, "version table", "problem", str(half), "run schemadiff current, which tells the ways out")
    elif unknown:
        said = f"stands at {named(unknown)}, which no file has"
        yield Line(
            section, "version table", "problem", said, "bring the file back, or run schemadiff stamp --purge REVISION"
        )
    elif graph.at_heads(standing):
        yield Line(section, "version table", "ok", f"stands at {named(standing)}, and all revisions have run")
    else:
        missing = len(graph.nodes) - len(graph.applied(standing))
        said = f"stands at {named(standing)}; {missing} of {len(graph.nodes)} revisions have not run"
        yield Line(section, "version table", "warning", said, "run schemadiff upgrade")
    for each in edited:
        advice = "undo that, or accept it with schemadiff stamp --update-checksums"
        yield Line(section, "version table", "warning", f"{shown_path(each.path)} was edited since it ran", advice)
