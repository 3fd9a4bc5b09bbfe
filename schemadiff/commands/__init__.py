"""The use cases, one function each. They print nothing and know no command line: they return data, and log below ``schemadiff``.

What needs the database runs the project's env.py; what does not reads the revision files alone.
"""

from schemadiff.commands.checking import Checked, check
from schemadiff.commands.checksums import Accepted, update_checksums
from schemadiff.commands.choosing import choosing
from schemadiff.commands.comparing import Compared, diff
from schemadiff.commands.editing import edit
from schemadiff.commands.migrating import Ran, downgrade, ensure_version, stamp, upgrade
from schemadiff.commands.placing import Place
from schemadiff.commands.pruning import Pruned, prune
from schemadiff.commands.rendering import comparison_data
from schemadiff.commands.resetting import Reset, reset
from schemadiff.commands.squashing import Squashed, squash
from schemadiff.commands.telling import CurrentRow, Listed, Standing, branches, current, heads, history, show, standing
from schemadiff.commands.writing import Generated, autogen, init, list_templates, merge, revision

__all__ = [
    "Accepted",
    "Checked",
    "Compared",
    "CurrentRow",
    "Generated",
    "Listed",
    "Place",
    "Pruned",
    "Ran",
    "Reset",
    "Squashed",
    "Standing",
    "autogen",
    "branches",
    "check",
    "choosing",
    "comparison_data",
    "current",
    "diff",
    "downgrade",
    "edit",
    "ensure_version",
    "heads",
    "history",
    "init",
    "list_templates",
    "merge",
    "prune",
    "reset",
    "revision",
    "show",
    "squash",
    "stamp",
    "standing",
    "update_checksums",
    "upgrade",
]
