"""Scripts of SQL: each statement ends where it ends."""

from __future__ import annotations

import io

import pytest
from sqlalchemy.dialects import mysql

from schemadiff.backends import backend_for
from schemadiff.runtime.script import Script


def _script() -> Script:
    return Script(backend_for(mysql.dialect()))  # type: ignore[no-untyped-call]


def _text(script: Script) -> str:
    """Return what is printed behind the lines for the client."""
    return script.text().removeprefix("SET NAMES utf8mb4;\n\n")


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("SELECT 1", "SELECT 1;\n\n"),
        ("  SELECT 1;\n", "SELECT 1;\n\n"),
        ("SELECT 1 -- why", "SELECT 1 -- why\n;\n\n"),
        ("SELECT 1 # why", "SELECT 1 # why\n;\n\n"),
        ("SELECT 1 -- why\nFROM x", "SELECT 1 -- why\nFROM x;\n\n"),
        ("SELECT 1; -- why", "SELECT 1 -- why\n;\n\n"),
        ("-- nothing;", ""),
        ("SELECT ';' ;;", "SELECT ';';\n\n"),
        (" ; ", ""),
        ("", ""),
    ],
)
def test_statements(given: str, printed: str) -> None:
    script = _script()
    script.statement(given)
    assert _text(script) == printed


def test_comments_stay_comments() -> None:
    script = _script()
    script.comment("upgrade a -> b, message\nDROP TABLE account; \x1b[31m")
    assert _text(script) == "-- upgrade a -> b, message DROP TABLE account;  [31m\n\n"


def test_transactions_do_not_nest() -> None:
    script = _script()
    with script.transaction(("BEGIN",), ("COMMIT",)):
        with script.transaction(("BEGIN",), ("COMMIT",)):
            script.statement("SELECT 1")
        script.statement("SELECT 2")
    stream = io.StringIO()
    stream.write(_text(script))
    assert stream.getvalue().split() == ["BEGIN;", "SELECT", "1;", "SELECT", "2;", "COMMIT;"]
