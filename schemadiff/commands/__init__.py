"""The use cases, one function each. They print nothing and know no command line: they return data, and log below ``schemadiff``.

What needs the database runs the project's env.py; what does not reads the revision files alone.
"""

from schemadiff.commands.comparing import Checked, Compared, check, diff
from schemadiff.commands.migrating import Ran, downgrade, stamp, upgrade
from schemadiff.commands.pruning import Pruned, prune
from schemadiff.commands.resetting import Reset, reset
from schemadiff.commands.squashing import Squashed, squash
from schemadiff.commands.telling import CurrentRow, current, heads, history, show
from schemadiff.commands.writing import Generated, autogen, init, revision

__all__ = [
    "Checked",
    "Compared",
    "CurrentRow",
    "Generated",
    "Pruned",
    "Ran",
    "Reset",
    "Squashed",
    "autogen",
    "check",
    "current",
    "diff",
    "downgrade",
    "heads",
    "history",
    "init",
    "prune",
    "reset",
    "revision",
    "show",
    "squash",
    "stamp",
    "upgrade",
]
