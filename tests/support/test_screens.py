"""The picture of the README shows what the tool shows."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tests.support.screens import PICTURE, picture

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[tuple[str, str]]:
    """Return what is written where, without the styles, which differ by the version of rich."""
    root = ET.fromstring(svg)
    return [(each.get("y", ""), "".join(each.itertext())) for each in root.iter(f"{SVG}text")]


def test_the_picture_is_what_the_script_makes() -> None:
    made = picture()
    assert texts(made) == texts(PICTURE.read_text(encoding="utf-8")), "run python -m tests.support.screens"
    assert made == picture()
    assert "url(http" not in made
    assert "href" not in made
