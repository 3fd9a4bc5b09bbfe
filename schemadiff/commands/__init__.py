"""The use cases, one function each. They print nothing and know no command line: they return data, and log below ``schemadiff``.

What needs the database runs the project's env.py; what does not reads the revision files alone.
"""

from schemadiff.commands.checking import Built, Checked, check, check_revisions
from schemadiff.commands.checksums import Accepted, update_checksums
from schemadiff.commands.comparing import Compared, diff
from schemadiff.commands.diagnosing import Diagnosis, doctor
from schemadiff.commands.editing import edit
from schemadiff.commands.findings import failed, outcome_of
from schemadiff.commands.migrating import Ran, downgrade, ensure_version, stamp, upgrade
from schemadiff.commands.placing import Place
from schemadiff.commands.pruning import Pruned, prune
from schemadiff.commands.reporting import Reported, erd, report
from schemadiff.commands.resetting import Reset, reset
from schemadiff.commands.snapshots import snapshot
from schemadiff.commands.squashing import Squashed, squash
from schemadiff.commands.telling import CurrentRow, Listed, Standing, branches, current, heads, history, show, standing
from schemadiff.commands.writing import Generated, autogen, init, list_templates, merge, revision

__all__ = [
    "Accepted",
    "Built",
    "Checked",
    "Compared",
    "CurrentRow",
    "Diagnosis",
    "Generated",
    "Listed",
    "Place",
    "Pruned",
    "Ran",
    "Reported",
    "Reset",
    "Squashed",
    "Standing",
    "autogen",
    "branches",
    "check",
    "check_revisions",
    "current",
    "diff",
    "doctor",
    "downgrade",
    "edit",
    "ensure_version",
    "erd",
    "failed",
    "heads",
    "history",
    "init",
    "list_templates",
    "merge",
    "outcome_of",
    "prune",
    "report",
    "reset",
    "revision",
    "show",
    "snapshot",
    "squash",
    "stamp",
    "standing",
    "update_checksums",
    "upgrade",
]
