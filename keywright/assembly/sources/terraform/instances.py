"""The resources of a plan or a state: one instance each, with its values, what of them is unknown, and what is sensitive.

Source: "JSON Output Format" (Terraform documentation) for plans and states that `terraform show -json` writes, and the
state file of version 4 itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.assembly.sources.source import Node, Step, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.sources.source import Source

Path = tuple[Step, ...]

MANAGED, DATA = "managed", "data"
_PROVIDER = re.compile(r"(?:.*/)?([a-z0-9-]+)")
_STATE_PROVIDER = re.compile(
    r'((?:module\.[^"]*\.)?)provider\["?(?:[^"\]]*/)?([A-Za-z0-9_-]+)"?\](?:\.(\w+))?'
)
_OLD_STATE_PROVIDER = re.compile(r"(?:.*\.)?provider\.(\w+)(?:\.(\w+))?")


@dataclass(frozen=True, eq=False)
class Instance:
    """One instance of a resource or data source. `path` leads to its values in the file.

    `unknown` marks the values that only an apply knows, `hidden` the sensitive ones: either is `true` for a whole value, or
    has the shape of the value.
    """

    address: str
    mode: str
    type: str
    name: str
    module: str
    key: str
    provider: str
    provider_key: str
    values: Mapping[str, Node]
    unknown: Node
    hidden: Node
    path: Path

    @property
    def place(self) -> Path:
        """Give the path of the whole instance."""
        return self.path[:-1]

    def raw(self, *path: Step) -> Node:
        """Give a value as written; None for one that is absent, unknown or sensitive."""
        value: Node = dict(self.values)
        for step in path:
            value = below(value, step)
        return None if self.is_unknown(*path) or self.is_hidden(*path) else value

    def text(self, *path: Step) -> str:
        """Give a known text; "" for anything else."""
        value = self.raw(*path)
        return value if isinstance(value, str) else ""

    def is_unknown(self, *path: Step) -> bool:
        """Tell whether only an apply knows a value."""
        return _is_marked(self.unknown, path)

    def is_hidden(self, *path: Step) -> bool:
        """Tell whether a value is sensitive."""
        return _is_marked(self.hidden, path)


def below(node: Node, step: Step) -> Node:
    """Give a member or an item; None if there is none."""
    if isinstance(node, dict) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node):
        return node[step]
    return None


def _is_marked(mark: Node, path: Path) -> bool:
    for step in path:
        if mark is True:
            return True
        mark = below(mark, step)
    return mark is True


def base_name(module: str) -> tuple[str, ...]:
    """Give the names of the modules in a module's address, without the keys of their instances."""
    return tuple(_steps(module)[1::2])


def _steps(address: str) -> list[str]:
    """Split an address at its dots, and leave out the keys in brackets, which may have dots."""
    return re.sub(r'\["(?:[^"\\]|\\.)*"\]|\[[^\]]*\]', "", address).split(".") if address else []


@dataclass(frozen=True)
class Side:
    """The instances of one moment: a state, what a plan will make, or what there was before it."""

    instances: Mapping[str, Instance] = field(default_factory=dict)


class Reader:
    """Reads the instances of one file."""

    def __init__(self, source: Source, provider_keys: Mapping[tuple[str, ...], str]) -> None:
        self._source = source
        self._keys = provider_keys
        self.tree: Mapping[str, Node] = source.tree if isinstance(source.tree, dict) else {}
        self._changes = {
            str(each.get("address")): each.get("change")
            for each in items_of(self.tree, "resource_changes")
            if isinstance(each, dict) and "deposed" not in each
        }

    # Plans and states that `terraform show -json` writes

    def planned(self) -> Side:
        """Give what there is after the plan; what it only forgets stays, as nothing is deleted then."""
        found = {each.address: each for each in self._of_values(("planned_values",), is_planned=True)}
        forgotten = {
            address: each
            for address, each in self.before().instances.items()
            if address not in found and "forget" in self._actions(address)
        }
        return Side({**forgotten, **found})

    def before(self) -> Side:
        """Give what there was before the plan."""
        found = self._of_values(("prior_state", "values"), is_planned=False)
        return Side({each.address: each for each in found})

    def state(self) -> Side:
        """Give the instances of a state."""
        return Side({each.address: each for each in self._of_values(("values",), is_planned=False)})

    def _actions(self, address: str) -> list[Node]:
        change = self._changes.get(address)
        found = change.get("actions") if isinstance(change, dict) else None
        return found if isinstance(found, list) else []

    def _of_values(self, path: Path, *, is_planned: bool) -> Iterator[Instance]:
        modules: list[tuple[Path, str]] = [((*path, "root_module"), "")]
        while modules:
            at, address = modules.pop()
            module = self._at(at)
            for index, each in enumerate(items_of(module, "resources")):
                yield self._instance((*at, "resources", index), each, address, is_planned=is_planned)
            for index, each in enumerate(items_of(module, "child_modules")):
                below_it = str(each.get("address")) if isinstance(each, dict) else ""
                modules.append(((*at, "child_modules", index), below_it))

    def _at(self, path: Path) -> Node:
        node: Node = dict(self.tree)
        for step in path:
            node = below(node, step)
        return node

    def _instance(self, path: Path, item: Node, module: str, *, is_planned: bool) -> Instance:
        if not isinstance(item, dict) or not isinstance(item.get("address"), str):
            raise unreadable(
                self._source.locate(*path),
                "the resource has no `address`",
                accepted="the output of `terraform show -json`, unchanged",
            )
        address, values = str(item["address"]), item.get("values")
        change = self._changes.get(address) if is_planned else None
        change = change if isinstance(change, dict) else {}
        after = change.get("after")
        # The planned values leave out what is unknown in a list; the change has every item.
        if isinstance(after, dict):
            values = after
        mode, kind, name = (str(item.get(each) or "") for each in ("mode", "type", "name"))
        return Instance(
            address=address,
            mode=mode,
            type=kind,
            name=name,
            module=module,
            key=str(item["index"]) if item.get("index") is not None else "",
            provider=_provider(str(item.get("provider_name") or kind.partition("_")[0])),
            provider_key=self._keys.get((*base_name(module), mode, kind, name), ""),
            values=values if isinstance(values, dict) else {},
            unknown=change.get("after_unknown"),
            hidden=_joined(item.get("sensitive_values"), change.get("after_sensitive")),
            path=(*path, "values"),
        )

    # State files

    def state_file(self) -> Side:
        """Give the instances of a state file."""
        found: dict[str, Instance] = {}
        for index, item in enumerate(items_of(self.tree, "resources")):
            if not isinstance(item, dict):
                continue
            for number, each in enumerate(items_of(item, "instances")):
                # A deposed object is only waiting to be deleted.
                if isinstance(each, dict) and "deposed" not in each:
                    made = _of_state_file(("resources", index, "instances", number), item, each)
                    found[made.address] = made
        return Side(found)


def _of_state_file(path: Path, item: Mapping[str, Node], each: Mapping[str, Node]) -> Instance:
    mode, kind, name = (str(item.get(one) or "") for one in ("mode", "type", "name"))
    module, key = str(item.get("module") or ""), each.get("index_key")
    written = "" if key is None else f"[{key}]" if str(key).isdigit() else f'["{key}"]'
    prefix = f"{module}." if module else ""
    provider, provider_key = _of_state_provider(str(item.get("provider")), kind)
    values = each.get("attributes")
    return Instance(
        address=f"{prefix}{'data.' if mode == DATA else ''}{kind}.{name}{written}",
        mode=mode,
        type=kind,
        name=name,
        module=module,
        key="" if key is None else str(key),
        provider=provider,
        provider_key=provider_key,
        values=values if isinstance(values, dict) else {},
        unknown=None,
        hidden=dict(_sensitive_attributes(each)),
        path=(*path, "attributes"),
    )


def _of_state_provider(written: str, kind: str) -> tuple[str, str]:
    found = _STATE_PROVIDER.fullmatch(written)
    if found is not None:
        alias = f".{found[3]}" if found[3] else ""
        return found[2], f"{found[1]}{found[2]}{alias}"
    old = _OLD_STATE_PROVIDER.fullmatch(written)
    if old is not None:
        return old[1], f"{old[1]}.{old[2]}" if old[2] else old[1]
    provider = kind.partition("_")[0]
    return provider, provider


def _sensitive_attributes(instance: Mapping[str, Node]) -> Iterator[tuple[str, Node]]:
    """Give the attributes of which any part is sensitive, each as a whole."""
    for path in items_of(instance, "sensitive_attributes"):
        first = path[0] if isinstance(path, list) and path else path
        name = first.get("value") if isinstance(first, dict) else first
        if isinstance(name, str):
            yield name, True


def items_of(node: Node | Mapping[str, Node], name: str) -> list[Node]:
    """Give the items of a member that is a list; none if it is not."""
    found = node.get(name) if isinstance(node, Mapping) else None
    return found if isinstance(found, list) else []


def _provider(name: str) -> str:
    found = _PROVIDER.fullmatch(name)
    return found[1] if found else name


def _joined(one: Node, other: Node) -> Node:
    """Mark what either of two marks does."""
    if one is True or other is True:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _joined(one.get(key), other.get(key)) for key in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        longest = max(len(one), len(other))
        return [_joined(below(one, index), below(other, index)) for index in range(longest)]
    return one or other
