"""Postpone added access: who leaves a group, or loses a shared policy, must never get what is added to it.

A membership and its group's policies cannot change at the same moment, nor can an attachment and the policy's document, and
CloudFormation changes the shared part first. So if somebody loses a group or policy that gains access, the first pass keeps it
as deployed. New members wait as well, because it may also lose access that they must never have. The second pass deploys the
assembly as it was synthesized.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.policy.reference.managed_policies import managed_policy_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Template = dict[str, Any]
Templates = dict[str, Template]
Attachable = tuple[str, str]
"""What several hold: `group` or `policy`, and its name."""
ResourceKey = tuple[str, str]
"""A stack, and a logical id in it."""

_SHARED = {
    "AWS::IAM::Group": ("group", "GroupName"),
    "AWS::IAM::ManagedPolicy": ("policy", "ManagedPolicyName"),
}
_SUBSTITUTED = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")
_LISTS = {"Groups": "group", "ManagedPolicyArns": "policy"}


@dataclass(frozen=True)
class DeploymentState:
    """The templates of all stacks at one time."""

    templates: Templates

    @cached_property
    def resources(self) -> Mapping[ResourceKey, dict[str, Any]]:
        """Every resource, by stack and logical id."""
        return {
            (stack, name): each
            for stack, template in self.templates.items()
            for name, each in template.get("Resources", {}).items()
        }

    @cached_property
    def attachables(self) -> Mapping[Attachable, ResourceKey]:
        """The resource of each group and named policy."""
        return {
            (kind, str(properties_of(each)[name])): key
            for key, each in self.resources.items()
            for kind, name in [_SHARED.get(each.get("Type", ""), ("", ""))]
            if name in properties_of(each)
        }

    @cached_property
    def _named(self) -> Mapping[ResourceKey, Attachable]:
        return {key: attachable for attachable, key in self.attachables.items()}

    def attachable(self, stack: str, kind: str, written: Any) -> Attachable | None:
        """Find what a list's item means: a reference within the stack, a group's name or a policy's ARN."""
        if isinstance(written, dict):
            return self._named.get((stack, str(written.get("Ref"))))
        attachable = kind, str(written).rpartition("/")[2]
        return attachable if attachable in self.attachables else None

    @cached_property
    def attached(self) -> Mapping[ResourceKey, frozenset[Attachable]]:
        """What is attached to each resource, directly or by its groups; resources without attachments are left out."""
        own = {
            key: frozenset(
                each
                for kind, written in _attached_to(resource)
                if (each := self.attachable(key[0], kind, written))
            )
            for key, resource in self.resources.items()
        }
        # A user has what its groups have, so a policy that a group loses is lost by its members too.
        by_groups = {
            key: attachables.union(*(own[self.attachables[each]] for each in attachables))
            for key, attachables in own.items()
        }
        return {key: attachables for key, attachables in by_groups.items() if attachables}

    def resource_keys(self, attachable: Attachable) -> frozenset[ResourceKey]:
        """Give the resources that define the contents: itself, and policies of its own stack that it refers to."""
        stack, name = self.attachables[attachable]
        named = properties_of(self.resources[stack, name]).get("ManagedPolicyArns", ())
        refs = [str(each["Ref"]) for each in named if isinstance(each, dict) and "Ref" in each]
        return frozenset({(stack, name), *((stack, ref) for ref in refs if (stack, ref) in self.resources)})

    def contents(self, attachable: Attachable) -> frozenset[str]:
        """Give the contents: one action on one resource per statement, and other attached policies."""
        found = [each for key in self.resource_keys(attachable) for each in _statements(self.resources[key])]
        attached = (
            f"holds {written}" for _, written in _attached_to(self.resources[self.attachables[attachable]])
        )
        return frozenset({*(one for each in found for one in _single_permissions(each)), *attached})

    def may_deny(self, attachable: Attachable) -> bool:
        """Tell whether it, or an attached policy, has a Deny statement or an unknown document."""
        key = self.attachables[attachable]
        documents = [_statements(self.resources[key])]
        for kind, written in _attached_to(self.resources[key]):
            attached = self.attachable(key[0], kind, written)
            known = self.resources[self.attachables[attached]] if attached else _aws_managed_policy(written)
            # A policy that cannot be read may be the MFA guard, and nobody may be without that for a moment.
            if known is None:
                return True
            documents.append(_statements(known))
        return any(each.get("Effect") != "Allow" for statements in documents for each in statements)

    def roles_with(self, attachable: Attachable) -> tuple[ResourceKey, ...]:
        """Give the roles that it is attached to."""
        return tuple(
            key
            for key, attachables in self.attached.items()
            if attachable in attachables and self.resources[key].get("Type") == "AWS::IAM::Role"
        )

    def trust_statements(self, role: ResourceKey) -> frozenset[str]:
        """Give the statements of a role's trust policy; empty if the role does not exist."""
        document = properties_of(self.resources.get(role, {})).get("AssumeRolePolicyDocument", {})
        return frozenset(json.dumps(each, sort_keys=True) for each in document.get("Statement", ()))

    def groups_with(self, attachable: Attachable) -> frozenset[Attachable]:
        """Give the groups that a policy is attached to."""
        return frozenset(
            each for each, key in self.attachables.items() if attachable in self.attached.get(key, ())
        )


def postpone_gains(new: Templates, deployed: Templates) -> tuple[Templates, list[tuple[str, Attachable]]]:
    """Give the templates of a first pass, and what is postponed in it, each with its stack.

    A group or policy that denies something, before or after, does not wait: its other members would get or lose the denial
    at the wrong time. One that also loses access does not wait either, if somebody can newly assume a role that has it.
    """
    before, after = DeploymentState(deployed), DeploymentState(new)
    postponed = [each for each in sorted(before.attachables) if _must_wait(each, before, after)]
    if not postponed:
        return new, []
    kept = _with_references(
        {key for attachable in postponed for key in before.resource_keys(attachable)}, before, after
    )
    resources = {
        key: kept.get(key) or _without_newcomers(key, each, postponed, before, after)
        for key, each in after.resources.items()
    }
    kept = {key: _without_given_up(key, each, postponed, before, after) for key, each in kept.items()}
    return _with_resources(new, {**resources, **kept}), [
        (before.attachables[each][0], each) for each in postponed
    ]


def _must_wait(attachable: Attachable, before: DeploymentState, after: DeploymentState) -> bool:
    # What moves to another resource is deleted and created again, so there is no earlier document to keep.
    if before.attachables.get(attachable) != after.attachables.get(attachable):
        return False
    before_contents, after_contents = before.contents(attachable), after.contents(attachable)
    # A Deny must never arrive late for those who stay, so what denies something is deployed in one pass (ADR
    # 13).
    if not after_contents - before_contents or _may_deny(attachable, before) or _may_deny(attachable, after):
        return False
    # Whoever newly assumes such a role would have what the policy is about to lose.
    if before_contents - after_contents and _has_new_role_users(attachable, before, after):
        return False
    return _is_given_up(attachable, before, after)


def _may_deny(attachable: Attachable, state: DeploymentState) -> bool:
    return any(map(state.may_deny, (attachable, *state.groups_with(attachable))))


def _has_new_role_users(attachable: Attachable, before: DeploymentState, after: DeploymentState) -> bool:
    """Tell whether the first pass already lets somebody new assume a role that it is attached to."""
    return any(_trusts_more(key, before, after) for key in after.roles_with(attachable)) or (
        bool(after.roles_with(attachable)) and _users_lose_something(after, before)
    )


def _loses_role_users(attachable: Attachable, before: DeploymentState, after: DeploymentState) -> bool:
    """Tell whether somebody may no longer assume a role that it is attached to."""
    return any(_trusts_more(key, after, before) for key in before.roles_with(attachable)) or (
        bool(before.roles_with(attachable)) and _users_lose_something(before, after)
    )


def _trusts_more(role: ResourceKey, before: DeploymentState, after: DeploymentState) -> bool:
    return bool(after.trust_statements(role) - before.trust_statements(role))


def _users_lose_something(before: DeploymentState, after: DeploymentState) -> bool:
    """Tell whether any user loses an attachment from one state to the other."""
    return any(
        attachables - after.attached.get(key, frozenset())
        for key, attachables in before.attached.items()
        if before.resources[key].get("Type") == "AWS::IAM::User"
    )


def _is_given_up(attachable: Attachable, before: DeploymentState, after: DeploymentState) -> bool:
    """Tell whether an identity loses it: it is detached, or a role with it can no longer be assumed."""
    return _loses_role_users(attachable, before, after) or any(
        attachable in attachables and attachable not in after.attached.get(key, ())
        for key, attachables in before.attached.items()
    )


def _without_given_up(
    key: ResourceKey,
    resource: dict[str, Any],
    postponed: list[Attachable],
    before: DeploymentState,
    after: DeploymentState,
) -> dict[str, Any]:
    """Remove postponed policies from a postponed resource that loses them."""
    properties = properties_of(resource)
    listed = properties.get("ManagedPolicyArns", ())
    kept = [
        each
        for each in listed
        if (attachable := before.attachable(key[0], "policy", each)) not in postponed
        or attachable in after.attached.get(key, ())
        or isinstance(each, dict)
    ]
    changed = {**resource, "Properties": {**properties, "ManagedPolicyArns": kept}}
    return changed if len(kept) < len(listed) else resource


def _without_newcomers(
    key: ResourceKey,
    resource: dict[str, Any],
    postponed: list[Attachable],
    before: DeploymentState,
    after: DeploymentState,
) -> dict[str, Any]:
    """Remove postponed attachments that a resource did not have before."""
    properties = properties_of(resource)
    earlier = properties_of(before.resources.get(key, {}))
    # A new member of a group gets the group's policies, so groups that have a postponed policy wait with it.
    not_yet = {*postponed, *(group for each in postponed for group in after.groups_with(each))}
    changed: dict[str, Any] = {}
    for name, kind in _LISTS.items():
        attached = {before.attachable(key[0], kind, each) for each in earlier.get(name, ())}
        listed = properties.get(name, ())
        kept = [
            each
            for each in listed
            if (attachable := after.attachable(key[0], kind, each)) not in not_yet or attachable in attached
        ]
        if len(kept) < len(listed):
            changed[name] = kept
    return {**resource, "Properties": {**properties, **changed}} if changed else resource


def _with_references(
    keys: set[ResourceKey], before: DeploymentState, after: DeploymentState
) -> dict[ResourceKey, dict[str, Any]]:
    """Give resources as they were deployed, and removed resources that they refer to."""
    kept: dict[ResourceKey, dict[str, Any]] = {}
    postponed = list(keys)
    while postponed:
        stack, _ = key = postponed.pop()
        if key in before.resources and key not in kept:
            kept[key] = before.resources[key]
            named = ((stack, each) for each in references_in(kept[key]))
            postponed += [each for each in named if each not in after.resources]
    return kept


def references_in(value: Any) -> Iterator[str]:
    """Yield the logical ids that a resource refers to or depends on."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in ("Ref", "DependsOn") and isinstance(part, str):
                yield part
            elif key == "DependsOn" and isinstance(part, list):
                yield from (each for each in part if isinstance(each, str))
            elif key == "Fn::GetAtt":
                yield part.partition(".")[0] if isinstance(part, str) else str(part[0])
            elif key == "Fn::Sub":
                yield from _SUBSTITUTED.findall(str(part[0] if isinstance(part, list) and part else part))
            yield from references_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from references_in(part)


def _with_resources(templates: Templates, resources: Mapping[ResourceKey, dict[str, Any]]) -> Templates:
    return {
        stack: {
            **template,
            "Resources": {name: each for (of, name), each in resources.items() if of == stack},
        }
        for stack, template in templates.items()
    }


def properties_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Give a resource's properties; empty if it has none."""
    found = resource.get("Properties", {})
    return found if isinstance(found, dict) else {}


def _attached_to(resource: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what is attached to a resource, each with its kind."""
    properties = properties_of(resource)
    for key, kind in _LISTS.items():
        yield from ((kind, each) for each in properties.get(key, ()))


def _statements(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the statements of a resource's policies."""
    properties = properties_of(resource)
    documents = [each.get("PolicyDocument", {}) for each in properties.get("Policies", ())]
    several = (each.get("Statement", ()) for each in (*documents, properties.get("PolicyDocument", {})))
    return [one for each in several for one in ([each] if isinstance(each, dict) else each)]


def _single_permissions(statement: dict[str, Any]) -> Iterator[str]:
    """Split a statement into one action on one resource each, so that merged statements compare as equal."""
    actions, resources = (_as_list(statement.get(key)) for key in ("Action", "Resource"))
    for action in actions:
        for resource in resources:
            # The Sid is only a label: a renamed statement is not a gain.
            alone = {**statement, "Sid": "", "Action": action, "Resource": resource}
            yield json.dumps(alone, sort_keys=True)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _aws_managed_policy(arn: Any) -> dict[str, Any] | None:
    """Give an AWS managed policy as a template resource; None if it is unknown."""
    found = managed_policy_document(str(arn))
    return None if found is None else {"Properties": {"PolicyDocument": found}}
