"""What a check found, in the formats that programs read: each a function of one outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from schemadiff.rendering.ci.finding import KINDS, Finding, Kind, KindInfo, Outcome, Severity, Subject

__all__ = ["FORMATS", "KINDS", "Finding", "Kind", "KindInfo", "Outcome", "Severity", "Subject"]


def _loaded(module: str, function: str) -> Callable[[Outcome], str]:
    """Return a function of one of our modules, which is loaded when it is called."""

    def write(outcome: Outcome) -> str:
        text: str = getattr(import_module(module, __name__), function)(outcome)
        return text

    return write


FORMATS: Mapping[str, Callable[[Outcome], str]] = MappingProxyType(
    {
        "json": _loaded(".plain", "as_json"),
        "github": _loaded(".github", "as_github"),
        "gitlab": _loaded(".gitlab", "as_gitlab"),
        "sarif": _loaded(".sarif", "as_sarif"),
        "junit": _loaded(".junit", "as_junit"),
        "markdown": _loaded(".markdown", "as_markdown"),
    }
)
"""The formats, by the names that ``schemadiff check --format`` takes."""
