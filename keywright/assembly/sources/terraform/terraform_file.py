"""A plan or a state as a file: what kind it is, and its resources as the templates that would declare them.

A template is in one account and Region, so that a file whose providers work in several becomes several.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.sources.source import Node, Source, Span, Step, refuse_excess, unreadable
from keywright.assembly.sources.terraform.configuration import Configuration
from keywright.assembly.sources.terraform.conversion import Conversion
from keywright.assembly.sources.terraform.environments import Environment, environments
from keywright.assembly.sources.terraform.instances import Reader, Side, items_of
from keywright.assembly.sources.terraform.recognition import MOST_NODES, is_plan, is_state_file
from keywright.reporting.finding import Finding, Outcome
from keywright.reporting.text import counted, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.sources.terraform.conversion import Made
    from keywright.reporting.finding import Location

_FORMAT = re.compile(r"[01]\.[0-9]+")
_STATE_VERSION = "4"


@dataclass(frozen=True)
class Parameter:
    """A value in another part: what it is there, and the name of the part."""

    node: Node
    part: str


class TerraformPart(Source):
    """The resources of one account and Region as a template; locations are those of the file."""

    is_stack = False

    def __init__(self, original: Source, name: str, environment: Environment, partition: str) -> None:
        self.file, self.size, self.characters = original.file, original.size, original.characters
        self.name = name
        self.account, self.region, self.partition = environment.account, environment.region, partition
        self.physical: dict[str, str] = {}
        self.passed: dict[str, Parameter] = {}
        self.tree = {}
        self._original = original
        self._made: dict[str, Made] = {}

    def fill(self, several: Iterable[Made], names: Mapping[str, str]) -> None:
        """Take in resources; what they refer to in another part becomes a parameter."""
        self._made = {each.id: each for each in several}
        resources = {name: self._passing(each.resource(), names) for name, each in self._made.items()}
        parameters: dict[str, Node] = {name: {"Type": "String"} for name in self.passed}
        self.tree = {"Parameters": parameters} if parameters else {}
        self.tree["Resources"] = resources
        self.physical = {name: each.physical for name, each in self._made.items() if each.physical}

    def _passing(self, node: Node, names: Mapping[str, str]) -> Node:
        if isinstance(node, list):
            return [self._passing(each, names) for each in node]
        if not isinstance(node, dict):
            return node
        target = node.get("Ref") or node.get("Fn::GetAtt")
        address = target[0] if isinstance(target, list) else target
        if len(node) == 1 and target is not None and names.get(str(address), self.name) != self.name:
            name = ".".join(map(str, target)) if isinstance(target, list) else str(target)
            self.passed[name] = Parameter(node, names[str(address)])
            return {"Ref": name}
        return {key: self._passing(each, names) for key, each in node.items()}

    def locate(self, *path: Step) -> Location:
        """Give the location in the file of the value at `path` in the template."""
        made = self._made.get(str(path[1])) if len(path) > 1 else None
        return self._original.locate(*(() if made is None else made.origin(path[2:])))

    def span(self, *path: Step) -> Span | None:
        """Give no offsets: a plan or a state is not rewritten."""


@dataclass(frozen=True)
class Parts:
    """One side of a file as templates, and what of it is not known."""

    parts: tuple[TerraformPart, ...]
    findings: tuple[Finding, ...] = field(default=())


class TerraformFile(Source):
    """A plan or a state."""

    is_stack = False

    def __init__(self, original: Source) -> None:
        assert isinstance(original.tree, dict)
        self.file, self.size, self.characters = original.file, original.size, original.characters
        self.tree: dict[str, Node] = original.tree
        self._original = original
        self._require_known_format()
        self._configuration = Configuration(self.tree)
        self._reader = Reader(original, self._configuration.provider_keys)

    @property
    def is_plan(self) -> bool:
        """Tell whether it has two sides: before and after."""
        return is_plan(self.tree)

    def locate(self, *path: Step) -> Location:
        """Give the location of a value."""
        return self._original.locate(*path)

    def span(self, *path: Step) -> Span | None:
        """Give no offsets: it is not rewritten."""

    def _require_known_format(self) -> None:
        if is_state_file(self.tree):
            if self.tree["version"] != _STATE_VERSION:
                raise self._refusal("version", "the version of the state is not known", "`4`")
            return
        if not _FORMAT.fullmatch(str(self.tree["format_version"])):
            raise self._refusal("format_version", "the version of the format is not known", "`1.0` or later")
        if self.tree.get("errored") is True:
            message = "the plan ended with an error, so that it is not complete"
            raise unreadable(self._original.locate("errored"), message, accepted="a plan without errors")

    def _refusal(self, name: str, message: str, accepted: str) -> Exception:
        found = quoted(str(self.tree[name]))
        return unreadable(self._original.locate(name), message, found=found, accepted=accepted)

    @cached_property
    def _sides(self) -> tuple[Side, Side]:
        """Give what is before and after; the same for a state."""
        if self.is_plan:
            return self._reader.before(), self._reader.planned()
        found = self._reader.state_file() if is_state_file(self.tree) else self._reader.state()
        return found, found

    def parts(self, *, before: bool = False) -> Parts:
        """Give what there is after a plan, or `before` it."""
        was, now = self._sides
        # Both sides are looked at, so that a resource has the same place on both.
        where = environments((*was.instances.values(), *now.instances.values()), self._configuration)
        done = Conversion(was if before else now, self._configuration, where)
        grouped: dict[Environment, list[Made]] = {where.main: []}
        for each in done.made.values():
            grouped.setdefault(each.environment, []).append(each)
        names = {each.id: _name(group, where.main) for group, several in grouped.items() for each in several}
        parts = []
        for group, several in grouped.items():
            part = TerraformPart(self._original, _name(group, where.main), group, where.partition)
            part.fill(several, names)
            refuse_excess(part.tree, self.file, MOST_NODES)
            parts.append(part)
        undecided = (
            self._undecided(each.message, *each.place, address=each.address) for each in done.undecided
        )
        return Parts(tuple(parts), (*undecided, *(() if before else self._incomplete())))

    def _undecided(self, message: str, *place: Step, address: str = "") -> Finding:
        return Finding(
            self._original.locate(*place), message, outcome=Outcome.UNDECIDED, resource=address, path=address
        )

    def _incomplete(self) -> Iterator[Finding]:
        deferred = items_of(self.tree, "deferred_changes")
        if deferred:
            yield self._undecided(f"the plan defers {counted(len(deferred), 'change')}", "deferred_changes")
        elif self.tree.get("complete") is False:
            yield self._undecided("the plan is not complete: another one has to follow", "complete")


def _name(group: Environment, main: Environment) -> str:
    """Name a part; "" for the one of most resources."""
    return "" if group == main else " ".join(filter(None, (group.account, group.region)))
