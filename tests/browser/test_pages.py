"""The pages in a real browser: what people do with them, by pointer and by keyboard, on screen and on paper.

Every page that is opened here is also watched: nothing on the console, no request, no violation of its own policy.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from functools import cache

import pytest
from playwright.sync_api import expect

from tests.browser import pages

pytestmark = pytest.mark.browser
MOST_NODES = 4_000
ALPHA = 3
OF_LETTERS = 25
"""Tolerance, of 255, for differences in a block's colour between fonts."""


def nodes(page):
    return page.evaluate("document.querySelectorAll('*').length")


def focused(page):
    return page.evaluate("(({ dataset }) => [+dataset.row, +dataset.column])(document.activeElement)")


# The review


def test_the_verdict_comes_first(look, review_page):
    page = look(review_page)
    expect(page.locator("h1")).to_have_text(re.compile("Widens"))
    assert page.locator("h1").bounding_box()["y"] < 150
    expect(page.locator(".numbers")).to_contain_text("gains")


def test_shows_what_the_comment_shows(look, review_page):
    page = look(review_page)
    changes = page.locator("#changes tbody")
    for text in (
        "group/analysts",
        "user/bob",
        "s3:PutObject",
        "iam:PutRolePolicy",
        "gets access key",
        "policy/else",
    ):
        expect(changes).to_contain_text(text)


def test_expands_a_request_and_its_statement(look, review_page):
    page = look(review_page)
    gain = page.locator("#changes tr", has_text="s3:PutObject").first
    expect(gain.locator("pre")).to_be_hidden()
    gain.locator("summary").click()
    expect(gain.locator("pre")).to_contain_text('"Action": "s3:PutObject"')
    expect(gain.locator("dl")).to_contain_text("aws:MultiFactorAuthPresent")


def test_filters(look, review_page):
    page = look(review_page)
    lines = page.locator("#changes tbody tr")
    total = lines.count()
    page.locator("#by-kind").select_option("loss")
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("user/carol")
    expect(page.locator("#changes .result")).to_have_text(f"1 of {total} lines")
    page.locator("#by-kind").select_option("")
    page.locator("#by-level").select_option("permissions management")
    expect(lines.first).to_contain_text("role/worker")
    page.locator("#by-level").select_option("")
    page.locator("#by-text").fill("ANALYSTS")
    expect(lines.first).to_contain_text("group/analysts")
    page.locator("#by-text").fill("nobody is called so")
    expect(lines).to_have_count(0)
    expect(page.get_by_text("No line matches these filters.")).to_be_visible()


def test_a_number_filters_the_table(look, review_page):
    page = look(review_page)
    page.get_by_role("button", name="1 loss").click()
    expect(page.locator("#changes tbody tr")).to_have_count(1)


def test_sorts_both_ways_and_back(look, review_page):
    page = look(review_page)
    names = page.locator("#changes tbody th")
    order = names.all_inner_texts()
    button, heading = page.get_by_role("button", name="Who"), page.locator("th.of-who")
    button.click()
    assert heading.get_attribute("aria-sort") == "ascending"
    rising = [text.split("\n")[0] for text in names.all_inner_texts()]
    assert rising == sorted(rising, key=lambda name: name.strip("—").casefold())
    button.click()
    assert heading.get_attribute("aria-sort") == "descending"
    button.click()
    assert heading.get_attribute("aria-sort") is None
    assert names.all_inner_texts() == order


@pytest.mark.parametrize(
    ("head", "title"),
    [
        pytest.param(pages.BASE, "Nothing changed", id="the same"),
        pytest.param(
            pages.BASE | {"Carol": pages.resource("IAM::User", UserName="carol")}, "Narrows", id="less"
        ),
        pytest.param({}, "Narrows", id="nobody left"),
    ],
)
def test_other_verdicts(head, title, look, tmp_path):
    page = look(pages.review_page(tmp_path, pages.BASE, head))
    expect(page.locator("h1")).to_contain_text(title)


def test_unusable_input_is_listed(look, tmp_path):
    page = look(pages.review_page(tmp_path, {}, []))
    expect(page.locator("h1")).to_contain_text("Unusable input")
    expect(page.locator("#changes tbody tr")).not_to_have_count(0)


# A principal's page


def test_a_link_leads_to_a_principal(look, review_page):
    page = look(review_page)
    page.locator("#changes").get_by_role("link", name="role/worker").first.click()
    expect(page.locator("h2:visible")).to_have_text("role/worker")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    expect(page.locator("#principal")).to_contain_text("can be assumed")
    expect(page.locator("#principal")).to_contain_text("iam:PutRolePolicy")
    page.get_by_role("link", name="All principals").click()
    expect(page.locator("#changes")).to_be_visible()


def test_the_address_of_a_principal_can_be_shared(look, review_page):
    page = look(review_page, place="#principal/user%2Falice")
    expect(page.locator("h2:visible")).to_have_text("user/alice")
    expect(page.locator("#principal .facts")).to_contain_text("group/analysts")
    expect(page.locator("#principal")).to_contain_text("s3:PutObject")


@pytest.mark.parametrize(
    "place", ["#principal/nobody", "#principal/%E0%A4%A", "#principal/", "#x<y", "#principal/__proto__"]
)
def test_an_address_without_principal_shows_all(place, look, review_page):
    page = look(review_page, place=place)
    expect(page.locator("#changes")).to_be_visible()
    expect(page.locator("#principal")).to_be_hidden()


# The map


def cell(page, who, resource):
    column = page.locator("#map .head", has_text=resource).first.get_attribute("data-column")
    return page.locator("#map .line", has_text=who).first.locator(f'[data-column="{column}"]')


def test_marks_what_changes(look, review_page):
    page = look(review_page)
    words = {
        (
            "group/analysts",
            "acme-reports/monthly/*",
        ): "read; with conditions or for a part: write; gains write",
        ("user/alice", "acme-reports/monthly/*"): "read; with conditions or for a part: write; gains write",
        ("anyone", "acme-reports/*"): "read; gains read",
        ("user/carol", "instance/*"): "nothing now; loses write",
    }
    for (who, resource), how in words.items():
        expect(cell(page, who, resource).locator(".unseen")).to_have_text(how)
    expect(page.locator("#map .line", has_text="user/dave").locator(".doubt")).to_be_visible()


def test_shows_a_letter_for_each_level(look, review_page):
    page = look(review_page)
    shown = cell(page, "user/alice", "acme-reports/monthly/*").locator(".slots span")
    assert shown.all_inner_texts() == ["", "R", "", "w", ""]
    assert cell(page, "role/admin", "acme-reports/*").locator(".slots").inner_text().split() == list("LRTWP")


def test_navigates_by_keyboard(look, review_page):
    page = look(review_page)
    page.locator("#only-changed").focus()
    page.keyboard.press("Tab")
    assert focused(page) == [1, 1]
    steps = {
        "ArrowDown": [2, 1],
        "ArrowRight": [2, 2],
        "ArrowUp": [1, 2],
        "Home": [1, 0],
        "End": [1, page.evaluate("map.columns.length")],
        "Control+Home": [0, 0],
        "Control+End": [page.evaluate("map.rows.length"), page.evaluate("map.columns.length")],
    }
    for key, place in steps.items():
        page.keyboard.press(key)
        assert focused(page) == place
        assert page.evaluate("document.querySelectorAll('#map [tabindex=\"0\"]').length") == 1
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    name = page.evaluate("document.activeElement.innerText")
    expect(page.locator("#map .told")).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(page.locator("#principal h2")).to_have_text(name)


def test_the_focus_is_visible(look, review_page):
    page = look(review_page)
    page.locator("#only-changed").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_filters_the_map(look, review_page):
    page = look(review_page)
    page.get_by_label("Only changes").check()
    expect(page.locator("#map .line", has_text="role/admin")).to_have_count(0)
    page.get_by_label("Only changes").uncheck()
    page.locator("#by-principal").fill("analysts")
    expect(page.locator("#map .line")).to_have_count(1)
    page.locator("#by-principal").fill("")
    page.locator("#by-resource").fill("instance")
    expect(page.locator("#map .head")).to_have_count(1)
    page.locator("#by-resource").fill("nothing is called so")
    expect(page.locator("#map").get_by_text("Nothing matches these filters.")).to_be_visible()


def test_shows_one_assembly_alone(look, map_page):
    page = look(map_page)
    expect(page.locator("h1")).to_have_text("Access map")
    expect(page.locator("#top")).to_contain_text("something is undecided for 1 principal")
    expect(page.locator("#changes")).to_be_hidden()
    assert page.locator("#map [data-change]").count() == 0


def test_shows_a_thousand_principals(look, large_page):
    page = look(large_page)
    expect(page.locator("#map .result")).to_have_text(re.compile("1,002 principals . 1,002 resources"))
    assert nodes(page) < MOST_NODES
    page.locator("#map .cell").first.focus()
    page.keyboard.press("Control+End")
    assert focused(page) == [1_002, 1_002]
    assert page.evaluate("document.activeElement.getAttribute('aria-colindex')") == "1003"
    assert page.evaluate("document.activeElement.parentNode.getAttribute('aria-rowindex')") == "1003"
    assert nodes(page) < MOST_NODES
    page.locator("#map .grid").evaluate("(grid) => grid.scrollTo(9000, 9000)")
    expect(page.locator("#map .line", has_text="user-0320")).to_be_visible()
    assert focused(page) == [1_002, 1_002]
    assert nodes(page) < MOST_NODES


# Hostile names


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory):
    resources = {
        f"{key}{what}" if key != name else name: each
        for what, name in pages.HOSTILE.items()
        for key, each in pages.hostile(name).items()
    }
    return pages.review_page(tmp_path_factory.mktemp("hostile"), {}, resources)


def is_inert(page):
    assert page.evaluate("window.hacked") is None
    assert page.locator("h1").count() == 1
    assert page.locator("script").count() == 2
    assert page.locator("img, iframe, object, link, base, form").count() == 0
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff\u2028]", page.inner_text("body"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_names_run_nothing(look, hostile_page):
    page = look(hostile_page)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    is_inert(page)


def test_pages_of_hostile_names_run_nothing(look, hostile_page):
    page = look(hostile_page)
    keys = page.evaluate("rows.map((row) => [row.key, row.name])")
    assert len(keys) > len(pages.HOSTILE)
    for key, name in keys:
        page.evaluate("(key) => { location.hash = `#principal/${encodeURIComponent(key)}` }", key)
        expect(page.locator("#principal h2")).to_have_text(name)
        is_inert(page)


@pytest.mark.parametrize(
    "name", ["<script>window.hacked=1</script>", '"\'`onmouseover=window.hacked=1 x="', "__proto__"]
)
def test_a_hostile_name_is_shown_as_it_is(name, look, hostile_page):
    expect(look(hostile_page).locator("#changes")).to_contain_text(f"user/{name}")


@pytest.mark.parametrize(
    ("attempt", "directive"),
    [
        pytest.param(
            "const s = document.createElement('script'); s.append('window.hacked = 1'); document.body.append(s)",
            "require-trusted-types-for",
            id="a script",
        ),
        pytest.param(
            "document.body.innerHTML = '<b>x</b>'", "require-trusted-types-for", id="markup from text"
        ),
        pytest.param("new Image().src = 'https://192.0.2.1/x.png'", "img-src", id="an image"),
        pytest.param("fetch('https://192.0.2.1/').catch(() => 0)", "connect-src", id="a request"),
        pytest.param("document.body.setAttribute('style', 'color: red')", "style-src", id="a style"),
    ],
)
def test_its_content_security_policy_is_enforced(attempt, directive, profile, review_page):
    page = profile().new_page()
    page.goto(review_page.as_uri())
    page.evaluate(f"() => {{ try {{ {attempt} }} catch {{ /* told by the event */ }} }}")
    page.wait_for_function("violations.length")
    assert page.evaluate("violations[0]").startswith(directive)
    assert page.evaluate("window.hacked") is None
    page.close()


# Accessibility


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("kind", "place"),
    [
        pytest.param("review_page", "", id="review"),
        pytest.param("review_page", "#principal/user%2Falice", id="principal"),
        pytest.param("map_page", "", id="map"),
    ],
)
def test_axe_finds_no_serious_fault(*, kind, place, scheme, look, request, root):
    page = look(request.getfixturevalue(kind), place=place, scheme=scheme, watched=False)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    page.evaluate((root / "node_modules" / "axe-core" / "axe.min.js").read_text())
    faults = page.evaluate("axe.run().then(({ violations }) => violations)")
    serious = [each for each in faults if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in serious] == []


# What it looks like: coarsely, so that another machine's fonts don't matter


@pytest.fixture(scope="module")
def coarse(profile):
    """Return the mean colour of each of 40 by 24 blocks of a picture."""
    easel = profile(watched=False).new_page()

    @cache
    def coarse(picture):
        found = easel.evaluate(
            """async (data) => {
              const image = await createImageBitmap(await (await fetch(data)).blob());
              const canvas = new OffscreenCanvas(40, 24), context = canvas.getContext("2d");
              context.imageSmoothingQuality = "high";
              context.drawImage(image, 0, 0, 40, 24);
              return [...context.getImageData(0, 0, 40, 24).data];
            }""",
            f"data:image/png;base64,{b64encode(picture).decode()}",
        )
        return [value for index, value in enumerate(found) if index % 4 != ALPHA]

    yield coarse
    easel.close()


@pytest.fixture
def apart(coarse):
    """Return the share of blocks that differ by more than another font's letters make them."""

    def apart(one, other):
        pairs = zip(coarse(one), coarse(other), strict=True)
        return sum(abs(mine - its) > OF_LETTERS for mine, its in pairs) / (40 * 24 * 3)

    return apart


def taken(page, whole):
    return page.screenshot(full_page=True) if whole else page.locator("#map .grid").screenshot()


VIEWS = {
    "light": {"scale": 0.5},
    "dark": {"scheme": "dark", "scale": 0.5},
    "narrow": {"width": 390, "height": 844, "scale": 0.5},
    "principal": {"place": "#principal/user%2Falice", "scale": 0.5},
    "map-light": {},
    "map-dark": {"scheme": "dark"},
}
"""The map's cells have a size of their own, so that it is held to its picture more closely than a whole page."""


def most_apart(name):
    return 0.003 if name.startswith("map") else 0.05


@pytest.mark.parametrize("name", VIEWS)
def test_matches_its_screenshot(name, look, apart, review_page, root):
    """KEYWRIGHT_GOLDEN=write takes new screenshots for review."""
    golden = root / "tests" / "golden" / "browser" / f"{name}.png"
    picture = taken(look(review_page, **VIEWS[name]), whole="scale" in VIEWS[name])
    if os.environ.get("KEYWRIGHT_GOLDEN") == "write":
        golden.write_bytes(picture)
    assert apart(picture, golden.read_bytes()) <= most_apart(name)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(".head { display: none }", id="no headings"),
        pytest.param("[data-level] { background: none !important }", id="no colours"),
        pytest.param(".gained { background: none; color: inherit }", id="gains unmarked"),
        pytest.param(".cell { box-shadow: none !important }", id="cells unmarked"),
        pytest.param(".lines .cell { margin-left: 20px }", id="out of line"),
    ],
)
def test_a_fault_does_not_match_the_screenshot(fault, look, apart, review_page, root):
    page = look(review_page, watched=False)
    page.add_style_tag(content=fault)
    golden = root / "tests" / "golden" / "browser" / "map-light.png"
    assert apart(taken(page, whole=False), golden.read_bytes()) > most_apart("map-light")


# Paper, and narrow screens


def test_prints(look, large_page, review_page):
    for file in (review_page, large_page):
        assert look(file).pdf().startswith(b"%PDF-")


def test_the_printed_page_lists_what_it_omits(look, large_page):
    page = look(large_page)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#map .grid")).to_be_hidden()
    expect(page.locator("#map .paper")).to_contain_text("Not printed: 802 principals and 942 resources.")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("#map .paper")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390, 820, 1_600])
def test_nothing_is_cut_off_sideways(width, look, review_page):
    page = look(review_page, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_shows_the_verdict_without_scripts(profile, review_page):
    page = profile(scripts=False).new_page()
    page.goto(review_page.as_uri())
    expect(page.locator("h1")).to_contain_text("Access review: widens")
    page.close()
