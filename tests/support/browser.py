"""Chromium, which the tests look at pages with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def program() -> str | None:
    """Return the path of the program, None where it is not installed."""
    return next((found for name in _NAMES if (found := shutil.which(name)) is not None), None)


def problem() -> str | None:
    """Return why there is no browser, None where there is one."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError as error:
        return f"playwright cannot be imported: {error}"
    return None if program() else "the program is not installed"


@contextmanager
def running() -> Iterator[Browser]:
    """Run the browser that is installed, without a window; none is downloaded."""
    from playwright.sync_api import sync_playwright

    # It has no sandbox for root, and little shared memory in a container.
    options = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=options)
        try:
            yield browser
        finally:
            browser.close()
