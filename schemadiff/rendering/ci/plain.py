"""Our own JSON, described by ``check.schema.json`` beside this file."""

from __future__ import annotations

import json
from typing import Any

from schemadiff._version import __version__
from schemadiff.rendering.ci.finding import KINDS, Finding, Outcome

__all__ = ["as_json"]

FORMAT_VERSION = 1


def as_json(outcome: Outcome) -> str:
    """Return the outcome of a check as JSON."""
    document = {
        "version": FORMAT_VERSION,
        "schemadiff": __version__,
        "status": outcome.status,
        "error": outcome.error,
        "databases": [
            {
                "database": subject.database,
                "ok": subject.ok,
                "checked": list(subject.checked),
                "findings": [_finding(each) for each in subject.findings],
            }
            for subject in outcome.subjects
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "object": finding.object,
        "message": finding.message,
        "advice": KINDS[finding.kind].advice,
        "path": finding.path,
        "line": finding.line,
    }
