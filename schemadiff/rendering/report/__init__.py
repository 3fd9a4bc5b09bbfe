"""A difference as one page of HTML that needs nothing else.

``sides`` puts old and new beside each other, ``marking`` finds what of a text has changed, ``page`` writes the page from ``page.mako``,
``page.css`` and ``page.js``. Whatever comes from a database or a model is text in it.
"""

from schemadiff.rendering.report.page import Section, page

__all__ = ["Section", "page"]
