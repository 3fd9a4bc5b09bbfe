"""SARIF 2.1.0, which GitHub's code scanning and many editors read.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from schemadiff._version import __version__
from schemadiff.rendering.ci.finding import KINDS, Finding, Kind, Outcome
from schemadiff.rendering.ci.fingerprint import with_fingerprints

__all__ = ["as_sarif"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "SRCROOT"


def as_sarif(outcome: Outcome) -> str:
    """Return the outcome of a check as a log of one run; an error of its own is a notification of its invocation."""
    invocation: dict[str, Any] = {"executionSuccessful": outcome.error is None, "exitCode": outcome.status}
    if outcome.error is not None:
        notification: dict[str, Any] = {"level": "error", "message": {"text": _text(outcome.error)}}
        if outcome.path is not None:
            notification["locations"] = [_location(outcome.path, None)]
        invocation["toolExecutionNotifications"] = [notification]
    run = {
        "tool": {"driver": {"name": "schemadiff", "version": __version__, "rules": [_rule(kind) for kind in KINDS]}},
        "invocations": [invocation],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, fingerprint) for each, fingerprint in with_fingerprints(outcome.findings)],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rule(kind: Kind) -> dict[str, Any]:
    info = KINDS[kind]
    return {
        "id": kind,
        "shortDescription": {"text": info.title.capitalize()},
        "fullDescription": {"text": info.help},
        "help": {"text": f"{info.help} What to do: {info.advice}."},
        "defaultConfiguration": {"level": "error"},
    }


def _result(finding: Finding, fingerprint: str) -> dict[str, Any]:
    database = "" if finding.database is None else f"database {finding.database}: "
    location = {} if finding.path is None else _location(finding.path, finding.line)
    location["logicalLocations"] = [{"fullyQualifiedName": finding.object}]
    result = {
        "ruleId": finding.kind,
        "ruleIndex": list(KINDS).index(finding.kind),
        "level": finding.severity,
        "message": {"text": _text(f"{database}{finding.message}")},
        "locations": [location],
        "partialFingerprints": {"schemadiffFinding/v1": fingerprint},
    }
    return result if finding.database is None else {**result, "properties": {"database": finding.database}}


def _location(path: str, line: int | None) -> dict[str, Any]:
    pure = PurePosixPath(path)
    if pure.is_absolute():
        place: dict[str, Any] = {"artifactLocation": {"uri": pure.as_uri()}}
    else:
        place = {"artifactLocation": {"uri": quote(path), "uriBaseId": _ROOT}}
    if line is not None:
        place["region"] = {"startLine": line}
    return {"physicalLocation": place}


def _text(text: str) -> str:
    """Return ``text`` so that nothing in it is a link or a placeholder (sections 3.11.5 and 3.11.6)."""
    return re.sub(r"\{(\d+)\}", r"{{\1}}", text).replace("](", "\\](")
