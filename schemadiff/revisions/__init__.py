"""The versions directory: revision files, the graph that they make, and the writing of new ones.

header.py       reads the identifiers of a revision file without importing it
usual.py        the same for files in the usual shape, in a tenth of the time
directory.py    all files of a versions directory, and importing one to run it
graph.py        who follows whom: heads, bases, order, what to run to get from here to there
symbols.py      "head", "base", "+1", "-1", "REV+2", "label@head", a shortened identifier, "A:B"
routes.py       what upgrade, downgrade and stamp do from where a database stands
planning.py     what a new revision follows, and where it goes
naming.py       identifiers, slugs and names of files
writer.py       makes a new revision file
rewriting.py    changes the identifiers in a file's text, and nothing else
checksum.py     tells whether a file was edited
swapping.py     replaces and removes several files together, or none
parts.py        a file in its parts: head, imports, body
folding.py      several files as one
"""

from typing import TYPE_CHECKING

from schemadiff.lazy import attributes

if TYPE_CHECKING:
    from schemadiff.revisions.directory import load_function, load_graph, load_module
    from schemadiff.revisions.graph import RevisionGraph
    from schemadiff.revisions.header import Revision, read_revision
    from schemadiff.revisions.naming import check_new_id, file_name, new_id, now, slugify
    from schemadiff.revisions.planning import plan_revision
    from schemadiff.revisions.template import NewRevision, render_revision
    from schemadiff.revisions.writer import write_revision

__all__ = [
    "NewRevision",
    "Revision",
    "RevisionGraph",
    "check_new_id",
    "file_name",
    "load_function",
    "load_graph",
    "load_module",
    "new_id",
    "now",
    "plan_revision",
    "read_revision",
    "render_revision",
    "slugify",
    "write_revision",
]

if not TYPE_CHECKING:  # To a type checker, the package has the names above, and no others.
    __getattr__ = attributes(
        __name__,
        {
            "NewRevision": ".template",
            "Revision": ".header",
            "RevisionGraph": ".graph",
            "check_new_id": ".naming",
            "file_name": ".naming",
            "load_function": ".directory",
            "load_graph": ".directory",
            "load_module": ".directory",
            "new_id": ".naming",
            "now": ".naming",
            "plan_revision": ".planning",
            "read_revision": ".header",
            "render_revision": ".template",
            "slugify": ".naming",
            "write_revision": ".writer",
        },
    )
