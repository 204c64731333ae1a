"""Resolve the names in invariants to principals and resources: declared names, physical names, logical ids, ARNs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from keywright.assembly.queries.lookup import acts_on_objects
from keywright.assembly.templates.names import names_of
from keywright.assembly.templates.physical_names import PHYSICAL_NAMES
from keywright.policy.matching.arn import Arn
from keywright.policy.matching.patterns import Glob
from keywright.policy.principals import ACCOUNT_ID
from keywright.policy.reference import catalogue
from keywright.reasoning.account.actors import ActorKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.templates.symbolic_policies import Spelling
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.reasoning.account.actors import Actor
    from keywright.reasoning.invariants.proofs import ActionsOnResources

_S3 = ":s3:::"
_PARTS = {"s3": "/", "dynamodb": "/", "kinesis": "/", "lambda": ":", "states": ":", "sns": ":"}
"""The separator between a resource and its parts (objects, indexes, versions, subscriptions), by service."""
_WILDCARDS = frozenset("*?")
_SURELY_WHOLE = 24
"""Characters of a logical id that a generated name always keeps."""
_SUFFIX = 12
"""Characters of the suffix of a generated name, at least."""


@dataclass(frozen=True)
class ResolvedPrincipals:
    """The principals of some names: ARNs of those that the templates declare, and the texts of all others."""

    arns: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResolvedResources:
    """The resources of some names, as patterns of ARNs.

    `parts` gives the parts of resources that were not named by ARN, such as the objects of a bucket. `generated` has
    patterns of the names they may get at deployment. `owner` is the account of all of them, if the templates state
    it.
    """

    exact: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    generated: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    owner: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        """Everything, and all that is part of it."""
        return tuple(dict.fromkeys((*self.exact, *(each for some in self.parts.values() for each in some))))

    @property
    def objects(self) -> tuple[str, ...]:
        """Everything that objects may be among: of a bucket that was named its objects alone."""
        return tuple(
            dict.fromkeys(
                each
                for one in self.exact
                for each in (self.parts[one][:1] if one in self.parts and _S3 in one else (one,))
            )
        )


@dataclass(frozen=True, eq=False)
class NameResolver:
    """Resolves names. `elsewhere` gives the ARNs of named things that no template declares."""

    assembly: Assembly
    principals: AccountPrincipals
    spelling: Spelling
    elsewhere: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def resolve_principals(self, names: tuple[str, ...]) -> ResolvedPrincipals:
        """Find users and roles; a group means its members, or a future member if it has none."""
        arns: set[str] = set()
        texts: list[str] = []
        missing: list[str] = []
        for name in names:
            if name in self._actors:
                arns |= self._actors[name]
            elif self.is_arn(name) or "/" not in name:
                text = f"arn:aws:iam::{name}:root" if ACCOUNT_ID.fullmatch(name) else name
                texts.append(text)
                arns |= self._matching(text)
            elif name in self.elsewhere:
                texts.append(self.elsewhere[name])
                arns |= self._matching(self.elsewhere[name])
            else:
                missing.append(name)
        return ResolvedPrincipals(frozenset(arns), tuple(texts), tuple(missing))

    def resolve_resources(self, names: tuple[str, ...]) -> ResolvedResources:
        """Find resources by name; ARNs, patterns of ARNs and `*` are taken literally."""
        exact: list[str] = []
        parts: dict[str, tuple[str, ...]] = {}
        generated: list[str] = []
        missing: list[str] = []
        for name in names:
            if name == "*" or self.is_arn(name):
                exact.append(name)
            elif name in self._resources:
                found = self._resources[name]
                exact.append(found)
                parts |= _parts(found)
                generated += self._generated(name)
            elif name in self.elsewhere:
                exact.append(self.elsewhere[name])
                parts |= _parts(self.elsewhere[name])
            else:
                missing.append(name)
        owners = {self._by_name[name].template.account if name in self._by_name else "" for name in names}
        owner = owners.pop() if len(owners) == 1 else ""
        return ResolvedResources(tuple(exact), parts, tuple(generated), tuple(missing), owner)

    def _generated(self, name: str) -> Iterator[str]:
        """Give the pattern of a generated name: a policy may have a literal name that matches it.

        Source: the name property of "AWS::S3::Bucket" and others: stack, logical id and a suffix, shortened if too
        long.
        """
        resource = self._by_name[name]
        if (
            resource.arn is None
            or resource.name.literal is not None
            or not PHYSICAL_NAMES[resource.type].name
        ):
            return
        bucket = resource.type == "AWS::S3::Bucket"
        logical = resource.logical_id.lower() if bucket else resource.logical_id
        # A longer logical id may be shortened, so that nothing of it is certain.
        made = f"*{logical}-" if len(logical) <= _SURELY_WHOLE else "*-"
        known = (part if isinstance(part, str) else None for part in resource.arn.parts)
        yield "".join(f"{made}{'?' * _SUFFIX}*" if part is None else part for part in known)

    def known_names(self) -> list[str]:
        """List all names, as suggestions for a mistyped one."""
        return [
            *(name for name in self._actors if "<" not in name),
            *(name for each in self.assembly.of_type(*PHYSICAL_NAMES) for name in names_of(each)[:1]),
        ]

    @staticmethod
    def is_arn(text: str) -> bool:
        """Tell whether a name is an ARN or a pattern of ARNs."""
        return text.startswith("arn:")

    @cached_property
    def _actors(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for actor in (*self.principals.account.actors, *self.principals.account.groups):
            if actor.kind is not ActorKind.POLICY:
                for name in self._names(actor):
                    found.setdefault(name, set()).update(self._acting(actor))
        return {name: frozenset(arns) for name, arns in found.items()}

    def _names(self, actor: Actor) -> Iterator[str]:
        resource = self.principals.resources.get(actor.arn)
        yield actor.arn
        yield actor.name
        yield from names_of(resource) if resource is not None else ()

    def _acting(self, actor: Actor) -> frozenset[str]:
        if actor.kind is not ActorKind.GROUP:
            return frozenset({actor.arn})
        return self._members.get(actor.arn, frozenset({actor.arn}))

    @cached_property
    def _members(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for actor in self.principals.account.actors:
            for group in actor.groups:
                found.setdefault(group, set()).add(actor.arn)
        return {group: frozenset(arns) for group, arns in found.items()}

    def _matching(self, text: str) -> frozenset[str]:
        """Give the principals that an ARN or a pattern of ARNs matches; `:root` matches all of its account."""
        arn = Arn.parse(text)
        whole = arn.account if arn is not None and arn.service == "iam" and arn.resource == "root" else ""
        pattern = Glob.parse(text)
        return frozenset(
            each.arn
            for each in self.principals.account.actors
            if pattern.matches(each.arn) or (whole and each.account == whole)
        )

    @cached_property
    def _resources(self) -> Mapping[str, str]:
        return {name: self.spelling.text(each.arn) for name, each in self._by_name.items() if each.arn}

    @cached_property
    def _by_name(self) -> Mapping[str, Resource]:
        found: dict[str, Resource] = {}
        for resource in self.assembly.of_type(*PHYSICAL_NAMES):
            for name in names_of(resource) if resource.arn is not None else ():
                found.setdefault(name, resource)
        return found


def _parts(arn: str) -> dict[str, tuple[str, ...]]:
    parsed = Arn.parse(arn)
    sign = _PARTS.get(parsed.service) if parsed is not None else None
    return {arn: (f"{arn}{sign}*",)} if sign else {}


def pair_actions(can: tuple[str, ...], on: ResolvedResources) -> ActionsOnResources:
    """Pair actions with their resources: an object-level action is not paired with the bucket itself."""
    of_objects = tuple(each for each in can if not _WILDCARDS & set(each) and acts_on_objects(each))
    others = tuple(each for each in can if each not in of_objects)
    pairs = ((of_objects, on.objects), (others, on.all))
    return tuple((some, where) for some, where in pairs if some and where)


def pair_actions_exactly(can: tuple[str, ...], on: ResolvedResources) -> ActionsOnResources:
    """Pair actions with exactly the resources they support: `always` has to hold for each pair."""
    # Only S3 distinguishes actions on a bucket from those on its objects.
    if not any(_S3 in each for each in on.parts):
        return ((can, on.exact),)
    actions = tuple(name for each in can for name in _spelled_out(each))
    of_objects = tuple(each for each in actions if acts_on_objects(each))
    others = tuple(each for each in actions if each not in of_objects)
    pairs = ((of_objects, on.objects), (others, on.exact))
    return tuple((some, where) for some, where in pairs if some and where)


def _spelled_out(action: str) -> Iterator[str]:
    """Give the known actions of a pattern that act on a bucket or its objects; an action as it is."""
    if not _WILDCARDS & set(action):
        yield action
        return
    for each in catalogue.matching_actions(action):
        if each.service == "s3" and {"bucket", "object"} & set(each.resource_types):
            yield str(each)
