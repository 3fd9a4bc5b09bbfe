"""An entity-relationship diagram of a schema, and of a difference.

``model`` says what is drawn, ``layout`` where (``layers``, ``ordering`` and ``routing`` place one connected part, ``packing`` puts the parts
beside each other), ``svg`` and ``mermaid`` write it. All are pure: the same schema gives the same bytes.

The layout is our own: of the libraries that place graphs in layers those in pure Python know points and straight lines, not rows that lines
end at, nor the schemas that boxes stand in, and have licences that a package under MIT cannot ask of its users.
"""

from schemadiff.rendering.diagram.mermaid import mermaid
from schemadiff.rendering.diagram.model import Box, Diagram, Line, Row, diagram, difference_diagram
from schemadiff.rendering.diagram.svg import svg

__all__ = ["Box", "Diagram", "Line", "Row", "diagram", "difference_diagram", "mermaid", "svg"]
