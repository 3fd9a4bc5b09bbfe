"""The use cases, one function each. They print nothing and know no command line: they return data, and log below ``schemadiff``.

What needs the database runs the project's env.py; what does not reads the revision files alone.
"""

from schemadiff.commands.comparing import Checked, Compared, check, diff
from schemadiff.commands.migrating import Ran, downgrade, stamp, upgrade
from schemadiff.commands.telling import CurrentRow, Standing, current, heads, history, show, standing
from schemadiff.commands.writing import Generated, autogen, init, revision

__all__ = [
    "Checked",
    "Compared",
    "CurrentRow",
    "Generated",
    "Ran",
    "Standing",
    "autogen",
    "check",
    "current",
    "diff",
    "downgrade",
    "heads",
    "history",
    "init",
    "revision",
    "show",
    "stamp",
    "standing",
    "upgrade",
]
