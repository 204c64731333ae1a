"""The documentation site: complete, without anything from elsewhere, and with every link of the repository working."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

RAW_MARKDOWN = re.compile(r"^ *(?:- |\d{1,2}\. |\|).*|.*```.*", re.MULTILINE)
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src"}


class Read(HTMLParser):
    """What a page loads, where it links to, and its paragraphs."""

    def __init__(self):
        super().__init__()
        self.loaded, self.links, self.anchors, self.paragraphs = [], [], set(), []
        self._in_paragraph = False

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found:
            self.anchors.add(found["id"])
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if found.get(LOADED.get(tag)):
            self.loaded.append(found[LOADED[tag]])
        if tag == "p":
            self._in_paragraph = True
            self.paragraphs.append("")

    def handle_endtag(self, tag):
        self._in_paragraph &= tag != "p"

    def handle_data(self, data):
        if self._in_paragraph:
            self.paragraphs[-1] += data


@pytest.fixture(scope="module")
def pages(site):
    found = {}
    for file in sorted(site.rglob("*.html")):
        found[file] = Read()
        found[file].feed(file.read_text(encoding="utf-8"))
    return found


def is_elsewhere(address):
    return bool(urlsplit(address).netloc)


def test_every_page_of_docs_is_on_the_site(root, site):
    wanted = {file.relative_to(root / "docs").with_suffix(".html") for file in root.glob("docs/**/*.md")}
    wanted = {each.with_name("index.html") if each.name == "README.html" else each for each in wanted}
    assert {each for each in wanted if not (site / each).is_file()} == set()


def test_nothing_is_loaded_from_elsewhere(pages):
    loaded = [(file.name, each) for file, page in pages.items() for each in page.loaded if is_elsewhere(each)]
    assert loaded == []


def test_every_file_that_a_page_loads_or_links_to_exists(site, pages):
    def there(file, address):
        path, anchor = unquote(urlsplit(address).path), unquote(urlsplit(address).fragment)
        target = (site / path.lstrip("/") if path.startswith("/") else file.parent / path) if path else file
        target = target / "index.html" if target.is_dir() else target
        if not target.is_file():
            return False
        known = pages.get(Path(target).resolve()) or pages.get(target)
        return not anchor or known is None or anchor in known.anchors or anchor.startswith("__")

    broken = [
        (str(file.relative_to(site)), each)
        for file, page in pages.items()
        for each in (*page.loaded, *page.links)
        if not is_elsewhere(each) and urlsplit(each).scheme == "" and file.name != "404.html"
        if not there(file, each)
    ]
    assert broken == []


def test_no_markdown_is_left_as_text(site, pages):
    left = [
        (str(file.relative_to(site)), found)
        for file, page in pages.items()
        for paragraph in page.paragraphs
        for found in RAW_MARKDOWN.findall(paragraph)
    ]
    assert left == []


def test_files_that_pages_link_to_outside_docs_are_pages(site):
    assert (site / "CONTRIBUTING.html").is_file()
    assert (site / "CHANGELOG.html").is_file()
    assert (site / "tests/unit/reasoning/documented_cases.jsonl.html").is_file()


def test_the_search_finds_each_kind_of_page(site):
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    for place in ("tutorial/", "how-to/", "rules/TRU004.html", "adr/0001", "glossary.html"):
        assert f'"location":"{place}' in index
