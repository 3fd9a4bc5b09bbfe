"""Whether env.py is where it was told to be: a command that is about another database must not work on the project's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from schemadiff.backends import backend_class
from schemadiff.config import Config
from schemadiff.errors import ConfigError
from schemadiff.revisions.naming import shown_path

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect

__all__ = ["refuse_elsewhere", "same_place"]


def refuse_elsewhere(config: Config, name: str | None, connection: Connection | None, dialect: Dialect) -> None:
    """Refuse an env.py that configures another database than the one that it was told to, where it was told one.

    Args:
        config: the settings, whose ``places`` say where it has to be.
        name: the database that it configures, where there are several.
        connection: its connection; None where it has none.
        dialect: its dialect.

    Raises:
        ConfigError: it is elsewhere, or at a database that nothing was said of.
    """
    if not config.places:
        return
    wanted_text = config.places.get(name, config.places.get(None))
    if wanted_text is None:
        known = ", ".join(str(each) for each in config.places)
        raise ConfigError(
            f"{shown_path(config.env_file)} configures the database {name!r}, and this command is about {known} alone: choose it "
            "with -x database=NAME where env.py is that of the template multidb"
        )
    wanted = sa.make_url(wanted_text)
    if connection is not None:
        same, shown = same_place(connection.engine.url, wanted), connection.engine.url.render_as_string()
    else:
        # Nothing is done there: only the dialect counts.
        same, shown = backend_class(dialect.name) is backend_class(wanted.get_backend_name()), dialect.name
    if not same:
        raise ConfigError(
            f"{shown_path(config.env_file)} works on {shown}, where it was told to work on {wanted.render_as_string()}: let it "
            "take the URL from context.config, as the one does that 'schemadiff init' writes"
        )


def same_place(one: sa.URL, other: sa.URL) -> bool:
    """Return whether two URLs name one database. Drivers, users and other arguments than the host do not count."""
    return _place(one) == _place(other)


def _place(url: sa.URL) -> tuple[object, ...]:
    backend = backend_class(url.get_backend_name())
    return (backend, *backend.place(url))
