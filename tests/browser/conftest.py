"""A browser to look at pages with, which writes down all that a page should not do."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import pages

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
window.addEventListener("unhandledrejection", (event) => violations.push(String(event.reason)));
"""


def found_browser():
    return next((path for path in map(shutil.which, NAMES) if path), None)


def started(playwright, path):
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=path, args=arguments)


@pytest.fixture(scope="session")
def chromium():
    path = found_browser()
    if path is None and os.environ.get("CI") == "true":
        pytest.fail("there is no Chromium on this machine: apt-get install chromium")
    if path is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = started(playwright, path)
        yield browser
        browser.close()


@dataclass
class Seen:
    """An open page, and what it did that it should not."""

    page: object
    did: list = field(default_factory=list)

    def everything(self):
        return [*self.did, *self.page.evaluate("window.violations")]


@pytest.fixture
def look(chromium):
    """Open a page of a file; afterwards nothing may have been written down."""
    opened = []

    def look(file, *, place="", width=1280, height=900, scheme="light", scale=1, watched=True):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            device_scale_factor=scale,
            bypass_csp=not watched,
            locale="en-GB",
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        seen = Seen(page)
        address = file.as_uri()
        page.add_init_script(WATCH)
        page.on("console", lambda message: seen.did.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: seen.did.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (seen.did.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                request.url.partition("#")[0] == address or seen.did.append(f"request: {request.url}")
            ),
        )
        page.goto(address + place)
        opened.append((context, seen, watched))
        return page

    yield look
    for context, seen, watched in opened:
        assert not watched or seen.everything() == []
        context.close()


@pytest.fixture(scope="session")
def review_page(tmp_path_factory):
    return pages.review_page(tmp_path_factory.mktemp("review"), pages.BASE, pages.HEAD)


@pytest.fixture(scope="session")
def map_page(tmp_path_factory):
    return pages.map_page(tmp_path_factory.mktemp("map"), pages.HEAD)


@pytest.fixture(scope="session")
def large_page(tmp_path_factory):
    return pages.map_page(tmp_path_factory.mktemp("large"), pages.many(1_000))
