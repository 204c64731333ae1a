"""Simulates CloudFormation's order over two sets of templates.

Every state that exists while a deployment runs.

Source: "Update behaviors of stack resources" and "DependsOn attribute", AWS CloudFormation User Guide. Within
a stack, a resource that others refer to is created or changed first, otherwise the order is open; resources
are removed in a clean-up phase after that, in reverse order; a failed stack rolls back its changes in the
order of a deployment, and removes its new resources last.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.laws.random_declarations import RESCUE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

    from tests.laws.random_declarations import Resources

GUARD = "keywright-mfa-guard"


def ids_in(value: Any) -> Iterator[str]:
    """Name the resources that a value refers to."""
    if isinstance(value, dict):
        if set(value) == {"Ref"}:
            yield value["Ref"]
        elif set(value) == {"Fn::GetAtt"}:
            yield value["Fn::GetAtt"][0]
        for each in value.values():
            yield from ids_in(each)
    if isinstance(value, list):
        for each in value:
            yield from ids_in(each)


def in_order(template: Mapping[str, Any], random: Random) -> list[str]:
    """Give logical ids so that what is depended on comes first; whatever is free comes in any order."""
    waits = {
        name: {*ids_in(resource.get("Properties")), *_named(resource.get("DependsOn", []))} & template.keys()
        for name, resource in template.items()
    }
    order: list[str] = []
    while len(order) < len(template):
        free = [name for name in sorted(template) if name not in order and waits[name] <= set(order)]
        order.append(random.choice(free))
    return order


def _named(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@dataclass
class Deployment:
    """One deployment; `live` is what exists, by stack and logical id. Each state is looked at as it comes about."""

    before: Resources
    after: Resources
    random: Random
    look: Callable[[Live], None]
    live: Resources = field(default_factory=dict)

    def run(self, *, fails_in: str = "", at: int = 0) -> None:
        """Deploy stack by stack; one that fails takes its changes back, and what comes after it is not begun."""
        self.live = dict(self.before)
        for stack in dict.fromkeys(stack for stack, _ in self.after):
            fails = stack == fails_in
            done = self._changes(stack, at if fails else None)
            if fails:
                self._roll_back(stack, done)
                return
            self._clean_up(stack)

    def _changes(self, stack: str, most: int | None) -> list[str]:
        done = []
        new = _of(self.after, stack)
        for name in in_order(new, self.random)[:most]:
            if self.live.get((stack, name)) != new[name]:
                self._set(stack, name, new[name])
                done.append(name)
        return done

    def _roll_back(self, stack: str, done: list[str]) -> None:
        old = _of(self.before, stack)
        for name in done:
            if name in old:
                self._set(stack, name, old[name])
        for name in reversed(done):
            if name not in old:
                self._set(stack, name, None)

    def _clean_up(self, stack: str) -> None:
        old, new = _of(self.before, stack), _of(self.after, stack)
        for name in reversed(in_order(old, self.random)):
            if name not in new:
                self._set(stack, name, None)

    def _set(self, stack: str, name: str, resource: Any) -> None:
        if resource is None:
            self.live = {place: each for place, each in self.live.items() if place != (stack, name)}
        else:
            self.live = {**self.live, (stack, name): resource}
        self.look(Live(self.live))


def _of(resources: Resources, stack: str) -> dict[str, Any]:
    return {name: each for (place, name), each in resources.items() if place == stack}


@dataclass(frozen=True)
class Live:
    """What exists at one moment: who may do what by their own policies, their groups', and the roles they may assume."""

    resources: Resources

    def users(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Give stack and properties of every user by name."""
        return {
            each["Properties"]["UserName"]: (stack, each["Properties"])
            for (stack, _), each in self.resources.items()
            if each["Type"] == "AWS::IAM::User"
        }

    def has_login(self, user: str) -> bool:
        """Tell whether the keeper's resource of this user's login is there."""
        return any(
            each["Type"] == "Custom::FirstSignIn"
            and self._properties(stack, each["Properties"]["UserName"]).get("UserName") == user
            for (stack, _), each in self.resources.items()
        )

    def memberships(self, user: str) -> dict[str, tuple[str, dict[str, Any]]]:
        """Give the groups of a user that exist, by name, each with its stack."""
        stack, properties = self.users()[user]
        groups = [self._group(stack, each) for each in properties.get("Groups", [])]
        return {each["GroupName"]: (place, each) for place, each in groups if each}

    def _group(self, stack: str, reference: Any) -> tuple[str, dict[str, Any]]:
        """Find a group that is referred to in its own stack, or named in another."""
        if isinstance(reference, dict):
            return stack, self._properties(stack, reference)
        for (place, _), each in self.resources.items():
            if each["Type"] == "AWS::IAM::Group" and each["Properties"]["GroupName"] == reference:
                return place, each["Properties"]
        return stack, {}

    def is_guarded(self, user: str) -> bool:
        """Tell whether the guard's policy exists and reaches the user by its group."""
        arns = [
            arn for _, group in self.memberships(user).values() for arn in group.get("ManagedPolicyArns", [])
        ]
        policies = [
            each["Properties"]["ManagedPolicyName"]
            for each in self.resources.values()
            if each["Type"] == "AWS::IAM::ManagedPolicy"
        ]
        return GUARD in policies and any(str(arn).endswith(f"/{GUARD}") for arn in arns)

    def access(self, user: str) -> set[str]:
        """List what a user may do: statements, and those of roles it may assume on both sides."""
        if user not in self.users():
            return set()
        stack, properties = self.users()[user]
        own = self.held(stack, properties)
        for place, group in self.memberships(user).values():
            own |= self.held(place, group)
        return own | {
            f"{role['RoleName']}: {statement}"
            for place, role in self._roles()
            if self._may_assume(user, own, role)
            for statement in self.held(place, role)
        }

    def held(self, stack: str, owner: dict[str, Any]) -> set[str]:
        """List the Allow statements of one owner, those of its managed policies too."""
        documents = [policy["PolicyDocument"] for policy in owner.get("Policies", [])]
        arns = owner.get("ManagedPolicyArns", [])
        ours = [self._properties(stack, arn) if isinstance(arn, dict) else self._shared(arn) for arn in arns]
        documents += [each["PolicyDocument"] for each in ours if each]
        allowed = [
            json.dumps(statement, sort_keys=True)
            for document in documents
            for statement in document["Statement"]
            if statement["Effect"] == "Allow"
        ]
        return {*allowed, *(arn for arn in arns if isinstance(arn, str))}

    def _shared(self, arn: str) -> dict[str, Any]:
        """Find a managed policy of ours that is named in another stack."""
        found = (
            each["Properties"]
            for each in self.resources.values()
            if each["Type"] == "AWS::IAM::ManagedPolicy"
            and arn.endswith(f"/{each['Properties'].get('ManagedPolicyName')}")
        )
        return next(found, {})

    def unbounded(self) -> list[str]:
        """Name users and roles whose boundary is missing, or does not exist; the break-glass role needs none."""
        policies = {
            each["Properties"]["ManagedPolicyName"]
            for each in self.resources.values()
            if each["Type"] == "AWS::IAM::ManagedPolicy"
        }
        holders = [
            (name, each["Properties"].get("PermissionsBoundary"))
            for (_, name), each in self.resources.items()
            if each["Type"] in {"AWS::IAM::User", "AWS::IAM::Role"} and name != f"Role0{RESCUE}"
        ]
        literal = [(name, arn) for name, arn in holders if not isinstance(arn, dict)]
        return [name for name, arn in literal if not arn or arn.rpartition("/")[2] not in policies]

    def _roles(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            (stack, each["Properties"])
            for (stack, _), each in self.resources.items()
            if each["Type"] == "AWS::IAM::Role" and "RoleName" in each["Properties"]
        ]

    @staticmethod
    def _may_assume(user: str, own: set[str], role: dict[str, Any]) -> bool:
        arn = f'role{role["Path"]}{role["RoleName"]}"'
        trusted = [
            str(each.get("Condition", {}).get("ArnLike", {}).get("aws:PrincipalArn", ()))
            for each in role["AssumeRolePolicyDocument"]["Statement"]
        ]
        named = any(
            f"/{user}'" in f"{each}'" or f'/{user}"' in f'{each}"' or (":user/" in each and "/*" in each)
            for each in trusted
        )
        return named and any("sts:AssumeRole" in each and arn in each for each in own)

    def _properties(self, stack: str, reference: Any) -> dict[str, Any]:
        name = reference.get("Ref") if isinstance(reference, dict) else None
        found = self.resources.get((stack, name or ""), {})
        return dict(found.get("Properties", {}))
