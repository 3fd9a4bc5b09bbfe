"""The page of a report in Chromium: it opens as a file, works by mouse and by keys, asks no network, and shows hostile names as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemadiff.schema.words import shown
from tests.support.reports import HOSTILE, hostile_difference, large_difference, report_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@contextmanager
def opened(browser: Browser, folder: Path, text: str, **options: Any) -> Iterator[Page]:
    """Open a page; it must complain of nothing, ask for nothing and open no dialog."""
    file = folder / "report.html"
    file.write_text(text, encoding="utf-8")
    said: list[str] = []
    asked: list[str] = []
    context = browser.new_context(**options)
    try:
        tab = context.new_page()
        tab.set_default_timeout(60_000)
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(file.as_uri())
        yield tab
        assert said == []
        assert {url for url in asked if not url.startswith("data:")} == {file.as_uri()}
    finally:
        context.close()


def _expect_found(tab: Page, said: str | re.Pattern[str]) -> None:
    from playwright.sync_api import expect

    expect(tab.locator("#found")).to_have_text(said, timeout=60_000)


def _background(tab: Page) -> str:
    return str(tab.evaluate("getComputedStyle(document.body).backgroundColor"))


LIGHT, DARK = "rgb(255, 255, 255)", "rgb(13, 17, 23)"


def test_hostile_names_stay_text(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, report_of(hostile_difference())) as tab:
        names = tab.locator(".thing summary bdi").all_text_contents()
        assert set(map(shown, HOSTILE)) <= set(names)
        boxes = tab.locator(".erd .title").all_text_contents()
        assert set(map(shown, HOSTILE)) == set(boxes)
        assert tab.locator(".warnings li").all_text_contents() == [shown(name) for name in HOSTILE]
        assert tab.locator("script").count() == 1
        assert tab.locator("img, iframe").count() == 0
        tab.click("#unfold")
        for name in map(shown, HOSTILE):
            assert tab.locator("tbody th", has_text=name).count() > 0
        # Markup in a text that is filtered for is text as well.
        tab.fill("#filter", HOSTILE[0])
        _expect_found(tab, re.compile(r"\d+ of \d+"))
        left = tab.locator(".thing:visible summary bdi").all_text_contents()
        assert HOSTILE[0] in left
        assert HOSTILE[-1] not in left


def test_by_mouse_and_by_keys(browser: Browser, tmp_path: Path) -> None:
    text = report_of(large_difference(30))
    with opened(browser, tmp_path, text, color_scheme="dark", viewport={"width": 400, "height": 800}) as tab:
        # Nothing is wider than a telephone.
        assert tab.evaluate("document.documentElement.scrollWidth") <= 400
        # Light and dark: as the system says, then as the reader does, who is remembered.
        assert _background(tab) == DARK
        tab.click("#theme")
        assert _background(tab) == LIGHT
        tab.reload()
        assert _background(tab) == LIGHT
        # Folding. There are more than are shown unfolded.
        things = tab.locator(".thing")
        assert things.count() == 30
        assert tab.locator(".thing[open]").count() == 0
        tab.click("#unfold")
        assert tab.locator(".thing[open]").count() == 30
        tab.click("#fold")
        assert tab.locator(".thing[open]").count() == 0
        # By keys: "/" goes to the filter, Escape clears it, Enter unfolds.
        tab.keyboard.press("/")
        tab.keyboard.type("table_0029")
        _expect_found(tab, "1 of 30")
        (left,) = tab.locator(".thing:visible summary bdi").all_text_contents()
        assert left == "table_0029"
        assert tab.locator(".erd .box:not(.away)").count() == 1
        tab.locator(".thing:visible summary").first.press("Enter")
        assert tab.locator(".thing[open]").count() == 1
        tab.locator("#filter").press("Escape")
        assert tab.locator(".thing:visible").count() == 30
        # The kinds of changes.
        tab.click(".toggle.added")
        tab.click(".toggle.changed")
        assert set(tab.locator(".thing:visible").evaluate_all("them => them.map(it => it.dataset.sign)")) == {"dropped"}
        tab.fill("#filter", "no such table")
        tab.locator(".nothing").wait_for()
        tab.fill("#filter", "")
        tab.click(".toggle.added")
        tab.click(".toggle.changed")
        # The diagram: zoom, and from a box to its table.
        picture = tab.locator(".erd")
        before = picture.bounding_box()
        tab.click("[data-zoom=full]")
        after = picture.bounding_box()
        assert before is not None
        assert after is not None
        assert after["width"] > before["width"]
        tab.locator('.erd .box[data-table="table_0003"]').dispatch_event("click")
        assert tab.locator(".thing[open] summary bdi").all_text_contents() == ["table_0003", "table_0029"]
        assert tab.evaluate("document.activeElement.textContent").count("table_0003") == 1
        assert tab.locator(".code pre").count() == 3


def test_five_hundred_tables(browser: Browser, tmp_path: Path) -> None:
    text = report_of(large_difference(500))
    assert len(text) < 6_000_000
    with opened(browser, tmp_path, text) as tab:
        assert tab.locator(".thing").count() == 500
        assert tab.locator(".erd .box").count() == 500
        tab.fill("#filter", "table_0499")
        _expect_found(tab, "1 of 500")
