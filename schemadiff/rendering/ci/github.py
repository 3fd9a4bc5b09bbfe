"""Workflow commands of GitHub Actions, which become annotations.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, and the toolkit's ``command.ts`` for what is
escaped.
"""

from __future__ import annotations

from schemadiff.rendering.ci.finding import KINDS, Finding, Outcome

__all__ = ["as_github"]

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def as_github(outcome: Outcome) -> str:
    """Return the outcome of a check as workflow commands, a line each; nothing where nothing was found."""
    lines = [_command(each.severity, _properties(each), _message(each)) for each in outcome.findings]
    if outcome.error is not None:
        lines.append(_command("error", {"file": outcome.path, "title": "schemadiff check"}, outcome.error))
    return "".join(f"{line}\n" for line in lines)


def _properties(finding: Finding) -> dict[str, str | None]:
    line = None if finding.line is None else str(finding.line)
    return {"file": finding.path, "line": line, "title": f"schemadiff: {KINDS[finding.kind].title}"}


def _message(finding: Finding) -> str:
    database = "" if finding.database is None else f"database {finding.database}: "
    return f"{database}{finding.message}\n{KINDS[finding.kind].advice}"


def _command(name: str, properties: dict[str, str | None], message: str) -> str:
    given = ",".join(f"{key}={value.translate(_PROPERTY)}" for key, value in properties.items() if value is not None)
    return f"::{name} {given}::{message.translate(_DATA)}"
