"""The site in a browser: no fault of accessibility, nothing wider than the screen, in light and dark and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import profile  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser
READ_CLOSELY = ["index.html", "tutorial/roles-or-users.html", "rules/TRU004.html", "commands.html"]
PLACES = [
    *READ_CLOSELY,
    "how-to/add-and-remove-people.html",
    "rules/index.html",
    "declarations.html",
    "role-or-user.html",
    "architecture.html",
    "threat-model.html",
]
DESKTOP, PHONE = (1280, 900), (390, 844)
_PATIENCE = 60_000
"""Milliseconds; a busy machine builds the index of the search slowly."""


@pytest.fixture(scope="module")
def pages(profile):  # noqa: F811
    """Return one page for each colour scheme, with the addresses that it requests."""
    found = {}
    for scheme in ("light", "dark"):
        page, requests = profile(scheme=scheme, watched=False).new_page(), []
        page.on("request", lambda request, requests=requests: requests.append(request.url))
        found[scheme] = page, requests
    yield found
    for page, _ in found.values():
        page.close()


@pytest.fixture
def shown(site, pages):
    """Show a page of the site; afterwards it has loaded nothing from elsewhere, and no image is missing."""
    seen = []

    def shown(place, *, scheme="light", screen=DESKTOP):
        page, requests = pages[scheme]
        requests.clear()
        page.set_viewport_size({"width": screen[0], "height": screen[1]})
        page.goto((site / place).as_uri())
        seen.append((page, requests))
        return page

    yield shown
    for page, requests in seen:
        missing = "[...document.images].filter((image) => !image.naturalWidth).map(({ src }) => src)"
        assert page.evaluate(missing) == []
        assert [each for each in requests if not each.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", READ_CLOSELY)
def test_axe_finds_no_serious_fault(place, scheme, shown, root):
    page = shown(place, scheme=scheme)
    page.evaluate((root / "node_modules" / "axe-core" / "axe.min.js").read_text())
    faults = page.evaluate("axe.run().then(({ violations }) => violations)")
    serious = [each for each in faults if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in serious] == []


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_wider_than_a_phone(place, shown):
    page = shown(place, scheme="dark", screen=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_the_search_works_in_pages_opened_from_a_folder(shown):
    page = shown("index.html")
    page.get_by_role("textbox", name="Search").fill("instance profile")
    expect(page.locator(".md-search-result__link").first).to_be_visible(timeout=_PATIENCE)


def test_the_drawing_of_the_packages_is_drawn(shown):
    page = shown("architecture.html", scheme="dark")
    expect(page.locator("div.mermaid")).to_be_visible(timeout=_PATIENCE)
