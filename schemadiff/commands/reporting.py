"""What people look at: a page about a difference, and a diagram of a schema. Nothing is changed, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from schemadiff.commands.comparing import Compared, diff
from schemadiff.commands.snapshots import snapshot
from schemadiff.config import Config
from schemadiff.errors import IrreversibleError, SchemadiffError, UnrenderableType, mask_passwords
from schemadiff.frozen import dataclass

if TYPE_CHECKING:
    from schemadiff.rendering.report import Section
    from schemadiff.runtime.steps import Progress

__all__ = ["DiagramFormat", "Reported", "erd", "report"]

DiagramFormat = Literal["svg", "mermaid"]


@dataclass(frozen=True, slots=True)
class Reported:
    """A page about a difference.

    Args:
        html: the page, which needs nothing else.
        compared: what it is about.
    """

    html: str
    compared: Compared


def report(
    config: Config | None, source: str | None = None, target: str | None = None, *, progress: Progress | None = None
) -> Reported:
    """Compare, and tell of it on one page of HTML. Where the project has several databases, it tells of each.

    What cannot be said of a difference, such as the SQL of a step that the database cannot take, is said in its place.

    Args:
        config: the settings; None where there is no project.
        source, target: what is compared with what, as for :func:`schemadiff.commands.diff`.
        progress: is told of each step.

    Raises:
        SchemadiffError: as for :func:`schemadiff.commands.diff`.
    """
    from schemadiff.rendering.report import page

    unwritten = None
    try:
        compared = diff(config, source, target, code=True, progress=progress)
    except (UnrenderableType, IrreversibleError) as error:
        # It can be looked at all the same.
        compared, unwritten = diff(config, source, target, progress=progress), error
    names = [
        mask_passwords(each) if each is not None else own for each, own in ((source, "database"), (target, "models"))
    ]
    html = page([_section(each, unwritten) for each in compared.databases], *names)
    return Reported(html, compared)


def _section(compared: Compared, unwritten: SchemadiffError | None) -> Section:
    from schemadiff.rendering.hazards import hazards
    from schemadiff.rendering.report import Section
    from schemadiff.runtime.script import script_of

    difference = compared.diff
    backend = difference.backend
    return Section(
        difference.source,
        difference.target,
        difference.upgrade,
        _said(lambda: script_of(difference.upgrade, backend), "--"),
        _said(lambda: script_of(difference.downgrade, backend), "--"),
        _said(lambda: _python(compared, unwritten), "#"),
        hazards(difference.upgrade, backend),
        difference.warnings,
        compared.database,
    )


def _said(make: Callable[[], str], mark: str) -> str:
    """Return what ``make`` gives; where that cannot be, a comment that says why."""
    try:
        return make()
    except SchemadiffError as error:
        return f"{mark} {' '.join(str(error).split())}\n"


def _python(compared: Compared, unwritten: SchemadiffError | None) -> str:
    if compared.rendered is None:
        assert unwritten is not None
        raise unwritten
    return compared.rendered.source


def erd(
    config: Config | None,
    source: str | None = None,
    *,
    form: DiagramFormat = "svg",
    models: bool = False,
    dialect: str | None = None,
    progress: Progress | None = None,
) -> str:
    """Return the entity-relationship diagram of a schema.

    Args:
        config: the settings; None where there is no project.
        source: the URL of a database, ``package.module:Base``, or the file of a snapshot; None for the project's own database.
        form: how it is written.
        models: take the project's own models, and not its database.
        dialect: the dialect that models are lowered for; that of the project's url when None.
        progress: is told of each step.

    Raises:
        SchemadiffError: as for :func:`schemadiff.commands.snapshot`.
    """
    from schemadiff.rendering.diagram import diagram, mermaid, svg

    taken = snapshot(config, source, models=models, dialect=dialect, progress=progress)
    return {"svg": svg, "mermaid": mermaid}[form](diagram(taken.schema))
