"""JUnit's XML, as Jenkins, GitLab and others read it: a suite for each database, and a test for each kind of finding or each finding."""

from __future__ import annotations

from xml.etree import ElementTree

from schemadiff.rendering.ci.finding import KINDS, Finding, Outcome, Subject

__all__ = ["as_junit"]

_NAME = "schemadiff check"


def as_junit(outcome: Outcome) -> str:
    """Return the outcome of a check as XML. A kind of which nothing was found is a test that passes, as is one that has but warnings."""
    suites = [_suite(subject) for subject in outcome.subjects]
    if outcome.error is not None:
        suites.append(_error(outcome.error, outcome.path))
    root = ElementTree.Element("testsuites", name=_NAME)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.extend(suites)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(subject: Subject) -> ElementTree.Element:
    found = {kind: [each for each in subject.findings if each.kind == kind] for kind in KINDS}
    cases = [_case(each) for findings in found.values() for each in findings]
    passed = [KINDS[kind] for kind in subject.checked if not found[kind]]
    cases += [ElementTree.Element("testcase", classname=f"{_NAME}.{each.title}", name=each.absent) for each in passed]
    suite = ElementTree.Element("testsuite", name=_NAME if subject.database is None else f"{_NAME}: {subject.database}")
    failures = sum(each.severity == "error" for each in subject.findings)
    for name, number in (("tests", len(cases)), ("failures", failures), ("errors", 0), ("skipped", 0)):
        suite.set(name, str(number))
    suite.extend(cases)
    return suite


def _case(finding: Finding) -> ElementTree.Element:
    info = KINDS[finding.kind]
    case = ElementTree.Element("testcase", classname=f"{_NAME}.{info.title}", name=finding.object)
    if finding.path is not None:
        case.set("file", finding.path)
    if finding.line is not None:
        case.set("line", str(finding.line))
    text = "\n".join(each for each in (finding.message, finding.place, info.advice) if each)
    if finding.severity == "error":
        ElementTree.SubElement(case, "failure", message=finding.message, type=finding.kind).text = text
    else:
        ElementTree.SubElement(case, "system-out").text = text
    return case


def _error(message: str, path: str | None) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=_NAME, tests="1", failures="0", errors="1", skipped="0")
    case = ElementTree.SubElement(suite, "testcase", classname=_NAME, name="it can be checked")
    if path is not None:
        case.set("file", path)
    ElementTree.SubElement(case, "error", message=message, type="error").text = message
    return suite
