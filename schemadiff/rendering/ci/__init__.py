"""What a check found, in the formats that programs read."""

from schemadiff.rendering.ci.finding import KINDS, Finding, Kind, KindInfo, Outcome, Severity, Subject

__all__ = ["KINDS", "Finding", "Kind", "KindInfo", "Outcome", "Severity", "Subject"]
