"""A browser to look at pages with, which writes down all that a page should not do."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import pytest

from tests.browser import pages

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
window.addEventListener("unhandledrejection", (event) => violations.push(String(event.reason)));
"""


@dataclass
class Watched:
    """A page, the file that it may open, and its forbidden requests and errors."""

    page: object
    address: str = ""
    did: list = field(default_factory=list)

    def __post_init__(self):
        self.page.on("console", lambda message: self.did.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.did.append(f"error: {error}"))
        self.page.on("dialog", self._dismiss)
        self.page.on("request", self._request)

    def _dismiss(self, dialog):
        self.did.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request):
        if request.url.partition("#")[0] != self.address:
            self.did.append(f"request: {request.url}")

    def show(self, file, place, width, height):
        self.address = file.as_uri()
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(self.address + place)

    def everything(self):
        return [*self.did, *self.page.evaluate("window.violations")]

    def leave(self):
        """Reset the page: nothing shown, nothing stored."""
        self.page.emulate_media(media="null")
        self.page.goto("about:blank")
        self.did.clear()


@pytest.fixture(scope="session")
def profile(chromium):
    """Return the one profile of its kind: to begin one costs five times what it costs to look at another file in it."""

    @cache
    def profile(*, scheme="light", scale=1, watched=True, scripts=True):
        context = chromium.new_context(
            color_scheme=scheme,
            device_scale_factor=scale,
            bypass_csp=not watched,
            java_script_enabled=scripts,
            locale="en-GB",
        )
        context.set_default_timeout(10_000)
        context.add_init_script(WATCH)
        return context

    return profile


@pytest.fixture(scope="session")
def window(profile):
    """Return the one page of a profile in which files are looked at."""
    return cache(lambda **kind: Watched(profile(**kind).new_page()))


@pytest.fixture
def look(window):
    """Open a page of a file; afterwards no errors may be recorded."""
    opened = []

    def look(file, *, place="", width=1280, height=900, scheme="light", scale=1, watched=True):
        seen = window(scheme=scheme, scale=scale, watched=watched)
        opened.append((seen, watched))
        seen.show(file, place, width, height)
        return seen.page

    yield look
    did = [each for seen, watched in opened if watched for each in seen.everything()]
    for seen, _ in opened:
        seen.leave()
    assert did == []


@pytest.fixture(scope="session")
def review_page(tmp_path_factory):
    return pages.review_page(tmp_path_factory.mktemp("review"), pages.BASE, pages.HEAD)


@pytest.fixture(scope="session")
def map_page(tmp_path_factory):
    return pages.map_page(tmp_path_factory.mktemp("map"), pages.HEAD)


@pytest.fixture(scope="session")
def large_page(tmp_path_factory):
    return pages.map_page(tmp_path_factory.mktemp("large"), pages.many(1_000))
