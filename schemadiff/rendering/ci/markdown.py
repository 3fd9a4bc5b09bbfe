"""Markdown for a comment on a pull request, or for the summary of a job: GitHub's and GitLab's flavours.

What comes from a database or a model stands in code, where nothing is a link, a mention or markup.
"""

from __future__ import annotations

import re

from schemadiff.rendering.ci.finding import KINDS, Finding, Outcome, Subject

__all__ = ["as_markdown"]

# GitHub takes 65,536 characters in a comment.
_ROOM = 55_000
_LONGEST = 300


def as_markdown(outcome: Outcome) -> str:
    """Return the outcome of a check as Markdown that fits into a comment; what does not is counted."""
    if outcome.error is not None:
        return f"### schemadiff check: error\n\n{_code(outcome.error)}\n"
    number = len(outcome.findings)
    count = "all is well" if not number else "1 finding" if number == 1 else f"{number} findings"
    room = _ROOM // max(len(outcome.subjects), 1)
    return "\n".join((f"### schemadiff check: {count}\n", *(_subject(each, room) for each in outcome.subjects)))


def _subject(subject: Subject, room: int) -> str:
    lines = [] if subject.database is None else [f"#### Database {_code(subject.database)}", ""]
    found = {kind: [each for each in subject.findings if each.kind == kind] for kind in KINDS}
    lines += [f"- {KINDS[kind].absent}" for kind in subject.checked if not found[kind]]
    for kind, findings in found.items():
        if findings:
            info = KINDS[kind]
            lines += ["", f"**{info.title.capitalize()}**: {len(findings)}. Next: {info.advice}.", ""]
            lines += _table(findings, room - sum(len(line) + 1 for line in lines))
    return "\n".join((*lines, ""))


def _table(findings: list[Finding], room: int) -> list[str]:
    lines = ["| object | what | where |", "| --- | --- | --- |"]
    for number, each in enumerate(findings):
        row = f"| {_code(each.object)} | {_code(each.message)} | {_code(each.place)} |"
        room -= len(row) + 1
        if room < 0:
            return [*lines, "", f"… and {len(findings) - number} more"]
        lines.append(row)
    return lines


def _code(text: str) -> str:
    """Return ``text`` as code, in a table too: between backticks, and where these or a table's bars are in it, as HTML with all signs escaped."""
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    if not text.strip():
        return ""
    if not re.search(r"[`|\\]", text) and text == text.strip():
        return f"`{text}`"
    return f"<code>{_SIGNS.sub(lambda sign: f'&#{ord(sign.group())};', text)}</code>"


_SIGNS = re.compile(r"[!-/:-@\[-`{-~]")
