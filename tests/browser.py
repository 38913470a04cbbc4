"""A real Chromium without a network, for tests of pages; where there is none they are skipped."""

import contextlib
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium():
    """Path of the machine's Chromium; None: there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def needed():
    """Skip a module whose tests need a browser, loudly."""
    if chromium() is None:
        pytest.skip("NO CHROMIUM on this machine: pages are not opened", allow_module_level=True)
    pytest.importorskip("playwright")


@contextlib.contextmanager
def opened(width=1200):
    """A function that opens files as pages, which must fetch nothing and say nothing on the console."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield lambda path, **more: page_of(found, path, **({"width": width} | more))
        finally:
            found.close()


def page_of(browser, path, *, width, height=900):
    """A page with the list `trouble`: what it said, asked for, or threw."""
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    page, trouble = context.new_page(), []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    own = path.resolve().as_uri()
    page.on("request", lambda asked: None if asked.url == own else trouble.append(asked.url))
    page.goto(own)
    page.wait_for_selector("plan-table tbody tr")
    page.trouble = trouble
    return page
