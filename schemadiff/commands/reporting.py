"""What people look at: a page about a difference, and a diagram of a schema. Nothing is changed, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from schemadiff.commands.comparing import Compared, diff
from schemadiff.commands.snapshots import snapshot
from schemadiff.config import Config
from schemadiff.errors import SchemadiffError, mask_passwords

if TYPE_CHECKING:
    from schemadiff.backends import Backend
    from schemadiff.operations import Operation
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

    compared = diff(config, source, target, progress=progress)
    names = [
        mask_passwords(each) if each is not None else own for each, own in ((source, "database"), (target, "models"))
    ]
    html = page([_section(each, config) for each in compared.databases], *names)
    return Reported(html, compared)


def _section(compared: Compared, config: Config | None) -> Section:
    from schemadiff.rendering.hazards import hazards
    from schemadiff.rendering.report import Section

    difference = compared.diff
    backend = difference.backend
    return Section(
        difference.source,
        difference.target,
        difference.upgrade,
        _said(lambda: _script(difference.upgrade, backend), "--"),
        _said(lambda: _script(difference.downgrade, backend), "--"),
        _said(lambda: _python(compared, config), "#"),
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


def _script(operations: Iterable[Operation], backend: Backend) -> str:
    from schemadiff.runtime.executor import Offline
    from schemadiff.runtime.script import Script
    from schemadiff.runtime.site import Site

    script = Script(backend)
    with script.transaction(backend.begin_script, backend.commit_script):
        Offline(Site(backend), script.statement).invoke_all(tuple(operations))
    return script.text()


def _python(compared: Compared, config: Config | None) -> str:
    from schemadiff.api import render

    rendered = render(compared.diff)
    bodies = (("upgrade", rendered.upgrade), ("downgrade", rendered.downgrade))
    functions = [f"def {name}() -> None:\n{body.rstrip()}" for name, body in bodies]
    return "\n\n\n".join(["\n".join(rendered.imports), *functions]).lstrip() + "\n"


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
