"""The user's black: where its settings come from, and when black itself runs."""

from __future__ import annotations

from pathlib import Path

import black
import pytest

from schemadiff.errors import ConfigError, SchemadiffError
from schemadiff.rendering.formatting import Mode, discover_mode, format_body, format_source
from schemadiff.rendering.tree import Assign, Comment, Expression, Raw, Statement, With, call, value


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the root of a project, apart from the settings of whoever runs the tests."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    root = tmp_path / "project"
    (root / "migrations" / "versions").mkdir(parents=True)
    (root / ".git").mkdir()
    clear_caches()
    return root


def clear_caches() -> None:
    """Make black look at the disk again: it keeps what it found for the life of the process."""
    for function in vars(black.files).values():
        if callable(getattr(function, "cache_clear", None)):
            function.cache_clear()


def settings_of(project: Path, text: str) -> Mode:
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    return discover_mode(project / "migrations" / "versions")


CASES = {
    "": Mode(),
    "[tool.ruff]\nline-length = 120\n": Mode(),
    "[tool.black]\nline-length = 100\n": Mode(line_length=100),
    '[tool.black]\nline_length = "100"\n': Mode(line_length=100),
    '[tool.black]\ntarget-version = ["py312", "py311"]\n': Mode(target_version=("py311", "py312")),
    "[tool.black]\nskip-string-normalization = true\n": Mode(skip_string_normalization=True),
    "[tool.black]\nskip-magic-trailing-comma = 1\npreview = false\n": Mode(skip_magic_trailing_comma=True),
    "[tool.black]\npreview = true\nunstable = true\n": Mode(preview=True, unstable=True),
    '[tool.black]\nenable-unstable-feature = ["string_processing"]\n': Mode(
        enable_unstable_feature=("string_processing",)
    ),
    '[tool.black]\nexclude = "versions"\n': Mode(),
}


@pytest.mark.parametrize("text", CASES)
def test_settings(project: Path, text: str) -> None:
    assert settings_of(project, text) == CASES[text]


def test_target_versions_come_from_the_project(project: Path) -> None:
    mode = settings_of(project, '[project]\nname = "shop"\nrequires-python = ">=3.11"\n')
    assert {"py311", "py312"} <= set(mode.target_version)
    assert "py310" not in mode.target_version
    assert mode.parenthesized_with


def test_no_settings(project: Path) -> None:
    assert discover_mode(project / "migrations") == Mode()


def test_the_settings_of_the_user(project: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "black").write_text("[tool.black]\nline-length = 66\n", encoding="utf-8")
    assert discover_mode(project) == Mode(line_length=66)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[tool.black\n", "cannot read the settings"),
        ('[tool.black]\nline-length = "wide"\n', "line-length is 'wide'; write a whole number"),
        ('[tool.black]\npreview = "maybe"\n', "preview is 'maybe'; write true or false"),
        ('[tool.black]\ntarget-version = "py311"\n', "target-version is 'py311'; write a list"),
        ('[tool.black]\ntarget-version = ["py2"]\n', "PY2"),
        ('[tool.black]\nenable-unstable-feature = ["magic"]\n', "magic"),
        ("tool = 1\n", "cannot read the settings"),
    ],
)
def test_wrong_settings(project: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=r"pyproject\.toml") as caught:
        settings_of(project, text)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("targets", "expected"),
    [((), False), (("py39",), True), (("py38", "py39"), False), (("py313", "py314"), True), (("PY311",), True)],
)
def test_parenthesized_with(targets: tuple[str, ...], expected: bool) -> None:
    assert Mode(target_version=targets).parenthesized_with is expected


BODY: list[Statement] = [
    With(call("op.batch_alter_table", "user", schema="x" * 60), "batch_op", (Assign("a", value(["it's", 'a "b"'])),)),
    Expression(call("op.add_column", "user", call("sa.Column", "name", call("sa.String", length=50)), schema="other")),
    Expression(call("op.execute", "x" * 90, [1])),
]
OPAQUE: list[Statement] = [*BODY, Assign("b", Raw("{'a': [1, 2], **other}['a'] + 1"))]
# What black lays out and what it does not need to stand in turn, with comments at the beginning, between and at the end.
MIXED: list[Statement] = [
    Comment("first"),
    OPAQUE[-1],
    Comment("next"),
    *BODY[1:],
    OPAQUE[-1],
    OPAQUE[-1],
    BODY[0],
    Comment("last"),
]

MODES = [
    Mode(),
    Mode(line_length=60, target_version=("py311",)),
    Mode(line_length=60, skip_magic_trailing_comma=True),
    Mode(skip_string_normalization=True),
    Mode(line_length=60, preview=True),
    Mode(line_length=60, unstable=True),
]


def formatted(source: str, mode: Mode) -> str:
    return black.format_str(
        source,
        mode=black.Mode(
            line_length=mode.line_length,
            target_versions={black.TargetVersion[name.upper()] for name in mode.target_version},
            string_normalization=not mode.skip_string_normalization,
            magic_trailing_comma=not mode.skip_magic_trailing_comma,
            preview=mode.preview,
            unstable=mode.unstable,
        ),
    )


@pytest.mark.parametrize("mode", MODES, ids=repr)
@pytest.mark.parametrize("body", [BODY, OPAQUE, MIXED], ids=["plain", "opaque", "mixed"])
def test_black_leaves_a_body_as_it_is_in_any_mode(mode: Mode, body: list[Statement]) -> None:
    within = f"def upgrade() -> None:\n{format_body(body, mode)}"
    assert formatted(within, mode) == within
    alone = format_body(body, mode, indent=0)
    assert formatted(alone, mode) == alone


def test_format_source() -> None:
    assert format_source("x=[1,\n2]\n", Mode()) == "x = [1, 2]\n"
    assert format_source("x = ['a', 'b']\n", Mode(skip_string_normalization=True)) == "x = ['a', 'b']\n"
    assert format_source("f(aaaa, bbbb)\n", Mode(line_length=8)) == "f(\n    aaaa,\n    bbbb,\n)\n"


@pytest.mark.parametrize("text", ["def f(:\n", "x = (\n", "if x:\ny\n"])
def test_source_that_black_cannot_read(text: str) -> None:
    with pytest.raises(SchemadiffError, match="black cannot format the generated source") as caught:
        format_source(text, Mode())
    assert "\n" not in str(caught.value)
