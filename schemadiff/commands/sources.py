"""What can be compared beside the project's own database and models: another database, other models, a snapshot.

The project's env.py runs all the same, for its filters and hooks: on the other database where that is the source, and as for a script of SQL,
without any connection, where the source is none.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

from schemadiff.commands.shared import if_readable, run_environment
from schemadiff.config import Config
from schemadiff.errors import ConfigError, ConnectionFailed, SnapshotError
from schemadiff.frozen import dataclass
from schemadiff.revisions.graph import RevisionGraph
from schemadiff.revisions.naming import shown_path

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection

    from schemadiff.runtime.migration import MigrationContext
    from schemadiff.schema import Schema

__all__ = [
    "OWN",
    "Database",
    "Models",
    "Saved",
    "Side",
    "Sides",
    "awaiting",
    "opened",
    "outside_of_project",
    "refuse_missing",
    "run_on",
    "run_on_one",
    "side",
    "sides",
    "standing_of",
    "standing_of_any",
    "url_of_dialect",
]


@dataclass(frozen=True, slots=True)
class Database:
    """A live database.

    Args:
        url: its URL.
    """

    url: sa.URL

    @property
    def dialect(self) -> str:
        """The name of its dialect."""
        return self.url.get_backend_name()

    @property
    def is_asynchronous(self) -> bool:
        """Its driver is."""
        return bool(self.url.get_dialect().is_async)

    @property
    def without_place(self) -> str:
        """A URL that names its dialect and driver, and no database."""
        return f"{self.url.drivername}://"


@dataclass(frozen=True, slots=True)
class Models:
    """Models, which are imported when they are needed.

    Args:
        target: ``package.module:Base``, as in the settings.
    """

    target: str

    def load(self) -> tuple[sa.MetaData, ...]:
        """Import them.

        Raises:
            TargetError: they cannot be imported, or are no MetaData.
        """
        from schemadiff.config.target import load_metadata

        return load_metadata([self.target], "the command line")


@dataclass(frozen=True, slots=True)
class Saved:
    """A snapshot.

    Args:
        path: its file.
        schema: what it holds.
        revisions: the revisions that its database stood at; None where it does not say.
    """

    path: Path
    schema: Schema
    revisions: tuple[str, ...] | None

    @property
    def dialect(self) -> str:
        """The name of its dialect."""
        return self.schema.server.dialect

    @property
    def without_place(self) -> str:
        """A URL that names its dialect, and no database."""
        return f"{self.dialect}://"


Found = TypeVar("Found")

Side = Database | Models | Saved
"""One side of a comparison, where it is not the project's own."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What a command compares.

    Args:
        source: what is there; None for the project's own database.
        target: what shall be there; None for the project's own models.
    """

    source: Side | None = None
    target: Side | None = None

    @property
    def dialect(self) -> str | None:
        """The dialect that both are compared in, where one of them says it."""
        return next((each.dialect for each in (self.source, self.target) if isinstance(each, Database | Saved)), None)

    @property
    def subject(self) -> str:
        """What messages call the source."""
        match self.source:
            case None:
                return "the database"
            case Database(url=url):
                return f"the database {url.render_as_string()}"
            case Saved(path=path):
                return f"the snapshot {shown_path(path)}"
            case Models(target=target):
                return f"the model {target}"


OWN = Sides()
"""The project's own database and its own models."""

_MODELS = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
_DIALECT = re.compile(r"[a-z][a-z0-9_]*")


def side(text: str) -> Side:
    """Return what a text of the command line means: a URL, the file of a snapshot, or ``package.module:Base``.

    Args:
        text: the text.

    Raises:
        ConfigError: it is none of these, or a URL that cannot be read.
        SnapshotError: the file is no snapshot, or cannot be read.
    """
    if "://" in text:
        return Database(_url(text))
    if text.casefold().endswith(".json") or os.path.isfile(text):
        return _saved(Path(text))
    if _MODELS.fullmatch(text):
        return Models(text)
    raise ConfigError(
        f"{text!r} is no URL of a database, no file of a snapshot and no 'package.module:Base': write one of these, such as "
        "'sqlite:///app.db' or 'schema.json'"
    )


def sides(source: str | None, target: str | None) -> Sides:
    """Return what is compared with what.

    Args:
        source, target: texts of the command line, see :func:`side`; None for the project's own.

    Raises:
        ConfigError: one of them means nothing, or they are of different kinds of databases.
        SnapshotError: one of them is a file, and no snapshot.
    """
    from schemadiff.backends import same_kind

    found = Sides(None if source is None else side(source), None if target is None else side(target))
    left, right = (
        each.dialect if isinstance(each, Database | Saved) else None for each in (found.source, found.target)
    )
    if left is not None and right is not None and not same_kind(left, right):
        raise ConfigError(
            f"{left} and {right} cannot be compared, SOURCE {source} and TARGET {target}: name databases of one kind"
        )
    return found


def _url(text: str) -> sa.URL:
    import sqlalchemy as sa

    from schemadiff.runtime.connecting import connecting

    with connecting():
        url = sa.make_url(text)
        url.get_dialect()
    return url


def _saved(path: Path) -> Saved:
    from schemadiff.schema.snapshot import parse

    try:
        found = parse(path.read_text(encoding="utf-8"))
        _check_dialect(found.schema.server.dialect)
    except OSError as error:
        raise SnapshotError(f"{shown_path(path)} cannot be read: {error.strerror or error}: name a snapshot") from None
    except (UnicodeDecodeError, SnapshotError) as error:
        said = "it is no text in UTF-8" if isinstance(error, UnicodeDecodeError) else error
        raise SnapshotError(f"{shown_path(path)} is no snapshot: {said}") from None
    return Saved(path, found.schema, found.revisions)


def _check_dialect(name: str) -> None:
    """Refuse a dialect that is not there.

    Raises:
        SnapshotError: it is not installed.
    """
    try:
        url_of_dialect(name)
    except ConfigError:
        raise SnapshotError(f"it is of the dialect {name!r}, which is not installed here") from None


def url_of_dialect(name: str) -> str:
    """Return a URL that names a dialect, and no database.

    Args:
        name: the name. It may come from anybody, and is never taken for more than one.

    Raises:
        ConfigError: there is no such dialect.
    """
    import sqlalchemy as sa

    try:
        if _DIALECT.fullmatch(name):
            sa.make_url(f"{name}://").get_dialect()
            return f"{name}://"
    except (sa.exc.SQLAlchemyError, ImportError):
        pass
    raise ConfigError(
        f"there is no dialect {name!r}: install it, or name one such as postgresql, mysql, mariadb or sqlite"
    )


# -- running env.py for a comparison

Work = Callable[["MigrationContext", Mapping[str, Any]], None]


def run_on(config: Config, compared: Sides, work: Work) -> None:
    """Run env.py for a comparison. Nothing that is done to a database is kept.

    Args:
        config: the settings.
        compared: what is compared.
        work: compares; see :class:`~schemadiff.runtime.environment.Environment`.

    Raises:
        ConfigError: one side is given where the project has several databases, and none of them is chosen.
        SchemadiffError: what env.py or ``work`` raises.
    """
    if compared == OWN:
        run_environment(config, work, keep=False)
        return
    offline = None
    if isinstance(compared.source, Saved | Models):
        saying = (each for each in (compared.source, compared.target) if isinstance(each, Database | Saved))
        offline = next((each.without_place for each in saying), "")
    run_on_one(config, compared.source, work, offline=offline, about="SOURCE and TARGET are about one")


def run_on_one(config: Config, source: Side | None, work: Work, *, offline: str | None, about: str) -> None:
    """Run env.py for one database, also where the project has several. Nothing that is done to it is kept.

    Args:
        config: the settings.
        source: where env.py connects to, or what ``work`` reads in its place; None for the project's own database.
        work: is called once.
        offline: a URL without a place, for a run without a connection; empty for that of the project's own url. None for one with it.
        about: why it has to be one, for the messages.

    Raises:
        ConfigError: there are several databases, and none of them is chosen.
        SchemadiffError: what env.py or ``work`` raises.
    """
    name = _chosen(config, about)
    begun = 0

    def once(context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        nonlocal begun
        begun += 1
        if begun > 1:
            raise ConfigError(
                f"{shown_path(config.env_file)} configures several databases, and {about}: let it configure one alone, as that of the "
                "template multidb does with -x database=NAME"
            )
        work(context, arguments)

    if offline is not None:
        own = config if name is None else config.database(name)
        place = offline or Database(_url(own.url)).without_place
        standing = source.revisions if isinstance(source, Saved) else None
        run_environment(config.at({name: place}), once, keep=False, sql=True, starting=standing or ())
    elif isinstance(source, Database):
        refuse_missing(source.url)
        place = source.url.render_as_string(hide_password=False)
        run_environment(config.at({name: place}), once, keep=False)
    else:
        run_environment(config, once, keep=False)


def _chosen(config: Config, about: str) -> str | None:
    """Return which of several databases a command is about; None where there is one alone.

    Raises:
        ConfigError: there are several, and none of them is chosen.
    """
    if not config.databases:
        return None
    name = config.get_x_argument(as_dictionary=True).get("database")
    if name is None:
        raise ConfigError(
            f"the project has the databases {', '.join(config.databases)}, and {about}: choose it with -x database=NAME"
        )
    return name


@contextmanager
def outside_of_project() -> Iterator[None]:
    """Let models be imported from the working directory inside the block, where no project says from where."""
    from schemadiff.config.target import prepend_to_sys_path, restored_sys_path

    with restored_sys_path():
        prepend_to_sys_path([Path.cwd()])
        yield


def standing_of(context: MigrationContext, compared: Sides) -> tuple[str, ...] | None:
    """Return the revisions that the source stands at; None where that is not known, as of models.

    Args:
        context: the migration context.
        compared: what is compared.
    """
    match compared.source:
        case Saved(revisions=revisions):
            return revisions
        case Models():
            return None
        case _:
            return context.get_current_heads()


def standing_of_any(context: MigrationContext, compared: Sides, graph: RevisionGraph) -> tuple[str, ...] | None:
    """Return the same where the source may have nothing to do with the project.

    A database that was named may be anybody's: its version table counts where it names revisions of this project.

    Args:
        context: the migration context.
        compared: what is compared.
        graph: the project's revisions.
    """
    if not isinstance(compared.source, Database):
        return standing_of(context, compared)
    found = if_readable(context.get_current_heads, context.versions.name, "Where the source stands")
    return found if found and all(each in graph for each in found) else None


@contextmanager
def opened(one: Side) -> Iterator[Connection | Schema | Sequence[sa.MetaData]]:
    """Give one side as the library compares it; a database is connected to for the block.

    Raises:
        ConnectionFailed: the database cannot be reached.
        TargetError: the models cannot be imported.
    """
    from schemadiff.api import connect

    match one:
        case Database(url=url):
            refuse_missing(url)
            with connect(url) as connection:
                yield connection
        case Saved(schema=schema):
            yield schema
        case Models():
            yield one.load()
        case _:
            assert_never(one)


def awaiting(given: Iterable[Side | None], work: Callable[[], Found]) -> Found:
    """Call ``work``, which connects to sides by itself, and return what it returns. Asynchronous drivers are waited for.

    Args:
        given: what it connects to.
        work: the work.
    """
    from sqlalchemy.util import greenlet_spawn

    from schemadiff.runtime.loop import loop_runs

    # Where env.py has an asynchronous engine, it waits itself.
    if loop_runs() or not any(isinstance(each, Database) and each.is_asynchronous for each in given):
        return work()

    return asyncio.run(greenlet_spawn(work))


def refuse_missing(url: sa.URL) -> None:
    """Refuse a database that connecting would make: it was named to be compared.

    Raises:
        ConnectionFailed: it is not there.
    """
    from schemadiff.backends import backend_class

    if backend_class(url.get_backend_name()).is_missing(url):
        raise ConnectionFailed(f"there is no database {url.render_as_string()}: correct the URL")
