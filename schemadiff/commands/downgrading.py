"""Whether every downgrade takes back what its upgrade did: step by step, on scratch databases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Literal

from schemadiff.commands.migrating import steps_of
from schemadiff.commands.replaying import quietly, refuse_outside
from schemadiff.commands.scratch import scratch_project
from schemadiff.commands.several import OfDatabase, collected
from schemadiff.commands.shared import load, run_environment
from schemadiff.config import Config
from schemadiff.errors import UnsupportedOperation
from schemadiff.frozen import dataclass
from schemadiff.revisions.header import Revision

if TYPE_CHECKING:
    from schemadiff.operations import Operation
    from schemadiff.revisions.graph import RevisionGraph
    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.runtime.steps import Direction, Progress
    from schemadiff.schema import Schema

__all__ = ["Downgraded", "Trace", "check_downgrades"]


@dataclass(frozen=True, slots=True)
class Trace:
    """What a revision has left behind, or taken along.

    Args:
        revision: the revision.
        after: what it is seen after: its downgrade, by what was there before its upgrade; or its second upgrade, by the first.
        operations: how what is there differs from what should be, as the operations that would lead there.
        others: what else differs (views, triggers and the like), by name.
    """

    revision: Revision
    after: Literal["downgrade", "second upgrade"]
    operations: tuple[Operation, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Downgraded(OfDatabase):
    """What :func:`check_downgrades` did on one database.

    Args:
        revisions: the revisions that were run, taken back and run again.
        trace: what the last one of them left; None where none has left anything.
    """

    revisions: tuple[Revision, ...]
    trace: Trace | None = None


def check_downgrades(
    config: Config,
    *,
    scratch: str | None = None,
    irreversible: Collection[str] = (),
    progress: Progress | None = None,
) -> Downgraded:
    """Run each revision on a scratch database, take it back, and run it again; the schema is looked at after each.

    It ends at the first revision that leaves a trace. Of several databases, the first one that has such is returned.

    Args:
        config: the settings.
        scratch: where the scratch databases are made; see :func:`schemadiff.commands.scratch.scratch_project`.
        irreversible: revisions that are not taken back.
        progress: is told of each revision.

    Raises:
        RevisionError: one of ``irreversible`` is no revision.
        ConfigError: there can be no scratch database, or something is named outside of it.
        BrokenRevision: a revision cannot be imported or run.
        MigrationFailed: the scratch database refused a statement.
    """
    graph = load(config)
    kept = frozenset(each.id for symbol in irreversible for each in graph.resolve(symbol))
    found: list[Downgraded] = []
    with scratch_project(config, scratch) as project:

        def work(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
            refuse_outside(context, project)
            assert context.connection is not None
            with context.backend.within(context.connection):
                found.append(_Walk(context, graph, arguments).walked(kept, progress))

        with quietly():
            run_environment(project, work)
    return collected(found, next((each for each in found if each.trace), found[0]))


class _Walk:
    """The way through all revisions on one database."""

    def __init__(self, context: MigrationContext, graph: RevisionGraph, arguments: Mapping[str, Any]) -> None:
        self._context = context
        self._graph = graph
        self._arguments = arguments

    def walked(self, kept: Collection[str], progress: Progress | None) -> Downgraded:
        """Go all the way, and say what was done; ``kept`` are the revisions that are not taken back."""
        name = self._context.options.engine_name
        done: list[Revision] = []
        there = self._schema()
        for revision in self._graph.order:
            if progress is not None:
                progress(len(done), len(self._graph.order), revision.id)
            self._run(revision, "upgrade")
            done.append(revision)
            built = self._schema()
            if revision.id not in kept:
                self._run(revision, "downgrade")
                trace = self._trace(revision, "downgrade", there, self._schema())
                if trace is None:
                    self._run(revision, "upgrade")
                    trace = self._trace(revision, "second upgrade", built, self._schema())
                if trace is not None:
                    return Downgraded(tuple(done), trace, database=name)
            there = built
        return Downgraded(tuple(done), database=name)

    def _run(self, revision: Revision, direction: Direction) -> None:
        following = self._graph.after_upgrade if direction == "upgrade" else self._graph.after_downgrade
        steps = steps_of(direction, (revision,), self._context.get_current_heads(), following)
        self._context.run(steps, arguments=self._arguments)

    def _schema(self) -> Schema:
        from schemadiff.backends import connected_backend
        from schemadiff.reflection.database import all_schemas, read
        from schemadiff.runtime.own import own_names

        connection = self._context.connection
        assert connection is not None
        with self._context.reading():
            # A revision may have changed what the server says of itself: the schema that is the default one.
            backend = connected_backend(connection)
            schemas = all_schemas(connection) if backend.schemas_within else ()
            return read(connection, backend, (None, *schemas), ignore=own_names(self._context))

    def _trace(
        self, revision: Revision, after: Literal["downgrade", "second upgrade"], wanted: Schema, found: Schema
    ) -> Trace | None:
        from schemadiff.api import compare_with_judge
        from schemadiff.comparison import differing

        backend, connection = self._context.backend, self._context.connection
        others = differing(wanted, found, backend)
        if wanted == found and not others:
            return None
        with self._context.reading():
            try:
                operations = compare_with_judge(wanted, found, backend, connection).upgrade
                # A type that nothing uses is nobody's to drop, but it may be missing.
                back = compare_with_judge(found, wanted, backend, connection)
            except UnsupportedOperation as error:
                return Trace(revision, after, (), (str(error),))
        if not (operations or back or others):
            return None
        return Trace(revision, after, operations or back.downgrade, others)
