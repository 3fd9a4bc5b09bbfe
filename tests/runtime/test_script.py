"""Scripts of SQL: each statement ends where it ends."""

from __future__ import annotations

import io

import pytest

from schemadiff.runtime.script import Script


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("SELECT 1", "SELECT 1;\n\n"),
        ("  SELECT 1;\n", "SELECT 1;\n\n"),
        ("SELECT 1 -- why", "SELECT 1 -- why\n;\n\n"),
        ("SELECT 1 # why", "SELECT 1 # why\n;\n\n"),
        ("SELECT 1 -- why\nFROM x", "SELECT 1 -- why\nFROM x;\n\n"),
        ("CREATE TRIGGER t BEGIN SELECT 1; END", "CREATE TRIGGER t BEGIN SELECT 1; END;\n\n"),
        (" ; ", ""),
        ("", ""),
    ],
)
def test_statements(given: str, printed: str) -> None:
    script = Script()
    script.statement(given)
    assert script.text() == printed


def test_comments_stay_comments() -> None:
    script = Script()
    script.comment("upgrade a -> b, message\nDROP TABLE account; \x1b[31m")
    assert script.text() == "-- upgrade a -> b, message DROP TABLE account;  [31m\n\n"


def test_transactions_do_not_nest() -> None:
    script = Script()
    with script.transaction(("BEGIN",), ("COMMIT",)):
        with script.transaction(("BEGIN",), ("COMMIT",)):
            script.statement("SELECT 1")
        script.statement("SELECT 2")
    stream = io.StringIO()
    script.write_to(stream)
    assert stream.getvalue().split() == ["BEGIN;", "SELECT", "1;", "SELECT", "2;", "COMMIT;"]
