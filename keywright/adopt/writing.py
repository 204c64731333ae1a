"""Adopted declarations as YAML files with a comment for each doubt, and the list of what was left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from keywright.model.source.folder import LARGEST
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
ACCOUNT, LEFT = "account.yaml", "left-alone.txt"
_WIDEST = 110
_LONGEST = 2_000
_LARGEST = LARGEST // 2
"""Bytes of a file; larger ones are refused, and a file of half the size still has room for edits."""
_LISTED = ("grants", "policies", "trusts", "access_keys")


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
    account, lines[ACCOUNT] = _account(adoption, source)
    files[ACCOUNT] = "\n".join(account) + "\n"
    for section, file in FILES.items():
        for number, texts in enumerate(_parts(section, adoption.sections.get(section, {})), start=1):
            name = file if number == 1 else file.replace(".yaml", f"-{number}.yaml")
            lines[name] = _places(texts)
            whole = (_comment(_HEADS[section]), f"{section}:", *(line for _, own in texts for line in own))
            files[name] = "\n".join(whole) + "\n"
    if adoption.left:
        reasons = (f"{name}: {'; '.join(why)}" for name, why in sorted(adoption.left.items()))
        head = f"Left alone in the account, and not declared; adopted from {source}."
        files[LEFT] = "\n".join((head, "", *(on_one_line(each, _LONGEST) for each in reasons))) + "\n"
    return Written(files, lines)


def _parts(section: str, things: Mapping[str, Thing]) -> Iterator[list[tuple[str, list[str]]]]:
    """Give the lines of each thing, file by file."""
    part: list[tuple[str, list[str]]] = []
    size = 0
    for name, thing in sorted(things.items()):
        lines = [*_thing(name, thing)]
        length = sum(len(each.encode()) + 1 for each in lines)
        if part and size + length > _LARGEST:
            yield part
            part, size = [], 0
        part.append((f"{section}/{name}", lines))
        size += length
    if part:
        yield part


def _places(things: list[tuple[str, list[str]]]) -> tuple[tuple[int, str], ...]:
    """Give the first line of each thing, below the two lines of the head."""
    places: list[tuple[int, str]] = []
    line = 3
    for name, lines in things:
        places.append((line, name))
        line += len(lines)
    return tuple(places)


def _thing(name: str, thing: Thing) -> Iterator[str]:
    yield from (f"  {_comment(each)}" for each in thing.comments)
    if not thing.declared:
        yield f"  {_scalar(name)}: {{}}"
        return
    yield f"  {_scalar(name)}:"
    for key, value in thing.declared.items():
        yield from _entry(key, value, 4)


def _account(adoption: Adoption, source: str) -> tuple[list[str], tuple[tuple[int, str], ...]]:
    texts = [_comment(f"Adopted from {source}.")]
    if adoption.left:
        texts.append(_comment(f"What is left alone is in {LEFT}, with the reasons."))
    texts.append("account:")
    places: list[tuple[int, str]] = []
    for key, value in adoption.account.declared.items():
        places.append((len(texts) + 1, f"account/{key}"))
        texts += _entry(key, value, 2)
    places.append((len(texts) + 1, ""))
    texts += [f"  {_comment(each)}" for each in adoption.account.comments]
    return texts, tuple(places)


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
