"""The page as a file: its content security policy, its data, its scripts."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from keywright.assembly.templates.reader import read_assembly
from keywright.review.comparison.snapshot import Snapshot
from keywright.review.page.html import render_map, render_review
from keywright.review.review import review
from tests.unit.review.templates import TODAY, allow, given, user, write
from tests.unit.review.test_comment import HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

READ = allow("s3:GetObject", "arn:aws:s3:::acme-reports/*")


class Elements(HTMLParser):
    """The elements of a page, with the text of each script and style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._within = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._within = tag if tag in self.texts else ""

    def handle_endtag(self, tag):
        self._within = ""

    def handle_data(self, data):
        if self._within:
            self.texts[self._within].append(data)


def reviewed(folder: Path, name: str = "alice") -> str:
    one = given(write(folder / "base" / "t.json", {}))
    other = given(write(folder / "head" / "t.json", {"Alice": user(READ, name=name), name: user(name=name)}))
    return render_review(
        review(one, other, TODAY), *(Snapshot(each.assembly, each.root) for each in (one, other))
    )


def data_of(page: Elements) -> dict:
    return json.loads(page.texts["script"][0])


def test_the_policy_names_script_and_style_alone(tmp_path: Path) -> None:
    page = Elements(reviewed(tmp_path))
    policy = next(
        each["content"] for tag, each in page.tags if each.get("http-equiv") == "Content-Security-Policy"
    )
    script, style = (
        f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
        for text in (page.texts["script"][1], page.texts["style"][0])
    )
    directives = dict(each.split(" ", 1) for each in policy.split("; "))
    assert directives == {
        "default-src": "'none'",
        "script-src": script,
        "style-src": style,
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def test_nothing_refers_to_elsewhere(tmp_path: Path) -> None:
    page = Elements(reviewed(tmp_path))
    assert not any(each.keys() & {"src", "srcset", "style", "onclick", "onload"} for _, each in page.tags)
    assert [each["href"] for _, each in page.tags if "href" in each] == ["#main"]
    assert not re.search(r"@import|url\(", page.texts["style"][0])


def test_the_script_makes_no_markup_of_text(root: Path) -> None:
    for file in sorted((root / "keywright" / "review" / "page").glob("*.js")):
        if not file.name.startswith("d3"):
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacent|\.html\(|document\.write|eval\(|new Function|DOMParser",
                file.read_text(),
            )


@pytest.mark.parametrize("name", [*HOSTILE, "</script>", "<!--<script>", "]]>", "\\u003c/script>", "\u2028"])
def test_a_name_is_data(name: str, tmp_path: Path) -> None:
    plain, hostile = (
        Elements(reviewed(tmp_path / which, each)) for which, each in (("a", "alice"), ("b", name))
    )
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    assert hostile.texts["script"][1] == plain.texts["script"][1]
    names = [row["name"] for row in data_of(hostile)["rows"]]
    assert len(names) == 2
    assert all(each.startswith("user/") and each.isprintable() for each in names)


def test_contains_the_json_document(tmp_path: Path) -> None:
    held = data_of(Elements(reviewed(tmp_path)))["review"]
    assert held["verdict"] == "widens"
    assert held["gains"][0]["gains"][0]["witness"]["action"] == "s3:GetObject"


def test_is_the_same_every_time(tmp_path: Path) -> None:
    assert reviewed(tmp_path) == reviewed(tmp_path)


def test_many_principals_are_a_page_of_moderate_size(tmp_path: Path) -> None:
    people = {
        f"User{n}": user(allow("s3:GetObject", f"arn:aws:s3:::home/{n}/*"), name=f"user-{n}")
        for n in range(500)
    }
    page, drawn = render_map(Snapshot(read_assembly(write(tmp_path / "t.json", people))))
    assert len(drawn.rows) == 500
    assert len(page.encode()) < 500_000


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("d3-selection.min.js", "dist/d3-selection.min.js"), ("d3-selection.LICENSE", "LICENSE")],
)
def test_what_is_vendored_is_what_was_published(ours: str, theirs: str, root: Path) -> None:
    vendored = root / "keywright" / "review" / "page" / ours
    assert vendored.read_bytes() == (root / "node_modules" / "d3-selection" / theirs).read_bytes()


def test_the_page_contains_the_license(tmp_path: Path) -> None:
    page = reviewed(tmp_path)
    assert "Permission to use, copy, modify, and/or distribute this software" in page
