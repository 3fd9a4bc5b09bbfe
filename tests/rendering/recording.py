"""What the tests of rendering share: the text of operations, and the operations of a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.engine import url

from schemadiff.backends import Backend, backend_for
from schemadiff.operations import Operation
from schemadiff.rendering import Rendered, RenderOptions, render
from schemadiff.runtime.executor import Recording, activate
from schemadiff.runtime.site import Site


def backend_of(dialect: str) -> Backend:
    """Return the backend of a dialect, with nobody at the other end."""
    return backend_for(url.make_url(f"{dialect}://").get_dialect()())


def text_of(
    operations: Operation | Iterable[Operation], dialect: str = "postgresql", options: RenderOptions | None = None
) -> str:
    """Return the body of ``upgrade()``, without its indentation."""
    several = [operations] if isinstance(operations, Operation) else operations
    rendered = render(several, (), backend_of(dialect), options)
    return "\n".join(line.removeprefix("    ") for line in rendered.upgrade.splitlines())


def run(rendered: Rendered, backend: Backend, convention: Mapping[str, Any] | None = None) -> tuple[Operation, ...]:
    """Return the operations that ``upgrade()`` of the text carries out."""
    source = "\n".join([*rendered.imports, "def upgrade():", rendered.upgrade])
    namespace: dict[str, Any] = {}
    exec(compile(source, "<rendered>", "exec"), namespace)
    recording = Recording(Site(backend, dict(convention or {})))
    with activate(recording):
        namespace["upgrade"]()
    return tuple(recording.operations)


def same_again(operations: Iterable[Operation], dialect: str, convention: Mapping[str, Any] | None = None) -> str:
    """Assert that the text of ``operations`` does what they do; return the text."""
    backend = backend_of(dialect)
    operations = tuple(operations)
    rendered = render(operations, (), backend, RenderOptions(naming_convention=convention))
    again = run(rendered, backend, convention)
    assert [each.forward() for each in again] == [each.forward() for each in operations], rendered.upgrade
    return rendered.upgrade


__all__ = ["backend_of", "run", "same_again", "text_of"]
