"""What findings are known by from one run to the next."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

from schemadiff.rendering.ci.finding import Finding

__all__ = ["with_fingerprints"]


def with_fingerprints(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Yield findings, each with what it is known by: not the line, which changes as the file does. No two have the same."""
    seen: Counter[tuple[str, ...]] = Counter()
    for each in findings:
        identity = (each.kind, each.database or "", each.object, each.path or "", each.message)
        text = "\0".join((*identity, str(seen[identity])))
        seen[identity] += 1
        yield each, hashlib.sha256(text.encode()).hexdigest()
