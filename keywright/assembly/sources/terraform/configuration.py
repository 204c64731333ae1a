"""The configuration of a plan: which expression gives an argument its value, and the settings of providers.

Terraform writes which objects an expression refers to, and not the expression. Source: "JSON Output Format",
Configuration representation (Terraform documentation).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.sources.terraform.instances import base_name, below, items_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.sources.source import Node
    from keywright.assembly.sources.terraform.instances import Instance, Path, Side

LONGEST_CHAIN = 20
"""Variables and outputs of modules from which a value is passed on."""
_RESOURCE = re.compile(
    r"(?P<object>(?:data\.)?[A-Za-z][\w-]*\.[A-Za-z_][\w-]*)(?P<key>\[(?:\"(?:[^\"\\]|\\.)*\"|[0-9]+)\])?(?P<rest>(?:[.\[].*)?)"
)
_OUTPUT = re.compile(
    r"module\.(?P<name>[\w-]+)(?P<key>\[(?:\"(?:[^\"\\]|\\.)*\"|[0-9]+)\])?\.(?P<output>[\w-]+)"
)
_NOT_RESOURCES = ("var.", "local.", "each.", "count.", "path.", "self.", "terraform.", "module.")


@dataclass(frozen=True)
class Reference:
    """An attribute of another instance; "" if the configuration does not say which."""

    target: Instance
    attribute: str


class Configuration:
    """The configuration of one plan; a state has none."""

    def __init__(self, tree: Mapping[str, Node]) -> None:
        found = tree.get("configuration")
        self._tree: Mapping[str, Node] = found if isinstance(found, dict) else {}
        self._variables = tree.get("variables")
        self._modules: dict[tuple[str, ...], Node] = {}
        self._resources: dict[tuple[str, ...], Mapping[str, Node]] = {}
        self._calls: dict[tuple[str, ...], Node] = {}
        self._collect()
        self.provider_keys = {
            key: str(each.get("provider_config_key") or "") for key, each in self._resources.items()
        }

    def _collect(self) -> None:
        queue: list[tuple[tuple[str, ...], Node]] = [((), self._tree.get("root_module"))]
        while queue:
            names, module = queue.pop()
            self._modules[names] = module
            for each in items_of(module, "resources") if isinstance(module, dict) else ():
                if isinstance(each, dict):
                    key = (*names, *(str(each.get(one) or "") for one in ("mode", "type", "name")))
                    self._resources[key] = each
            calls = below(module, "module_calls")
            for name, call in calls.items() if isinstance(calls, dict) else ():
                self._calls[*names, name] = call
                queue.append(((*names, name), below(call, "module")))

    @property
    def providers(self) -> Iterator[tuple[str, Mapping[str, Node]]]:
        """Give the configured providers by their keys."""
        found = self._tree.get("provider_config")
        for key, each in found.items() if isinstance(found, dict) else ():
            if isinstance(each, dict):
                yield key, each

    def constant(self, expression: Node) -> Node:
        """Give a value that the configuration states itself, or that a variable of the root module has; else None."""
        if not isinstance(expression, dict):
            return None
        if "constant_value" in expression:
            return expression["constant_value"]
        references = items_of(expression, "references")
        if len(references) == 1 and str(references[0]).startswith("var."):
            return below(below(dict_of(self._variables), str(references[0])[4:]), "value")
        return None

    def has_argument(self, instance: Instance, name: str) -> bool | None:
        """Tell whether an argument is written in the configuration; None if the configuration is not known."""
        resource = self._of(instance)
        expressions = below(resource, "expressions")
        return name in expressions if isinstance(expressions, dict) else None

    def _of(self, instance: Instance) -> Node:
        key = (*base_name(instance.module), instance.mode, instance.type, instance.name)
        return dict(self._resources[key]) if key in self._resources else None

    def references(self, instance: Instance, path: Path) -> list[str]:
        """Give what an argument refers to, the longest form of each; one for each time that it does."""
        node = below(self._of(instance), "expressions")
        for at, step in enumerate(path):
            if isinstance(step, int) and not isinstance(node, list):
                # The items of one argument share its expression.
                break
            if isinstance(node, list) and isinstance(step, int) and len(node) != _count(instance, path[:at]):
                # A `dynamic` block is not among those written, so that their numbers differ.
                return []
            node = below(node, step)
        return _leaves([str(each) for each in items_of(node, "references")])

    def targets(self, side: Side, instance: Instance, path: Path) -> list[Reference | None]:
        """Give the attribute for each thing that an argument refers to; None for what is not known."""
        several = self.references(instance, path)
        # `aws_iam_policy.these[each.key].arn` is written as two references, without the attribute.
        if len(several) == 2 and several[1] == "each.key" and _is_resource(several[0]) and instance.key:  # noqa: PLR2004
            several = [f'{several[0]}["{instance.key}"]']
        return [self._target(side, instance.module, each, LONGEST_CHAIN) for each in several]

    def _target(self, side: Side, module: str, written: str, left: int) -> Reference | None:
        if left == 0:
            return None
        if written.startswith("var."):
            return self._passed(side, module, written[4:], left)
        output = _OUTPUT.fullmatch(written)
        if output is not None:
            return self._output(side, module, output, left)
        found = _RESOURCE.fullmatch(written)
        if found is None or not _is_resource(written):
            return None
        target = _instance_named(side, _joined(module, found["object"]), found["key"] or "")
        rest = found["rest"].lstrip(".")
        return Reference(target, rest) if target is not None and re.fullmatch(r"\w*", rest) else None

    def _passed(self, side: Side, module: str, name: str, left: int) -> Reference | None:
        """Follow a variable to the call of its module."""
        names = base_name(module)
        expression = below(below(self._calls.get(names), "expressions"), name) if names else None
        return self._only(side, _parent(module), expression, left)

    def _output(self, side: Side, module: str, found: re.Match[str], left: int) -> Reference | None:
        """Follow an output into its module."""
        inside = self._modules.get((*base_name(module), found["name"]))
        expression = below(below(below(inside, "outputs"), found["output"]), "expression")
        called = _joined(module, f"module.{found['name']}{found['key'] or ''}")
        return self._only(side, called, expression, left)

    def _only(self, side: Side, module: str, expression: Node, left: int) -> Reference | None:
        leaves = _leaves([str(each) for each in items_of(dict_of(expression), "references")])
        return self._target(side, module, leaves[0], left - 1) if len(leaves) == 1 else None


def dict_of(node: Node) -> dict[str, Node]:
    """Give a mapping; an empty one for anything else."""
    return node if isinstance(node, dict) else {}


def _count(instance: Instance, path: Path) -> int:
    node: Node = dict(instance.values)
    for step in path:
        node = below(node, step)
    return len(node) if isinstance(node, list) else 0


def _leaves(references: list[str]) -> list[str]:
    """Leave out the shorter forms that Terraform writes after each reference."""
    found: list[str] = []
    for each in references:
        if not (found and _is_longer(found[-1], each)):
            found.append(each)
    return found


def _is_longer(one: str, other: str) -> bool:
    return one.startswith((f"{other}.", f"{other}["))


def _is_resource(reference: str) -> bool:
    return "." in reference and not reference.startswith(_NOT_RESOURCES)


def _joined(module: str, name: str) -> str:
    return f"{module}.{name}" if module else name


def _parent(module: str) -> str:
    return re.sub(r'\.?module\.[\w-]+(?:\["(?:[^"\\]|\\.)*"\]|\[[^\]]*\])?$', "", module)


def _instance_named(side: Side, address: str, key: str) -> Instance | None:
    """Find the instance of a reference; without a key that of a resource that has one instance."""
    found = side.instances.get(address + key)
    if found is not None or key:
        return found
    return side.instances.get(f"{address}[0]") if f"{address}[1]" not in side.instances else None
