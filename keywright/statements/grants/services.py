"""Grants on one AWS service by access level, and the ARNs that short resource names stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from keywright.model.action_lock import ActionLock, Entry
from keywright.model.grants.access_levels import WITHOUT_RESOURCE, AccessLevel, actions_at, level_of
from keywright.policy.reference import catalogue
from keywright.policy.reference.catalogue import forms_of, is_unambiguous
from keywright.policy.reference.catalogue import matching_forms as forms_meant_by
from keywright.policy.statement import Conditions, Statement
from keywright.reporting.text import WHOLE, listed, refusal
from keywright.statements.conditions import merge_conditions, until_condition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date


_OFFERED = 3


def resolve_resource(
    resource: str, *, service: str, partition: str, region: str, account: str
) -> tuple[str, frozenset[str]]:
    """Find the ARN that a short resource name stands for, and its possible resource types: those that match it most literally.

    Raises:
        ValueError: The service has no resource of this form, or several with different ARNs.
    """
    nearest = forms_meant_by(service, resource)
    if not nearest:
        raise refusal(
            f"`{service}` has no resource type of this form",
            found=f"`{resource}`",
            accepted=similar_forms(service, resource),
        )
    if not is_unambiguous(nearest, resource):
        arns = sorted({each.arn(resource, partition, region, account) for each in nearest})
        raise refusal(
            f"`{service}` has several resource types of this form",
            found=f"`{resource}`",
            accepted=listed(arns[:_OFFERED], longest=WHOLE),
        )
    arn = nearest[0].arn(resource, partition, region, account)
    return arn, frozenset(each.name for each in nearest)


def similar_forms(service: str, resource: str = "") -> str:
    """List at most three forms of a service's resources, the most similar to `resource` first."""
    forms = sorted({each.form for each in forms_of(service)})
    nearest = get_close_matches(resource, forms, _OFFERED, 0.3) or forms[:_OFFERED]
    return listed(nearest, none="none, this service has no resources")


# A statement is never split afterwards, so a single one must always leave room for others.
_LONGEST_PART = 2_000
"""Characters of action names in one statement, well below the 6,144 of a managed policy and the 5,120 of a group's policies."""


@dataclass(frozen=True, kw_only=True)
class ServiceGrant:
    """A service's actions of some access levels on named resources; a value, not a construct.

    `resources` are written as in the ARN formats of "Resource types" in the Service Authorization Reference, without
    the leading fields (`workgroup/reports`), or as whole ARNs. An action belongs to its narrowest level: one that tags
    or manages permissions is not part of `write`. Without resources the grant has the actions that support no
    resource-level permissions, and only levels `list` and `read`. `until` is the last day, in UTC. `tagged` is a condition
    on resource tags (`resource_tag_condition`): with it, only actions that support this condition key. With a `lock` the
    grant has exactly the actions that are pinned in it; without one, those of the current catalogue.
    """

    service: str
    levels: Sequence[AccessLevel]
    resources: Sequence[str]
    partition: str
    region: str
    account: str
    until: date | None = None
    tagged: Conditions = field(default_factory=dict)
    lock: ActionLock | None = None

    def statements(self) -> tuple[Statement, ...]:
        """Give a statement for each resource type, in an order that does not depend on the order of the arguments.

        Raises:
            ValueError: An unknown service or resource type, no action at all, or a level that needs resources.
        """
        if self.service not in catalogue.services():
            raise _unknown_service(self.service)
        if self.tagged and not self.resources:
            raise refusal(
                "a grant by resource tag names no resources",
                found="no resources",
                accepted=f"resources, such as {similar_forms(self.service)}",
            )
        found = tuple(self._on_named() if self.resources else self._on_none())
        if not found:
            raise refusal(
                f"`{self.service}` has no action of this access level there"
                + (" that supports resource tags" if self.tagged else ""),
                found=listed(self.levels, none="no level"),
                accepted="another level, or another resource",
            )
        return found

    def _on_named(self) -> Iterator[Statement]:
        by_types: dict[frozenset[str], set[str]] = {}
        for resource in self.resources:
            arn, types = resolve_resource(
                resource,
                service=self.service,
                partition=self.partition,
                region=self.region,
                account=self.account,
            )
            # Resources of the same types share one statement, which keeps the policy short.
            by_types.setdefault(types, set()).add(arn)
        for types, arns in sorted(by_types.items(), key=lambda item: sorted(item[1])):
            yield from self._allow(types, *sorted(arns))

    def _on_none(self) -> Iterator[Statement]:
        beyond = sorted(set(self.levels) - WITHOUT_RESOURCE)
        if beyond:
            raise refusal(
                "a grant without resources can only list or read",
                found=listed(beyond),
                accepted=f"resources, such as {similar_forms(self.service)}",
            )
        yield from self._allow({""}, "*")

    def _allow(self, types: Collection[str], *resources: str) -> Iterator[Statement]:
        names = {name for kind in types for level in self.levels for name in self._actions(kind, level)}
        for some in _in_parts(sorted(f"{self.service}:{name}" for name in names)):
            bound = merge_conditions(self.tagged, until_condition(self.until))
            yield Statement(actions=some, resources=resources, conditions=bound)

    def _actions(self, resource_type: str, level: AccessLevel) -> tuple[str, ...]:
        by_tag = bool(self.tagged)
        if self.lock is None:
            return actions_at(self.service, resource_type, level, by_tag=by_tag)
        entry = Entry(self.service, resource_type, level, by_tag)
        pinned = self.lock.actions(entry)
        if pinned is None:
            raise refusal(
                f"the actions of {entry} are not locked",
                found="no entry in the lock",
                accepted="an entry, as `keywright lock` writes it",
            )
        return pinned


def reads_without_resource(action: str) -> bool:
    """Tell whether an action only lists or reads and supports no resource-level permissions, so that it needs `*`."""
    known = catalogue.action(action)
    return known is not None and not known.resource_types and level_of(known) in WITHOUT_RESOURCE


def _in_parts(actions: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Split a long list of actions, so that no statement alone exceeds a policy's quota."""
    part: list[str] = []
    for action in actions:
        if part and sum(map(len, part)) + len(action) > _LONGEST_PART:
            yield tuple(part)
            part = []
        part.append(action)
    if part:
        yield tuple(part)


def _unknown_service(service: str) -> ValueError:
    nearest = get_close_matches(service, catalogue.services(), _OFFERED, 0.5) or ["athena", "ec2", "s3"]
    return refusal(
        "no AWS service has this prefix",
        found=f"`{service}`",
        accepted=listed(nearest),
    )
