"""The use cases, one function each. They print nothing and know no command line: they return data, and log below ``schemadiff``.

What needs the database runs the project's env.py; what does not reads the revision files alone. Each is loaded when it is first used.
"""

from typing import TYPE_CHECKING

from schemadiff.lazy import attributes

if TYPE_CHECKING:
    from schemadiff.commands.checking import Built, Checked, check, check_revisions
    from schemadiff.commands.checksums import Accepted, update_checksums
    from schemadiff.commands.comparing import Compared, diff
    from schemadiff.commands.diagnosing import Diagnosis, doctor
    from schemadiff.commands.downgrading import Downgraded, Trace, check_downgrades
    from schemadiff.commands.editing import edit
    from schemadiff.commands.findings import failed, outcome_of
    from schemadiff.commands.locating import repository_root
    from schemadiff.commands.migrating import Ran, downgrade, ensure_version, stamp, upgrade
    from schemadiff.commands.placing import Place
    from schemadiff.commands.pruning import Pruned, prune
    from schemadiff.commands.rendering import comparison_data
    from schemadiff.commands.reporting import Reported, erd, report
    from schemadiff.commands.resetting import Reset, reset
    from schemadiff.commands.selecting import choosing
    from schemadiff.commands.snapshots import snapshot
    from schemadiff.commands.squashing import Squashed, squash
    from schemadiff.commands.telling import (
        CurrentRow,
        Listed,
        Standing,
        branches,
        current,
        heads,
        history,
        show,
        standing,
    )
    from schemadiff.commands.writing import Generated, autogen, init, list_templates, merge, revision

__all__ = [
    "Accepted",
    "Built",
    "Checked",
    "Compared",
    "CurrentRow",
    "Diagnosis",
    "Downgraded",
    "Generated",
    "Listed",
    "Place",
    "Pruned",
    "Ran",
    "Reported",
    "Reset",
    "Squashed",
    "Standing",
    "Trace",
    "autogen",
    "branches",
    "check",
    "check_downgrades",
    "check_revisions",
    "choosing",
    "comparison_data",
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
    "repository_root",
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

if not TYPE_CHECKING:  # To a type checker, the package has the names above, and no others.
    __getattr__ = attributes(
        __name__,
        {
            "Accepted": ".checksums",
            "Built": ".checking",
            "Checked": ".checking",
            "Compared": ".comparing",
            "CurrentRow": ".telling",
            "Diagnosis": ".diagnosing",
            "Downgraded": ".downgrading",
            "Generated": ".writing",
            "Listed": ".telling",
            "Place": ".placing",
            "Pruned": ".pruning",
            "Ran": ".migrating",
            "Reported": ".reporting",
            "Reset": ".resetting",
            "Squashed": ".squashing",
            "Standing": ".telling",
            "Trace": ".downgrading",
            "autogen": ".writing",
            "branches": ".telling",
            "check": ".checking",
            "check_downgrades": ".downgrading",
            "check_revisions": ".checking",
            "choosing": ".selecting",
            "comparison_data": ".rendering",
            "current": ".telling",
            "diff": ".comparing",
            "doctor": ".diagnosing",
            "downgrade": ".migrating",
            "edit": ".editing",
            "ensure_version": ".migrating",
            "erd": ".reporting",
            "failed": ".findings",
            "heads": ".telling",
            "history": ".telling",
            "init": ".writing",
            "list_templates": ".writing",
            "merge": ".writing",
            "outcome_of": ".findings",
            "prune": ".pruning",
            "report": ".reporting",
            "repository_root": ".locating",
            "reset": ".resetting",
            "revision": ".writing",
            "show": ".telling",
            "snapshot": ".snapshots",
            "squash": ".squashing",
            "stamp": ".migrating",
            "standing": ".telling",
            "update_checksums": ".checksums",
            "upgrade": ".migrating",
        },
    )
