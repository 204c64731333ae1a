"""Merging the files of a folder: sections are combined, and each name may be declared once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.source.places import LISTED, SINGULAR, subject
from keywright.model.source.secrets import NOT_SHOWN, is_secret, may_hold_secret, may_show_text
from keywright.model.source.yaml_tree import (
    BrokenNode,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    in_words,
    place,
)
from keywright.reporting.finding import Finding, Location
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.model.source.yaml_text import Document, Duplicate


def merge(documents: Iterable[tuple[str, Document]]) -> tuple[MappingNode, list[Finding]]:
    """Merge documents, each given with its file name, and report what is declared twice."""
    whole = MappingNode("declarations", 0, 0)
    findings: list[Finding] = []
    for file, document in documents:
        findings.extend(document.findings)
        findings.extend(map(_duplicate, document.duplicates))
        root = document.root
        if isinstance(root, MappingNode) and root.values:
            _set_place(whole, root)
            for name in root.values:
                findings.extend(_add(whole, root.keys[name], root.values[name]))
        # A file that could not be read completely may declare something after its mistake.
        elif document.complete and not document.findings:
            findings.append(_no_sections(file, root))
    return whole, findings


def _set_place(whole: MappingNode, root: MappingNode) -> None:
    # What is missing in all files is reported at the first one.
    if not whole.line:
        whole.file, whole.line, whole.column = root.file, root.line, root.column


def _no_sections(file: str, root: Node | None) -> Finding:
    is_empty = root is None or (isinstance(root, ScalarNode) and root.value is None)
    location = Location(file, 1, 1) if root is None or is_empty else place(root)
    found = "nothing" if root is None else in_words(root)
    if isinstance(root, ScalarNode) and not may_show_text(root.text):
        found = NOT_SHOWN
    return Finding(location, "declares nothing", found, "sections such as `users:`, or no such file")


def _duplicate(duplicate: Duplicate) -> Finding:
    path, name = duplicate.path, duplicate.first.text
    what = subject((*path, name)) if path else f"section {quoted(name)}"
    if any(map(is_secret, path)):
        what = "a name"
    first = place(duplicate.first)
    return Finding(
        place(duplicate.second),
        f"{what} is declared twice",
        f"the first at {first}",
        "one of them",
        see=(first,),
    )


def _add(whole: MappingNode, key: ScalarNode, node: Node) -> Iterator[Finding]:
    section = key.text
    if section in SINGULAR:
        yield from _add_names(whole, key, node)
    elif section in LISTED:
        yield from _add_items(whole, key, node)
    elif section in whole.values:
        first = place(whole.keys[section])
        message = f"{subject((section,))} is declared twice"
        yield Finding(place(key), message, f"the first at {first}", "one of them", see=(first,))
    else:
        whole.keys[section], whole.values[section] = key, node


def _add_names(whole: MappingNode, key: ScalarNode, node: Node) -> Iterator[Finding]:
    if not isinstance(node, MappingNode):
        yield from _wrong_section(whole, key, node, "names, each with its own keys")
        return
    merged = whole.values.get(key.text)
    if not isinstance(merged, MappingNode):
        merged = whole.values[key.text] = MappingNode(node.file, node.line, node.column)
    whole.keys.setdefault(key.text, key)
    for name, value in node.values.items():
        first = merged.keys.setdefault(name, node.keys[name])
        if first is node.keys[name]:
            merged.values[name] = value
        else:
            message = f"{subject((key.text, name))} is declared twice"
            found = f"the first at {place(first)}"
            yield Finding(place(node.keys[name]), message, found, "one of them", see=(place(first),))


def _add_items(whole: MappingNode, key: ScalarNode, node: Node) -> Iterator[Finding]:
    if not isinstance(node, SequenceNode):
        yield from _wrong_section(whole, key, node, "a list, each item after `- `")
        return
    merged = whole.values.get(key.text)
    if not isinstance(merged, SequenceNode):
        merged = whole.values[key.text] = SequenceNode(node.file, node.line, node.column)
    whole.keys.setdefault(key.text, key)
    merged.items.extend(node.items)


def _wrong_section(whole: MappingNode, key: ScalarNode, node: Node, accepted: str) -> Iterator[Finding]:
    # What it would declare is not known, which is no reason to report each name that is used elsewhere.
    whole.keys.setdefault(key.text, key)
    whole.values.setdefault(key.text, BrokenNode(node.file, node.line, node.column))
    if isinstance(node, BrokenNode):
        return
    empty = isinstance(node, ScalarNode) and node.value is None
    message = f"section `{key.text}` {'is empty' if empty else 'has the wrong form'}"
    accepted = f"{accepted}, or no {listed([key.text])}" if empty else accepted
    found = NOT_SHOWN if isinstance(node, ScalarNode) and may_hold_secret((key.text,)) else in_words(node)
    yield Finding(place(key), message, found, accepted)
