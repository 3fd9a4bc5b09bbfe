"""Identifiers, slugs and names of files."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemadiff.errors import ConfigError, RevisionError
from schemadiff.revisions import check_new_id, file_name, new_id, now, slugify
from schemadiff.revisions.naming import shown_path

DATE = datetime(2024, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("message", "slug"),
    [
        ("Add the users table", "add_the_users_table"),
        ("  What?! -- really...", "what_really"),
        ("", ""),
        ("!!!", ""),
        ("../../etc/passwd", "etc_passwd"),
        ("..\\..\\boot.ini", "boot_ini"),
        ("a\nb\0c\x1b[31m", "a_b_c_31m"),
        ("CON", "con"),
        ("100% 'done'; $(rm -rf /) ${x} %(rev)s", "100_done_rm_rf_x_rev_s"),
        ("Straße für Käse", "straße_für_käse"),
        ("Cafe\u0301", "caf\u00e9"),
        ("नमस्ते दुनिया", "नमस्ते_दुनिया"),
        ("漢字 🎉 kana", "漢字_kana"),
        ("\udc80 bytes", "bytes"),
        ("a" * 50, "a" * 40),
        ("one two three four five six seven eight nine", "one_two_three_four_five_six_seven_eight"),
        ("word " * 30, "_".join(["word"] * 8)),
        ("__init__", "init"),
    ],
)
def test_slug(message: str, slug: str) -> None:
    assert slugify(message) == slug


@pytest.mark.parametrize("identifier", ["a", "0001", "ae1027a6acf", "2024-01-01_x", "v1.2", "_a", "A" * 32])
def test_good_ids(identifier: str) -> None:
    assert check_new_id(identifier) == identifier


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        " ",
        "a b",
        "a+1",
        "-1",
        ".hidden",
        "..",
        "a/b",
        "a\\b",
        "a:b",
        "a@b",
        "a\n",
        "é",
        'a"',
        "head",
        "base",
        "A" * 33,
    ],
)
def test_bad_ids(identifier: str) -> None:
    with pytest.raises(RevisionError, match=re.escape(repr(identifier))):
        check_new_id(identifier)


def test_fresh_ids() -> None:
    found = {new_id() for _ in range(1000)}
    assert len(found) == 1000
    assert all(re.fullmatch("[0-9a-f]{12}", each) for each in found)


@pytest.mark.parametrize(
    ("template", "slug", "name"),
    [
        ("%(rev)s_%(slug)s", "add", "ab_add.py"),
        ("%(rev)s_%(slug)s", "", "ab.py"),
        ("%(rev)s", "add", "ab.py"),
        (
            "%(year)d_%(month).2d_%(day).2d_%(hour).2d%(minute).2d%(second).2d-%(rev)s_%(slug)s",
            "add",
            "2024_03_04_050607-ab_add.py",
        ),
        ("%(epoch)s_%(rev)s", "add", "1709528767_ab.py"),
        ("100%%_%(rev)s", "add", "100%_ab.py"),
    ],
)
def test_file_names(template: str, slug: str, name: str) -> None:
    assert file_name(template, revision="ab", slug=slug, date=DATE) == name


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("%(revision)s", r"unknown token 'revision': known are %\(rev\)"),
        ("%(rev)", "cannot be filled in"),
        ("%(slug)d", "cannot be filled in"),
        ("%s", "cannot be filled in"),
        ("100%", "cannot be filled in"),
        ("%(year)d/%(rev)s", "no name of a file in one directory"),
        ("../%(rev)s", "no name of a file in one directory"),
        ("a\n%(rev)s", "no name of a file"),
        ("%%(rev)s_%%(slug)s", "tokens are doubled"),
        (".%(rev)s", "is not read as a revision file"),
        ("__init__", "is not read as a revision file"),
    ],
)
def test_wrong_file_templates(template: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        file_name(template, revision="ab", slug="x", date=DATE)


def test_time_zones() -> None:
    assert now().tzinfo is None
    assert abs(now() - datetime.now()) < timedelta(seconds=10)
    assert now("utc").utcoffset() == timedelta(0)
    assert now("Asia/Tokyo").utcoffset() == timedelta(hours=9)
    assert now("Asia/Tokyo").microsecond == 0


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "Europe", "", "/etc/localtime"])
def test_unknown_time_zones(name: str) -> None:
    with pytest.raises(ConfigError, match="is not known here"):
        now(name)


def test_shown_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert shown_path(tmp_path / "sub" / "x.py") == "x.py"
    assert shown_path(tmp_path / "x.py") == os.fspath(tmp_path / "x.py")
