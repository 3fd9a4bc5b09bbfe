"""The library: reflect, diff, render, apply, record. Everything that the command line does is done through these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect, Engine

from schemadiff.backends import Backend, Question, Verdict, backend_for, backend_of, connected_backend, same_kind
from schemadiff.collector import paused_collector
from schemadiff.comparison import Diff, Evidence, compare, differing
from schemadiff.comparison.rules import DEFAULT_RULES, Rules
from schemadiff.errors import ConfigError, ConnectionFailed, ModelError, UnsupportedOperation
from schemadiff.operations import Operation
from schemadiff.reflection.database import read
from schemadiff.reflection.filters import Filters, IncludeName, IncludeObject
from schemadiff.reflection.metadata import lower
from schemadiff.revisions.directory import load_function
from schemadiff.revisions.header import read_revision
from schemadiff.runtime.connecting import connecting
from schemadiff.runtime.executor import Online, Recording, activate
from schemadiff.runtime.site import Site
from schemadiff.schema import Name, Schema, Server

if TYPE_CHECKING:
    from schemadiff.rendering.context import RenderOptions
    from schemadiff.rendering.python import Rendered

__all__ = ["apply", "connect", "diff", "from_metadata", "record", "reflect", "render"]

Side = Connection | Engine | str | sa.URL | sa.MetaData | Sequence[sa.MetaData] | Schema
"""What can be compared: a live database, models, or a schema as plain data."""


def reflect(
    connection: Connection | Engine | str | sa.URL,
    *,
    schemas: Iterable[str | None] | None = None,
    include: IncludeName | None = None,
) -> Schema:
    """Return the schema of a live database.

    Args:
        connection: a connection (left in a transaction only where it was in one), an engine or a URL.
        schemas: the schemas to read, None among them for the default one; the default one alone where nothing is given.
        include: ``include(name, type_, parent_names)`` says which names to read.

    Raises:
        ConnectionFailed: the database cannot be reached, or its catalog cannot be read.
    """
    with connect(connection) as live:
        wanted = schemas if schemas is not None else (None,)
        return _read(live, connected_backend(live), wanted, Filters(include_name=include))


def from_metadata(metadata: sa.MetaData | Sequence[sa.MetaData], dialect: Dialect | str) -> Schema:
    """Return what ``create_all()`` of ``metadata`` would make on ``dialect``, without a connection.

    Args:
        metadata: one MetaData, or several that have no table in common.
        dialect: a SQLAlchemy dialect, or the name of one ("postgresql").

    Raises:
        ModelError: the model cannot be lowered for the dialect.
    """
    return lower(metadata, backend_for(_dialect(dialect)))


def diff(
    source: Side,
    target: Side,
    *,
    schemas: Iterable[str | None] = (),
    include_name: IncludeName | None = None,
    include_object: IncludeObject | None = None,
    ignore: Iterable[Name] = (),
    rules: Rules = DEFAULT_RULES,
    judge: bool = True,
) -> Diff:
    """Return the operations that turn ``source`` into ``target``.

    At least one side decides which database both are compared as: a connection, an engine, a URL or a Schema. Read of a database are
    its default schema, the schemas that the other side names, and ``schemas``; nothing else is read or dropped.

    Args:
        source: what is there.
        target: what shall be there.
        schemas: further schemas to compare.
        include_name, include_object: filters, with the arguments that Alembic's users know.
        ignore: tables of a database, or of a Schema, to leave alone: the version table, and those beside it.
        rules: what the user says of types and server defaults.
        judge: ask the server which expressions are equal, where tokens cannot tell. Without it (and without a connection) what the backend
            knows of its database's grammar and types tells which surely are, and tokens decide the others.

    Raises:
        ConnectionFailed: a database cannot be reached.
        ModelError: a model cannot be lowered.
        ConfigError: neither side says which database is meant, or the two are of different databases.
        UnsupportedOperation: a view, trigger or the like that is not the model's uses what the diff drops; the message names it.
    """
    filters = Filters(include_name, include_object)
    with _opened(source) as left, _opened(target) as right:
        backend = _backend(left, right)
        wanted = {None, *schemas, *_named_schemas(left, backend), *_named_schemas(right, backend)}
        ignored = tuple(ignore)
        before = _schema(left, backend, wanted, filters, ignored)
        after = _schema(right, backend, wanted, filters, ignored)
        before, after = filters.by_object(before, after, backend)
        live = next((side for side in (left, right) if isinstance(side, Connection)), None)
        unasked = "no connection" if judge else "judge=False"
        return compare_with_judge(before, after, backend, live if judge else None, rules, unasked)


def compare_with_judge(
    before: Schema,
    after: Schema,
    backend: Backend,
    connection: Connection | None,
    rules: Rules = DEFAULT_RULES,
    unasked: str = "no connection",
) -> Diff:
    """Compare two schemas, and ask the server at ``connection`` about the expressions that differ as tokens.

    What it does not answer is left to what the backend knows without it, and then to tokens. Where there is no connection, ``unasked`` says why.

    Raises:
        UnsupportedOperation: something in the way of a change can be neither taken off nor kept; the message names it.
    """
    with paused_collector():
        comparison = compare(before, after, backend, rules=rules)
    verdict = Verdict()
    if comparison.questions:
        if connection is not None:
            verdict = backend.judge(connection, comparison.questions, before, after)
        verdict = _completed(verdict, comparison.questions, before, after, backend)
        comparison = compare(before, after, backend, verdict.equal, rules)
    refused = comparison.refused
    if not refused and connection is not None and not after.complete:
        refused = backend.unfit(connection, comparison.operations, before, after)
    if refused:
        raise UnsupportedOperation("; ".join(refused))
    warnings = [] if verdict.warning is None else [verdict.warning]
    if before.complete and after.complete:
        alone = differing(before, after, backend)
        if alone:
            warnings.append(f"not compared, but for what is in the way of a change; they differ: {', '.join(alone)}")
    elif compared := sorted(str(name) for name in after.views.keys() & before.dependants.keys()):
        warnings.append(f"the queries of views are not compared: {', '.join(compared)}")
    why = unasked if connection is None else backend.without_judge
    return Diff(
        before, after, comparison.operations, backend, tuple(warnings), Evidence(verdict, comparison.ruled, why)
    )


def _completed(
    verdict: Verdict, questions: Sequence[Question], before: Schema, after: Schema, backend: Backend
) -> Verdict:
    """Return a verdict with what the backend knows by itself of questions that the server has not answered.

    Where nothing is left open, there is nothing to warn of.
    """
    answered = verdict.equal
    open_ = [question for question in questions if question not in answered]
    if not open_:
        return verdict
    found = backend.answers_without_server(open_, before, after)
    warning = verdict.warning if len(found) < len(open_) else None
    return Verdict({**verdict.answers, **found}, warning)


def apply(connection: Connection, operations: Iterable[Operation]) -> None:
    """Carry operations out, in the caller's transaction.

    Args:
        connection: a connection; where it is in no transaction, SQLAlchemy begins one, which the caller commits.
        operations: the operations, in order: ``diff.upgrade``, or what :func:`record` gave.

    Raises:
        MigrationFailed: the database refused one of them.
        UnsupportedOperation: the database cannot do one of them, or not inside a transaction.
    """
    backend = connected_backend(connection)
    todo = tuple(operations)
    backend.prepare(connection, todo)
    Online(Site(backend), connection).invoke_all(todo)


def render(difference: Diff, options: RenderOptions | None = None) -> Rendered:
    """Return a diff as Python: the bodies of ``upgrade()`` and ``downgrade()``, and the imports that they need.

    Args:
        difference: the diff.
        options: the project's black, and a hook that renders types in its own way.

    Raises:
        UnrenderableType: a type has no Python form that we know; the message names the column.
        IrreversibleError: an operation that a hook put in cannot be taken back.
    """
    from schemadiff.rendering.context import RenderOptions
    from schemadiff.rendering.python import render as render_python

    if options is None:
        options = RenderOptions(naming_convention=_naming_convention(difference))
    with paused_collector():
        return render_python(difference.upgrade, difference.downgrade, difference.backend, options)


def _naming_convention(difference: Diff) -> Mapping[Any, Any]:
    """Return the naming convention of the models that a diff is about; an empty one where there are no models."""
    for side in (difference.target, difference.source):
        for table in side.tables.values():
            if isinstance(table.origin, sa.Table):
                return table.origin.metadata.naming_convention
    return {}


def record(revision: Callable[[], object] | ModuleType | str | Path, dialect: Dialect | str) -> tuple[Operation, ...]:
    """Return the operations that a revision would carry out, without a database.

    Args:
        revision: a function that calls ``op``, or a revision whose ``upgrade()`` is meant: its module, or the path of its file.
        dialect: the dialect that it is recorded for, or its name.

    Raises:
        NotRecordable: the revision asks the database for something.
        BrokenRevision: the file cannot be imported.
    """
    if isinstance(revision, (str, Path)):
        revision = load_function(read_revision(Path(revision)), "upgrade")
    function = revision.upgrade if isinstance(revision, ModuleType) else revision
    recording = Recording(Site(backend_for(_dialect(dialect))))
    with activate(recording):
        function()
    return tuple(recording.operations)


@contextmanager
def connect(where: Connection | Engine | str | sa.URL) -> Iterator[Connection]:
    """Give a connection to ``where``; one that was given is left open, and in no transaction where it was in none.

    Raises:
        ConfigError: the URL is none.
        ConnectionFailed: the database is unknown or refuses the connection. The password is masked.
    """
    if isinstance(where, Connection):
        was = where.in_transaction()
        try:
            yield where
        finally:
            if not was and where.in_transaction():
                where.rollback()
        return
    with connecting():
        engine = where if isinstance(where, Engine) else sa.create_engine(where, poolclass=sa.pool.NullPool)
        connection = engine.connect()
    try:
        with connection:
            yield connection
    finally:
        if engine is not where:
            engine.dispose()


# -- the two sides of a diff

_Opened = Connection | Schema | tuple[sa.MetaData, ...]


@contextmanager
def _opened(side: Side) -> Iterator[_Opened]:
    if isinstance(side, sa.MetaData):
        yield (side,)
    elif isinstance(side, Schema):
        yield side
    elif isinstance(side, (Connection, Engine, str, sa.URL)):
        with connect(side) as connection:
            yield connection
    else:
        yield tuple(side)


def _backend(left: _Opened, right: _Opened) -> Backend:
    sides = sorted((left, right), key=lambda side: not isinstance(side, Connection))
    first = sides[0] if isinstance(sides[0], (Connection, Schema)) else sides[1]
    if isinstance(first, Connection):
        backend = connected_backend(first)
    elif isinstance(first, Schema):
        backend = _backend_of(first.server)
    else:
        raise ConfigError(
            "two MetaDatas say nothing of a database; lower one with schemadiff.from_metadata(metadata, dialect)"
        )
    for side in (left, right):
        name = (
            side.dialect.name
            if isinstance(side, Connection)
            else side.server.dialect
            if isinstance(side, Schema)
            else None
        )
        if name is not None and not same_kind(name, backend.dialect.name):
            raise ConfigError(f"{name} and {backend.dialect.name} cannot be compared; compare databases of one kind")
    return backend


def _named_schemas(side: _Opened, backend: Backend) -> frozenset[str | None]:
    if isinstance(side, Connection):
        return frozenset()
    if isinstance(side, Schema):
        return frozenset(name.schema for name in side.tables) | side.schemas
    return frozenset(table.schema for metadata in side for table in metadata.tables.values())


def _schema(
    side: _Opened, backend: Backend, schemas: set[str | None], filters: Filters, ignore: tuple[Name, ...]
) -> Schema:
    if isinstance(side, Schema):
        tables = {name: table for name, table in side.tables.items() if name not in ignore}
        return filters.by_name(replace(side, tables=tables))
    if isinstance(side, Connection):
        return _read(side, backend, schemas, filters, ignore)
    return filters.by_name(lower(side, backend))


def _read(
    connection: Connection,
    backend: Backend,
    schemas: Iterable[str | None],
    filters: Filters,
    ignore: tuple[Name, ...] = (),
) -> Schema:
    try:
        return read(connection, backend, schemas, filters=filters, ignore=ignore)
    except sa.exc.DBAPIError as error:
        raise ConnectionFailed(f"cannot read the catalog: {' '.join(str(error.orig).split())}") from error


def _backend_of(server: Server) -> Backend:
    with _installed(server.dialect):
        return backend_of(server)


def _dialect(dialect: Dialect | str) -> Dialect:
    if not isinstance(dialect, str):
        return dialect
    with _installed(dialect):
        return sa.make_url(f"{dialect}://").get_dialect()()


@contextmanager
def _installed(dialect: str) -> Iterator[None]:
    try:
        yield
    except (sa.exc.NoSuchModuleError, sa.exc.ArgumentError) as error:
        raise ModelError(f"there is no dialect {dialect!r}; install it, or give one that SQLAlchemy has") from error
