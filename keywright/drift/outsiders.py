"""Identities outside of the assembly that use its groups and policies, or that lack what it attaches to them."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.identities.collection import identities
from keywright.drift.expected import literals
from keywright.drift.repair import iam
from keywright.drift.result import Difference, Direction, Drift
from keywright.reasoning.account.actors import ActorKind
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.account.entities import Group, Role, User
    from keywright.assembly.sources.declaration_locations import DeclarationLocations
    from keywright.drift.sides import Sides
    from keywright.review.comparison.identities import IdentityChanges
    from keywright.review.result import Change

_GROUP, _POLICY = "AWS::IAM::Group", "AWS::IAM::ManagedPolicy"


def drift_of_outsiders(
    sides: Sides, engine: IdentityChanges, places: DeclarationLocations
) -> Iterator[Drift]:
    """Yield users outside of the assembly in its groups, and identities there with its managed policies.

    What the assembly itself attaches to them, because they are declared as existing, has to be there.
    """
    outsiders = _Outsiders(sides, engine)
    for kind, several in (
        ("user", sides.snapshot.users),
        ("group", sides.snapshot.groups),
        ("role", sides.snapshot.roles),
    ):
        for each in several:
            if str(each.arn) not in sides.resources and str(each.arn) not in sides.undeclared:
                differences, changes = outsiders.differences(kind, each)
                if differences:
                    yield Drift(
                        name=f"{kind}/{each.name}",
                        arn=str(each.arn),
                        direction=min((one.direction for one in differences), key=lambda one: one.rank),
                        differences=tuple(differences),
                        changes=changes,
                        declared=places.of(f"{kind}/{each.name}"),
                    )


class _Outsiders:
    """Knows what the assembly attaches to whom."""

    def __init__(self, sides: Sides, engine: IdentityChanges) -> None:
        self._sides = sides
        self._engine = engine
        self._groups = {
            each.name.literal: arn for arn, each in sides.resources.items() if each.type == _GROUP
        }
        self._policies = {arn: each for arn, each in sides.resources.items() if each.type == _POLICY}
        self._declared: dict[str, set[str]] = {}
        for each in identities(sides.assembly).memberships:
            if each.user.literal and each.group.literal:
                self._declared.setdefault(each.user.literal, set()).add(each.group.literal)

    def differences(
        self, kind: str, live: User | Group | Role
    ) -> tuple[list[Difference], tuple[Change, ...]]:
        """Give what differs, and the access that a declared group or policy gives by it."""
        place, owner = self._sides.snapshot.locate(live), {f"{kind}_name": live.name}
        groups = set(getattr(live, "groups", ()))
        declared = self._declared.get(live.name, set()) if kind == "user" else set()
        attached = set(live.attached_policies) & self._policies.keys()
        attachable = self._attachable.get((kind, live.name), frozenset())
        # What a team creates below the path of its delegation may have the policies of the assembly.
        extra_policies = (
            set() if getattr(live, "path", "") in self._sides.delegated else attached - attachable
        )
        extra_groups = (groups & {each for each in self._groups if each}) - declared
        found = [
            Difference(
                message=f"is not declared there, and is in the declared group {quoted(group)}",
                direction=Direction.MORE,
                repair=iam("remove-user-from-group", user_name=live.name, group_name=group),
                place=place,
            )
            for group in sorted(extra_groups)
        ]
        found += [
            Difference(
                message=f"is not declared there, and has the declared policy {quoted(arn)}",
                direction=Direction.MORE,
                repair=iam(f"detach-{kind}-policy", **owner, policy_arn=arn),
                place=place,
            )
            for arn in sorted(extra_policies)
        ]
        found += [
            Difference(
                message=f"is not in the group {quoted(group)}, as declared",
                direction=Direction.LESS,
                repair=iam("add-user-to-group", user_name=live.name, group_name=group),
                place=place,
            )
            for group in sorted(declared - groups)
        ]
        found += [
            Difference(
                message=f"does not have the policy {quoted(arn)}, as declared",
                direction=Direction.LESS,
                repair=iam(f"attach-{kind}-policy", **owner, policy_arn=arn),
                place=place,
            )
            for arn in sorted(attachable - attached)
        ]
        given = [*(self._groups[each] for each in sorted(extra_groups)), *sorted(extra_policies)]
        return found, tuple(self._given(given, f"{kind}/{live.name}", str(live.arn)))

    @cached_property
    def _attachable(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """The managed policies that the assembly attaches, by kind and name of the identity."""
        found: dict[tuple[str, str], set[str]] = {}
        for kind in ("user", "group", "role"):
            for arn, each in self._policies.items():
                for name in literals(iter(each.texts(f"{kind.capitalize()}s"))):
                    found.setdefault((kind, name), set()).add(arn)
        return {key: frozenset(arns) for key, arns in found.items()}

    def _given(self, arns: list[str], name: str, arn: str) -> Iterator[Change]:
        """Give what a group or policy allows whoever gets it."""
        for each in arns:
            after = self._sides.after
            access = after.identities.get(each) or after.unattached_policy(each, name)
            # A policy that is not attached is compared with itself on the other side, and a group is not.
            access = access and replace(access, kind=ActorKind.GROUP)
            change = self._engine.access_change(None, access) if access else None
            if change and change.gains:
                yield replace(change, name=name, arn=arn, is_new=False)
