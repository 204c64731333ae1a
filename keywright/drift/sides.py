"""The two sides to compare: what the assembly declares, with the actual names, and what the account has.

What others than the assembly own is on both sides as it is in the account, so that it never counts as drift: policies of
other stacks, users that the assembly only refers to, roles that AWS creates. Only what exists under the assembly's own
path, and is declared by nobody, is on one side.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.assembly.identities.collection import identities
from keywright.assembly.sources.account_details import AccountDetails
from keywright.assembly.sources.source import Source, Span, Step
from keywright.assembly.templates.deployed_names import DeployedNames
from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.template import Assembly, Links, Template
from keywright.assembly.templates.value import Text
from keywright.live.verification.expected import BOUNDARIES, DELEGATED, GUARD_POLICY
from keywright.reporting.finding import Location, Outcome
from keywright.review.comparison.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from keywright.account.snapshot import AccountSnapshot
    from keywright.assembly.identities.identity import Identity
    from keywright.assembly.templates.template import Resource
    from keywright.reporting.finding import Finding

OWNED_TYPES = ("AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy")
SHARED_PATHS = ("/aws-service-role/", "/aws-reserved/", "/service-role/")
"""Paths under which AWS and its console create roles and policies, whoever else uses them."""
_WITHOUT_PATH = "/"
_OF_THE_ACCOUNT = frozenset({GUARD_POLICY, *BOUNDARIES})
"""The policies that every assembly of Keywright has, under the path of the account."""


def deployed_names(snapshot: AccountSnapshot) -> DeployedNames:
    """Give the names that CloudFormation generated."""
    names = {
        (each.region or snapshot.region, each.stack, each.logical_id): each.physical_id
        for each in snapshot.stack_resources
        if each.physical_id
    }
    return DeployedNames(snapshot.account, snapshot.region, names, snapshot.partition)


def read_declared(path: Path, snapshot: AccountSnapshot) -> Assembly:
    """Read an assembly with the names that it has in the account of the snapshot."""
    return read_assembly(path, deployed=deployed_names(snapshot))


class _Whole(Source):
    """A text that nobody has as a file: everything is at no line of it."""

    def __init__(self, source: Source) -> None:
        self.file, self.tree, self.size = source.file, source.tree, source.size
        self.characters, self.account, self.partition = source.characters, source.account, source.partition

    def locate(self, *path: Step) -> Location:  # noqa: ARG002 - the same for all
        """Give the file alone."""
        return Location(self.file)

    def span(self, *path: Step) -> Span | None:
        """Give no offsets."""


def without_lines(snapshot: AccountSnapshot) -> AccountSnapshot:
    """Locate everything at the account, and at no line."""
    return replace(snapshot, source=_Whole(snapshot.source))


class _Part(Source):
    """Some of the resources of an account's details."""

    def __init__(self, whole: AccountDetails, kept: Mapping[str, object]) -> None:
        self._whole = whole
        self.file, self.size, self.characters = whole.file, whole.size, whole.characters
        self.account, self.partition = whole.account, whole.partition
        self.tree = {"Resources": kept}  # type: ignore[dict-item] # as in the whole
        super().__init__()

    def locate(self, *path: Step) -> Location:
        """Give the location in the whole file."""
        return self._whole.locate(*path)

    def span(self, *path: Step) -> Span | None:
        """Give no offsets: an account is not rewritten."""


@dataclass(frozen=True)
class DeployedResources:
    """The resources of the last deployment by Region, stack and logical id, and the stacks that were read."""

    resources: Mapping[tuple[str, str, str], Any]
    stacks: frozenset[tuple[str, str]]


def _what_counts(resource: Any) -> Any:
    """Give what CloudFormation compares of a resource; numbers are texts on one side."""
    if not isinstance(resource, dict):
        return None
    plain = {key: value for key, value in resource.items() if key in {"Type", "Properties"}}
    return json.loads(json.dumps(plain), parse_int=str, parse_float=str)


@dataclass(frozen=True, eq=False)
class Sides:
    """The assembly and the account, each as a whole account.

    `deployed` has the last deployment's resources, where those could be read.
    """

    assembly: Assembly
    snapshot: AccountSnapshot
    deployed: DeployedResources | None = None

    @cached_property
    def stacks(self) -> frozenset[tuple[str, str]]:
        """The Regions and names of the assembly's stacks."""
        return frozenset((each.region, each.stack) for each in self.assembly.templates)

    def stack_of(self, arn: str, name: str) -> tuple[str, str] | None:
        """Give the Region and name of the stack that created something: the physical id is its name, or its ARN."""
        return self._creators.get(arn) or self._creators.get(name)

    @cached_property
    def _creators(self) -> Mapping[str, tuple[str, str]]:
        return {
            each.physical_id: (each.region or self.snapshot.region, each.stack)
            for each in self.snapshot.stack_resources
            if each.type in OWNED_TYPES and each.physical_id
        }

    def may_be_generated(self, kind: str) -> bool:
        """Tell whether something of a kind may be a declared one with a generated name that is not known."""
        if self.snapshot.has("StackResources"):
            return False
        wanted = {"policy": "AWS::IAM::ManagedPolicy"}.get(kind, f"AWS::IAM::{kind.capitalize()}")
        return any(each.type == wanted and each.name.literal is None for each in self.resources.values())

    def is_pending(self, resource: Resource) -> bool | None:
        """Tell whether the next deployment changes a resource; None if the deployed template is not known."""
        template = resource.template
        stack = (template.region or self.snapshot.region, template.stack)
        if self.deployed is None or stack not in self.deployed.stacks:
            return None
        before = self.deployed.resources.get((*stack, resource.logical_id))
        return bool(_what_counts(before) != _what_counts(resource.raw))

    @cached_property
    def resources(self) -> Mapping[str, Resource]:
        """The users, groups, roles and managed policies that the assembly declares, by ARN."""
        found = self.assembly.of_type(*OWNED_TYPES)
        return {self._text(each): each for each in found}

    def _text(self, resource: Resource) -> str:
        arn = resource.arn
        return (arn.literal if arn else None) or f"<{resource.template.id}.{resource.logical_id}>"

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The paths that only the assembly uses; empty if everything is under `/`."""
        # In an assembly of Keywright the path of the account: adopted identities keep paths that others use too.
        resources = [
            each for each in self.resources.values() if each.name.literal in _OF_THE_ACCOUNT
        ] or self.resources.values()
        written = (each.possible_values("Path") for each in resources)
        found = {value.literal for values in written for value in values if isinstance(value, Text)}
        own = sorted(each for each in found if each and each != _WITHOUT_PATH)
        shortest = (each for each in own if not any(each != one and each.startswith(one) for one in own))
        return tuple(each for each in shortest if not each.startswith(SHARED_PATHS))

    @cached_property
    def delegated(self) -> Mapping[str, str]:
        """The ARN of the boundary that roles below a path must have, by path: what a team creates itself is no drift."""
        found = {}
        for arn in self.resources:
            path, _, name = arn.partition(":policy")[2].rpartition("/")
            if name.startswith(DELEGATED):
                found[f"{path}/{name.removeprefix(DELEGATED)}/"] = arn
        return found

    def is_ours(self, path: str) -> bool:
        """Tell whether only the assembly may have something under a path."""
        return path.startswith(self.paths) and path not in self.delegated

    @cached_property
    def undeclared(self) -> frozenset[str]:
        """The ARNs of what exists under the assembly's paths and is not declared."""
        several = (self.snapshot.users, self.snapshot.groups, self.snapshot.roles, self.snapshot.policies)
        return frozenset(
            str(each.arn)
            for kind in several
            for each in kind
            if self.paths and self.is_ours(each.path) and str(each.arn) not in self.resources
        )

    @cached_property
    def _details(self) -> AccountDetails:
        return AccountDetails(self.snapshot.source)

    def _template(self, source: Source, links: Links) -> Template:
        template = Template(f"account {source.account}", "", source.account, "", source, links)
        links.templates.append(template)
        return template

    @cached_property
    def live(self) -> Assembly:
        """The account as an assembly."""
        return Assembly((self._template(self._details, Links()),))

    @cached_property
    def declared(self) -> Assembly:
        """The assembly, and of the account what the assembly does not own."""
        tree = self._details.tree
        assert isinstance(tree, dict)
        resources = tree["Resources"]
        assert isinstance(resources, dict)
        (live,) = self.live.templates
        known = {*self.resources, *self.undeclared}
        kept = {
            name: node
            for name, node in resources.items()
            if live.resources[name].type in OWNED_TYPES and self._text(live.resources[name]) not in known
        }
        links = self.assembly.templates[0].links if self.assembly.templates else Links()
        context = Template("account", "", self._details.account, "", _Part(self._details, kept), links)
        return Assembly((*self.assembly.templates, context), self.assembly.findings)

    @cached_property
    def before(self) -> Snapshot:
        """What is declared, as the review compares it."""
        return Snapshot(self.declared, account=self.snapshot.account)

    @cached_property
    def after(self) -> Snapshot:
        """What exists, as the review compares it."""
        return Snapshot(self.live, account=self.snapshot.account)

    @cached_property
    def identities(self) -> Mapping[str, Identity]:
        """The declared identities by ARN."""
        found = {id(each.resource): each for each in identities(self.declared).all}
        return {arn: found[id(each)] for arn, each in self.resources.items() if id(each) in found}

    def has_condition_on(self, tag: str) -> bool:
        """Tell whether a policy of the assembly or of the account has a condition on a tag."""
        return f"tag/{tag.lower()}" in self._texts

    @cached_property
    def _texts(self) -> str:
        trees = (each.source.tree for each in (*self.assembly.templates, *self.live.templates))
        # Condition keys are not case sensitive, so the whole text is compared in lower case.
        return "\n".join(json.dumps(each, default=str).lower() for each in trees)

    @property
    def faults(self) -> Iterator[Finding]:
        """What of the assembly can't be used."""
        return (each for each in self.assembly.findings if each.outcome is Outcome.FAULT)
