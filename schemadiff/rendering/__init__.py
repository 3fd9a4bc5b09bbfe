"""Operations to text.

``python`` renders the bodies of a revision file. ``tree`` is the call tree that Python code is rendered through, ``layout`` prints it as
black would leave it, and ``formatting`` finds out how the user's project sets black, and runs black itself where ``layout`` is
not tested. ``terminal`` and ``labels`` show operations to people.
"""

from typing import TYPE_CHECKING

from schemadiff.lazy import attributes

if TYPE_CHECKING:
    from schemadiff.rendering.python import Rendered, RenderOptions, render, render_operations

__all__ = ["RenderOptions", "Rendered", "render", "render_operations"]

if not TYPE_CHECKING:  # To a type checker, the package has the names above, and no others.
    __getattr__ = attributes(
        __name__,
        {
            "RenderOptions": ".python",
            "Rendered": ".python",
            "render": ".python",
            "render_operations": ".python",
        },
    )
