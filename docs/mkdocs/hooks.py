"""What MkDocs does not do by itself for the documentation site.

The navigation is read from docs/README.md, so that a new page is listed in one place. Links that leave docs/, which work in
the repository, work on the site too: the files that they name become pages. Scripts come from node_modules.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files, InclusionLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

SCRIPTS = {
    "assets/javascripts/iframe-worker.js": "node_modules/iframe-worker/shim/index.js",
    "assets/javascripts/mermaid.js": "node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js",
}
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)(?P<path>[^)\s#]+)(?P<anchor>#[^)\s]*)?(?=\))")
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
NAMED_FENCE = re.compile(r"^( *```[a-z]+) (\S+)$", re.MULTILINE)
HEADING = re.compile(r"^(#{2,3}) (.+)$")
_HOME = {"Home": "README.md"}
FOLDERS = {"adr/README.md": "Architecture decision records"}
"""Lists of a folder's pages, where the folder has none."""
LANGUAGES = {".jsonl": "json", ".py": "python", ".yaml": "yaml", ".yml": "yaml", ".json": "json"}


def on_config(config: MkDocsConfig) -> None:
    """Read the navigation from the index."""
    config["nav"] = navigation(Path(config["docs_dir"]))


def navigation(docs: Path) -> list[Any]:
    """Turn the headings and links of docs/README.md into MkDocs's navigation."""
    nav: list[Any] = [_HOME]
    section: list[Any] = []
    part = section
    for line in (docs / "README.md").read_text(encoding="utf-8").splitlines():
        if heading := HEADING.match(line):
            part = []
            if heading[1] == "##":
                section = part
                nav.append({heading[2]: part})
            else:
                section.append({heading[2]: part})
        elif line.startswith("- ") and len(nav) > 1:
            part += _entries(docs, line)
    return [each for each in nav if each == _HOME or any(each.values())]


def _entries(docs: Path, line: str) -> Iterator[Any]:
    for title, target in re.findall(r"\[([^\]]+)\]\(([^)#\s]+)\)", line):
        path = _place("docs/README.md", target)
        if path.endswith("/README.md"):
            folder = posixpath.dirname(path)
            others = sorted(each.name for each in (docs / folder).glob("*.md") if each.name != "README.md")
            yield {title: [path, *(f"{folder}/{name}" for name in others)]}
        elif path.endswith(".md"):
            yield path


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files outside docs/ that pages link to, and the scripts."""
    root = Path(config["config_file_path"]).parent
    waiting = [f"docs/{each.src_uri}" for each in files.documentation_pages()]
    seen = set(waiting)
    while waiting:
        source = waiting.pop()
        for target in _targets(root, source):
            if target in seen or target == "README.md":
                continue
            seen.add(target)
            if target.startswith("docs/"):
                continue
            if not (root / target).is_file():
                raise PluginError(f"{source}: link to `{target}`, which is no file of the repository")
            page = File.generated(config, _place("", target), content=_page(root, target))
            page.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(page)
            waiting.append(target)
    for place, title in FOLDERS.items():
        content = _list(Path(config["docs_dir"], posixpath.dirname(place)), title)
        files.append(File.generated(config, place, content=content))
    for place, path in SCRIPTS.items():
        files.append(File.generated(config, place, abs_src_path=str(root / path)))
    return files


def _list(folder: Path, title: str) -> str:
    titles = {
        each.name: each.read_text(encoding="utf-8").partition("\n")[0][2:]
        for each in sorted(folder.glob("*.md"))
    }
    return "\n".join([f"# {title}\n", *(f"- [{line}]({name})" for name, line in titles.items())]) + "\n"


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Point the page's links at the places of the site."""
    source = _source(page.file)

    def moved(link: re.Match[str]) -> str:
        place = _place(source, link["path"])
        return posixpath.relpath(place, posixpath.dirname(page.file.src_uri) or ".") + (link["anchor"] or "")

    return _outside_fences(markdown, lambda text: LINK.sub(moved, text))


def on_post_page(output: str, **_: Any) -> str:
    """Name the search for screen readers, which the theme leaves out."""
    return output.replace(
        'data-md-component="search" role="dialog"',
        'data-md-component="search" role="dialog" aria-label="Search"',
    )


def _source(file: File) -> str:
    """Return where a page is in the repository."""
    return f"docs/{file.src_uri}" if file.generated_by is None else file.src_uri


def _place(source: str, target: str) -> str:
    """Return where on the site a link of a file of the repository leads."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
    if path == "README.md":
        return path
    if path.startswith("docs/"):
        inside = path.removeprefix("docs/")
        return inside if posixpath.splitext(inside)[1] else f"{inside}/README.md"
    return path if path.endswith(".md") else f"{path}.md"


def _targets(root: Path, source: str) -> Iterator[str]:
    if not source.endswith(".md"):
        return
    text = FENCE.sub("", (root / source).read_text(encoding="utf-8"))
    for link in LINK.finditer(text):
        yield posixpath.normpath(posixpath.join(posixpath.dirname(source), link["path"]))


def _page(root: Path, path: str) -> str:
    """Return a page for a file: itself, or its text as code."""
    text = (root / path).read_text(encoding="utf-8")
    if path.endswith(".md"):
        return text
    language = LANGUAGES.get(posixpath.splitext(path)[1], "text")
    return f"# `{path}`\n\n````{language}\n{text}````\n"


def _outside_fences(text: str, change: Callable[[str], str]) -> str:
    """Change the text around blocks of code; a block gets blank lines around it, which Python-Markdown needs."""
    parts, at = [], 0
    for fence in FENCE.finditer(text):
        block = NAMED_FENCE.sub(r'\1 title="\2"', fence[0])
        parts += [change(text[at : fence.start()]), block if block.startswith(" ") else f"\n{block}\n"]
        at = fence.end()
    return "".join([*parts, change(text[at:])])
