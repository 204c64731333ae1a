"""Adopted declarations as YAML files: a comment for each doubt, and what was left alone at the end of the file it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from keywright.model.source.yaml_writing import scalar
from keywright.reporting.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.adopt.adoption import Adoption, Thing

FILES = {
    "groups": "groups.yaml",
    "users": "users.yaml",
    "roles": "roles.yaml",
    "workloads": "workloads.yaml",
    "policies": "policies.yaml",
    "buckets": "buckets.yaml",
    "identity_providers": "identity_providers.yaml",
}
_HEADS = {
    "groups": "Groups of people.",
    "users": "People, and applications that have access keys.",
    "roles": "Roles, with who can assume them.",
    "workloads": "Applications on EC2.",
    "policies": "Managed policies that several identities share.",
    "buckets": "The buckets that grants name; none of them is created, changed or deleted.",
    "identity_providers": "The identity providers that roles trust; none of them is created, changed or deleted.",
}
ACCOUNT = "account.yaml"
_WIDEST = 110
_LISTED = ("grants", "policies", "trusts")


@dataclass(frozen=True)
class Written:
    """The text of each file, and which lines are about which thing."""

    files: Mapping[str, str]
    lines: Mapping[str, tuple[tuple[int, str], ...]]
    """The first line of each thing in a file, in order, with its reference such as `users/alice`."""

    def thing_at(self, file: str, line: int | None) -> str:
        """Give the thing that a line is about; "" for none."""
        found = ""
        for first, name in self.lines.get(file, ()):
            if line is None or first > line:
                break
            found = name
        return found


def written(adoption: Adoption, source: str) -> Written:
    """Write all files; `source` names the snapshot."""
    files: dict[str, str] = {}
    lines: dict[str, tuple[tuple[int, str], ...]] = {}
    by_file = {file: section for section, file in FILES.items() if adoption.sections.get(section)}
    left: dict[str, dict[str, list[str]]] = {}
    for name, why in adoption.left.items():
        section, _, own = name.partition("/")
        if own not in adoption.sections.get(section, {}):
            file = FILES.get(section, "")
            # A file of comments alone declares nothing, which is a mistake.
            left.setdefault(file if file in by_file else ACCOUNT, {})[name] = why
    account, lines[ACCOUNT] = _account(adoption.account, source)
    files[ACCOUNT] = "\n".join((*account, *_left(left.get(ACCOUNT, {})))) + "\n"
    for file, section in by_file.items():
        files[file], lines[file] = _section(section, adoption.sections[section], left.get(file, {}))
    return Written(files, lines)


def _account(account: Thing, source: str) -> tuple[list[str], tuple[tuple[int, str], ...]]:
    texts = [_comment(f"Adopted from {source}."), "account:"]
    places: list[tuple[int, str]] = []
    for key, value in account.declared.items():
        places.append((len(texts) + 1, f"account/{key}"))
        texts += _entry(key, value, 2)
    places.append((len(texts) + 1, ""))
    texts += [f"  {_comment(each)}" for each in account.comments]
    return texts, tuple(places)


def _section(
    section: str, things: Mapping[str, Thing], left: Mapping[str, list[str]]
) -> tuple[str, tuple[tuple[int, str], ...]]:
    texts = [_comment(_HEADS[section]), f"{section}:"]
    places: list[tuple[int, str]] = []
    for name, thing in sorted(things.items()):
        places.append((len(texts) + 1, f"{section}/{name}"))
        texts += [f"  {_comment(each)}" for each in thing.comments]
        if thing.declared:
            texts.append(f"  {_scalar(name)}:")
            for key, value in thing.declared.items():
                texts += _entry(key, value, 4)
        else:
            texts.append(f"  {_scalar(name)}: {{}}")
    places.append((len(texts) + 1, ""))
    texts += _left(left)
    return "\n".join(texts) + "\n", tuple(places)


def _left(left: Mapping[str, list[str]]) -> Iterator[str]:
    if left:
        yield ""
        yield _comment("Left alone in the account, and not declared:")
        yield from (_comment(f"  {name}: {'; '.join(why)}") for name, why in sorted(left.items()))


def _entry(key: str, value: Any, indent: int) -> Iterator[str]:
    space = " " * indent
    if key in _LISTED and isinstance(value, list):
        yield f"{space}{key}:"
        for each in value:
            yield from _item(each, indent + 2)
        return
    line = f"{space}{key}: {_flow(value)}"
    if len(line) <= _WIDEST or not isinstance(value, list | dict):
        yield line
        return
    yield f"{space}{key}:"
    yield from _block(value, indent + 2)


def _item(value: Any, indent: int) -> Iterator[str]:
    space = " " * indent
    line = f"{space}- {_flow(value)}"
    if len(line) <= _WIDEST or not isinstance(value, dict):
        yield line
        return
    first, *rest = (each for key, inner in value.items() for each in _entry(key, inner, indent + 2))
    yield f"{space}- {first.lstrip()}"
    yield from rest


def _block(value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(_scalar(key), inner, indent)
        return
    for each in value:
        yield from _item(each, indent)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_scalar(key)}: {_flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """Write a value; a text without quotes only where every reader of YAML takes it for text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | int):
        return str(value)
    return scalar(str(value))


def _comment(text: str) -> str:
    return f"# {on_one_line(text, 600)}"
