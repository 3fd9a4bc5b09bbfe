"""GitLab's code quality report.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from typing import Any

from schemadiff.rendering.ci.finding import KINDS, Outcome, Severity
from schemadiff.rendering.ci.fingerprint import with_fingerprints

__all__ = ["as_gitlab"]

_SEVERITIES: dict[Severity, str] = {"error": "major", "warning": "minor"}


def as_gitlab(outcome: Outcome) -> str:
    """Return the outcome of a check as a list of issues."""
    issues = [
        _issue(
            f"{'' if each.database is None else f'database {each.database}: '}{each.message}; {KINDS[each.kind].advice}",
            f"schemadiff/{each.kind}",
            fingerprint,
            _SEVERITIES[each.severity],
            each.path,
            each.line,
        )
        for each, fingerprint in with_fingerprints(outcome.findings)
    ]
    if outcome.error is not None:
        issues.append(_issue(outcome.error, "schemadiff/error", "schemadiff-error", "blocker", outcome.path, None))
    return json.dumps(issues, ensure_ascii=False, indent=2) + "\n"


def _issue(
    text: str, check: str, fingerprint: str, severity: str, path: str | None, line: int | None
) -> dict[str, Any]:
    # A place is required.
    return {
        "description": text,
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": path or ".", "lines": {"begin": line or 1}},
    }
