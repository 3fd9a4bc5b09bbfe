"""What a check found, in the formats that programs read: each a function of one outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from schemadiff.rendering.ci.finding import KINDS, Finding, Kind, KindInfo, Outcome, Severity, Subject
from schemadiff.rendering.ci.github import as_github
from schemadiff.rendering.ci.gitlab import as_gitlab
from schemadiff.rendering.ci.junit import as_junit
from schemadiff.rendering.ci.markdown import as_markdown
from schemadiff.rendering.ci.plain import as_json
from schemadiff.rendering.ci.sarif import as_sarif

__all__ = ["FORMATS", "KINDS", "Finding", "Kind", "KindInfo", "Outcome", "Severity", "Subject"]

FORMATS: Mapping[str, Callable[[Outcome], str]] = MappingProxyType(
    {
        "json": as_json,
        "github": as_github,
        "gitlab": as_gitlab,
        "sarif": as_sarif,
        "junit": as_junit,
        "markdown": as_markdown,
    }
)
"""The formats, by the names that ``schemadiff check --format`` takes."""
