"""The single escalation steps that an actor can take: one technique, one target.

A target inside the templates is judged by its policies. There may be more in the account than in the
templates: where the actor's patterns match a target outside, the step is open as well, and `needs` says what
must exist.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from keywright.policy.parsing.documents import parse_document
from keywright.policy.reference.managed_policies import managed_policy_document
from keywright.reasoning.account.actors import Actor, ActorKind
from keywright.reasoning.account.partial_context import ATTACHED_POLICY, BOUNDARY_OF_TARGET, PASSED_TO_SERVICE
from keywright.reasoning.account.resource_sets import ResourceSet, arn_language, literal_language
from keywright.reasoning.account.trust import ASSUME_ROLE, Admission, admits
from keywright.reasoning.escalation.changes import (
    external_identity,
    with_group,
    with_policy,
    without_restriction,
)
from keywright.reasoning.escalation.limits import (
    administrator_policy_arn,
    compared_values,
    partition_of_arn,
    reaches_only_itself,
    unrestricted_boundaries,
)
from keywright.reasoning.escalation.permissions import (
    KINDS,
    NO_FIXED_KEYS,
    ActorPermissions,
    FixedKeys,
    managed_policy_arns,
)
from keywright.reasoning.escalation.sessions import TaggedSessions
from keywright.reasoning.escalation.technique import (
    GROUP,
    PASS_ROLE,
    POLICY,
    ROLE,
    USER,
    Restriction,
    TargetKind,
    resource_kinds,
    techniques_by,
)
from keywright.reasoning.evaluation.policies import FULL_ACCESS
from keywright.reporting.text import WHOLE, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from keywright.policy.statement import Document
    from keywright.reasoning.escalation.technique import Technique
    from keywright.reasoning.sets.languages import Language


@dataclass(frozen=True)
class EscalationStep:
    """One step: a technique with a target.

    `target` is the actor afterwards, where the templates define it; otherwise `to` describes it. `needs` says
    what else must exist. `is_declared` marks a step that both sides allow explicitly, or that a boundary is
    meant for: it is not an escalation by itself, but may be part of one. `is_agreed` marks an escalation that
    both sides allow: a session by tag.
    """

    technique: Technique
    target: Actor | None
    to: str
    needs: str = ""
    is_declared: bool = False
    is_agreed: bool = False


class EscalationSteps(ActorPermissions):
    """All open steps of one actor."""

    @property
    def _known_partition(self) -> str:
        return partition_of_arn(self.actor.arn)

    def __iter__(self) -> Iterator[EscalationStep]:
        for technique in techniques_by(self.allowed):
            yield from self.through(technique)

    def through(self, technique: Technique) -> Iterator[EscalationStep]:
        """Yield the steps of one technique; a role that trusts the actor by name may need no permission."""
        if technique.reaches is TargetKind.ASSUMPTION or self.has_all(technique):
            yield from self._FINDERS[technique.reaches](self, technique)

    def _passed_role(self, technique: Technique) -> Iterator[EscalationStep]:
        if not self.allows_other_kinds(technique, ROLE):
            return
        options = [
            [self.resources(PASS_ROLE, fixed), *self.on(technique, ROLE)]
            for fixed in self._passing(technique)
        ]
        for role in self._passable(technique, options):
            needs = _joined(_trust_needed(role, _any_of(technique.passes)), technique.exists)
            yield EscalationStep(technique, role, role.name, needs)
        for resource_sets in options:
            if self.intersects(technique, resource_sets, self.any_of(ROLE), self.declared_arns(ROLE)):
                which = f"that trusts {_any_of(technique.passes)} and has more permissions"
                yield self._outside(technique, resource_sets, ROLE, which)
                return

    def _passable(self, technique: Technique, options: list[list[ResourceSet]]) -> Iterator[Actor]:
        """Return the declared roles that can be passed and that trust one of the services."""
        roles = self.index.roles_for_service(technique.passes, self.actor.account)
        found = {id(role) for resource_sets in options for role in roles.within(resource_sets)}
        return (role for role in roles.actors if id(role) in found and role.arn != self.actor.arn)

    def _passing(self, technique: Technique) -> list[FixedKeys]:
        if self.actor.arn.startswith("arn:aws-cn:"):
            return [NO_FIXED_KEYS]  # some of China's service principals end in .cn
        return [((PASSED_TO_SERVICE, (service,)),) for service in technique.passes]

    def _resource_role(self, technique: Technique) -> Iterator[EscalationStep]:
        if not self.allows_other_kinds(technique, technique.of):
            return
        sources = self.account.credential_sources_of(resource_kinds()[technique.of].credential_sources)
        resource_sets, sessions = (
            self.on(technique, technique.of),
            TaggedSessions(self, technique, sources),
        )
        for source in sources:
            if source.identity_arn != self.actor.arn and _contain(
                sessions.resource_sets_on(source), source.arn
            ):
                role = self.account.actor(source.identity_arn)
                needs = _joined(source.needs, sessions.tag_needed(source), technique.exists)
                to = role.name if role else source.identity_arn
                yield EscalationStep(technique, role, to, needs, is_agreed=sessions.is_agreed(source))
        if self.intersects(
            technique, resource_sets, self.any_of(technique.of), {each.arn for each in sources}
        ):
            outside = self._outside(technique, resource_sets, technique.of, "whose role has more permissions")
            yield replace(outside, is_agreed=sessions.agreed_elsewhere)

    def _stored_credentials(self, technique: Technique) -> Iterator[EscalationStep]:
        """Yield users whose stored credentials can be read.

        A policy that names the secret allows this on purpose.
        """
        resource_sets = self.on(technique, technique.of)
        named = not self.includes_all(technique, resource_sets, self.any_of(technique.of))
        kept = self.account.credential_sources_of((technique.of,))
        for identity_arn in dict.fromkeys(
            each.identity_arn for each in kept if _contain(resource_sets, each.arn)
        ):
            user = self.account.actor(identity_arn)
            if user is not None and user.arn != self.actor.arn:
                yield EscalationStep(technique, user, user.name, technique.exists, is_declared=named)

    def _new_credentials(self, technique: Technique) -> Iterator[EscalationStep]:
        resource_sets = self.on(technique, USER)
        actions = [action.lower() for action, kinds in technique.needs if USER in kinds]
        for user in self.other_actors(USER, resource_sets):
            if not any(reaches_only_itself(self.actor, action, user) for action in actions):
                yield EscalationStep(technique, user, user.name, technique.exists)
        if self.intersects(
            technique, resource_sets, self.any_of(USER), self.declared_arns(USER), self._itself()
        ):
            yield self._outside(technique, resource_sets, USER, "that has more permissions")

    def _itself(self) -> Iterator[Language]:
        """Return patterns of the actor's own ARN as a user, in any path.

        User names are unique within an account.
        """
        name = self.actor.user_name if self.actor.kind is ActorKind.USER else "${aws:username}"
        for path in ("", "*/"):
            yield arn_language(f"arn:*:iam::*:user/{path}{name}", True)  # noqa: FBT003 - cached by position

    def _permissions(self, technique: Technique) -> Iterator[EscalationStep]:
        for arn in _attachment_arns(self.actor, technique.of):
            for document in self._writable(technique, arn, self.actor.boundary_arn):
                yield EscalationStep(technique, with_policy(self.actor, document), "", technique.exists)
        yield from self._permissions_outside(technique)

    def _writable(self, technique: Technique, arn: str, boundary: str) -> Iterator[Document]:
        """Yield the policies that the actor can give to an identity, with a boundary or without."""
        bounded = _bounded_by(boundary)
        for attached, document in self._choices(technique):
            if _contain(self.on(technique, technique.of, bounded + attached), arn):
                yield document
                if document is FULL_ACCESS:
                    return

    def _choices(self, technique: Technique) -> Iterator[tuple[FixedKeys, Document]]:
        """Yield what can be granted: everything, or each policy that can be attached."""
        if not technique.attaches:
            yield NO_FIXED_KEYS, FULL_ACCESS
            return
        yield ((ATTACHED_POLICY, (administrator_policy_arn(self._known_partition),)),), FULL_ACCESS
        for arn in compared_values(self.actor, technique.actions[0], ATTACHED_POLICY):
            document = self._managed(arn)
            if document is not None:
                yield ((ATTACHED_POLICY, (arn,)),), document

    def _managed(self, arn: str) -> Document | None:
        return self.account.policies.get(arn) or _aws_managed(arn)

    def edits(self, others: Sequence[Actor]) -> Iterator[tuple[Technique, Actor, Actor]]:
        """Yield those of some actors whose policies the actor can write, before and after the change."""
        writing = [
            each
            for each in techniques_by(self.allowed)
            if each.reaches is TargetKind.PERMISSIONS and self.has_all(each)
        ]
        for technique in writing:
            for other in others:
                if other.arn != self.actor.arn:
                    for arn in _attachment_arns(other, technique.of):
                        for document in self._writable(technique, arn, other.boundary_arn):
                            yield technique, other, with_policy(other, document)

    def _permissions_outside(self, technique: Technique) -> Iterator[EscalationStep]:
        """Yield steps to identities outside the templates.

        Without a boundary, or with those that the actor must set.
        """
        kind = technique.of
        among, declared = self.any_of(kind), self.declared_arns(kind)
        if not self.intersects(technique, self.on(technique, kind), among, declared):
            return
        given: set[FixedKeys] = set()
        for free in (
            unrestricted_boundaries(self._known_partition) if kind in {USER, ROLE} else (NO_FIXED_KEYS,)
        ):
            for attached, document in self._choices(technique):
                resource_sets = self.on(technique, kind, free + attached)
                if attached not in given and self.intersects(technique, resource_sets, among, declared):
                    given.add(attached)
                    yield self._granted_outside(technique, resource_sets, attached, document)
                    if document is FULL_ACCESS:
                        return
        boundaries = compared_values(self.actor, technique.actions[0], BOUNDARY_OF_TARGET)
        yield from self._within_boundaries(technique, boundaries)
        if given or not boundaries:
            yield from self._unknown_policies(technique)

    def _within_boundaries(self, technique: Technique, boundaries: Iterable[str]) -> Iterator[EscalationStep]:
        """Yield steps to identities outside the templates that have a boundary which statements name."""
        among, declared = self.any_of(technique.of), self.declared_arns(technique.of)
        for arn in boundaries:
            fixed = NO_FIXED_KEYS if "*" in arn or "?" in arn else _bounded_by(arn)
            if self.intersects(technique, self.on(technique, technique.of, fixed), among, declared):
                yield self._within_boundary(technique, arn)

    def _granted_outside(
        self, technique: Technique, resource_sets: list[ResourceSet], attached: FixedKeys, document: Document
    ) -> EscalationStep:
        outside = self._outside(technique, resource_sets, technique.of, _USABLE[technique.of])
        if document is FULL_ACCESS:
            return outside
        given = listed((arn for _, arns in attached for arn in arns), longest=WHOLE)
        to = f"{outside.to}, with {given} attached"
        return replace(outside, to=to, target=external_identity(self.actor, to, document))

    def _within_boundary(self, technique: Technique, arn: str) -> EscalationStep:
        document, name = self._managed(arn), f"an identity with the permissions boundary `{arn}`"
        if document is None:
            needs = f"a permissions boundary `{arn}` that allows actions the principal lacks"
            return EscalationStep(technique, None, name, needs)
        target = external_identity(self.actor, name, FULL_ACCESS, arn, document)
        return EscalationStep(technique, target, name, technique.exists, is_declared=True)

    def _unknown_policies(self, technique: Technique) -> Iterator[EscalationStep]:
        if not technique.attaches:
            return
        for arn in compared_values(self.actor, technique.actions[0], ATTACHED_POLICY):
            if self._managed(arn) is None:
                needs = f"a policy `{arn}` that allows actions the principal lacks"
                yield EscalationStep(technique, None, f"the permissions of `{arn}`", needs)

    def _trust(self, technique: Technique) -> Iterator[EscalationStep]:
        resource_sets = self.on(technique, ROLE)
        for role in self.other_actors(ROLE, resource_sets):
            # A role that may have an unknown boundary is judged without the key: an over-
            # approximation.
            fixed = NO_FIXED_KEYS if role.may_have_boundary else _bounded_by(role.boundary_arn)
            if _contain(self.on(technique, ROLE, fixed), role.arn):
                yield EscalationStep(technique, role, role.name, technique.exists)
        if not self.intersects(technique, resource_sets, self.any_of(ROLE), self.declared_arns(ROLE)):
            return
        boundaries = compared_values(self.actor, technique.actions[0], BOUNDARY_OF_TARGET)
        free = (self.on(technique, ROLE, each) for each in unrestricted_boundaries(self._known_partition))
        among, declared = self.any_of(ROLE), self.declared_arns(ROLE)
        if not boundaries or any(self.intersects(technique, each, among, declared) for each in free):
            yield self._outside(technique, resource_sets, ROLE, "that has more permissions")
        else:
            yield from self._within_boundaries(technique, boundaries)

    def _membership(self, technique: Technique) -> Iterator[EscalationStep]:
        resource_sets = self.on(technique, GROUP)
        for group in self.other_actors(GROUP, resource_sets):
            if group.arn not in self.actor.groups:
                yield EscalationStep(technique, with_group(self.actor, group), group.name, technique.exists)
        if self.intersects(technique, resource_sets, self.any_of(GROUP), self.declared_arns(GROUP)):
            yield self._outside(technique, resource_sets, GROUP, "whose policies grant more permissions")

    def _provider(self, technique: Technique) -> Iterator[EscalationStep]:
        resource_sets = self.on(technique, technique.of)
        for role, providers in self.index.providers:
            if self.is_same_account(role) and any(_contain(resource_sets, each) for each in providers):
                yield EscalationStep(technique, role, role.name, technique.exists)
        if self.intersects(technique, resource_sets, self.any_of(technique.of)):
            yield self._outside(
                technique, resource_sets, technique.of, "trusted by a role that has more permissions"
            )

    def _assumption(self, technique: Technique) -> Iterator[EscalationStep]:
        allowed = self.resources(ASSUME_ROLE, NO_FIXED_KEYS)
        for role in self.index.roles_admitting(self.actor, allowed):
            if role.arn != self.actor.arn:
                yield from self._assumed(technique, role, allowed)
        if allowed.is_empty:
            return
        itself = () if self.actor.arn in self.index.roles.arns else (literal_language(self.actor.arn),)
        if self.intersects(
            technique, [allowed], self.any_of(ROLE, here=False), self.index.roles.arns, itself
        ):
            yield self._outside(
                technique,
                [allowed],
                ROLE,
                "whose trust policy allows the principal and that has more permissions",
            )

    def _assumed(self, technique: Technique, role: Actor, allowed: ResourceSet) -> Iterator[EscalationStep]:
        admitted = admits(role, self.actor)
        if admitted.how is Admission.NONE:
            return
        layers = allowed.layers
        # Within an account a trust policy that names the role or user needs no allow of its own
        # policies.
        if self.is_same_account(role) and admitted.how is not Admission.BY_ACCOUNT:
            layers = layers[1:] if admitted.how is Admission.BY_ROLE else ()
        if ResourceSet(layers, allowed.required, allowed.excluded).contains(role.arn):
            named = len(layers) < len(allowed.layers) or role.arn in allowed.patterns()
            trust = "" if admitted.surely else f"a trust policy of `{role.name}` that allows the principal"
            needs = _joined(trust, technique.exists)
            yield EscalationStep(technique, role, role.name, needs, is_declared=named and not needs)

    def _restriction(self, technique: Technique) -> Iterator[EscalationStep]:
        assert technique.removes is not None
        for arn, target in without_restriction(self.actor, technique.removes, technique.of):
            fixed = self._boundary_after(technique)
            if any(_contain(self.on(technique, technique.of, each), arn) for each in fixed):
                yield EscalationStep(technique, target, "", technique.exists)

    def _boundary_after(self, technique: Technique) -> list[FixedKeys]:
        if technique.removes is not Restriction.BOUNDARY:
            return [_bounded_by(self.actor.boundary_arn)]
        # In `Delete…PermissionsBoundary` the key is the present boundary, in `Put…` the new one
        # ("Actions, resources, and condition keys for AWS Identity and Access Management").
        if technique.actions[0].startswith("iam:Delete"):
            return [((BOUNDARY_OF_TARGET, (self.actor.boundary_arn,)),)]
        wider = [
            administrator_policy_arn(self._known_partition),
            *(arn for arn in self.account.policies if arn != self.actor.boundary_arn),
        ]
        return [((BOUNDARY_OF_TARGET, (arn,)),) for arn in wider]

    def _outside_targets(self, technique: Technique) -> Iterator[EscalationStep]:
        kinds = {kind for _, several in technique.needs for kind in several}
        resource_sets = {kind: self.on(technique, kind) for kind in kinds}
        if technique.whole:
            is_open = all(
                self.includes_all(technique, resource_sets[kind], self.any_of(kind)) for kind in kinds
            )
        else:
            is_open = all(
                self.intersects(technique, resource_sets[kind], self.any_of(kind)) for kind in kinds
            )
        if is_open:
            yield EscalationStep(technique, None, technique.to, technique.exists)

    def _outside(
        self, technique: Technique, resource_sets: list[ResourceSet], kind: str, which: str
    ) -> EscalationStep:
        noun = resource_kinds()[kind].noun
        patterns = [each for one in resource_sets[:1] for each in one.patterns() if each != "*"]
        where = f" ({', '.join(f'`{each}`' for each in patterns[:2])})" if patterns else ""
        needs = _joined(f"{noun}{where} {which}", technique.exists)
        return EscalationStep(technique, None, f"{noun} outside these templates", needs)

    _FINDERS: ClassVar[
        Mapping[TargetKind, Callable[[EscalationSteps, Technique], Iterator[EscalationStep]]]
    ] = {
        TargetKind.PASSED_ROLE: _passed_role,
        TargetKind.RESOURCE_ROLE: _resource_role,
        TargetKind.STORED_CREDENTIALS: _stored_credentials,
        TargetKind.NEW_CREDENTIALS: _new_credentials,
        TargetKind.PERMISSIONS: _permissions,
        TargetKind.TRUST: _trust,
        TargetKind.MEMBERSHIP: _membership,
        TargetKind.PROVIDER: _provider,
        TargetKind.ASSUMPTION: _assumption,
        TargetKind.RESTRICTION: _restriction,
        TargetKind.OUTSIDE: _outside_targets,
    }


def _bounded_by(arn: str) -> FixedKeys:
    """Return the context key of the target's permissions boundary; without ARN the target has none."""
    return ((BOUNDARY_OF_TARGET, (arn,) if arn else ()),)


_USABLE: Mapping[str, str] = {
    USER: "whose credentials the principal also has",
    ROLE: "whose trust policy allows the principal",
    GROUP: "with a user whose credentials the principal also has",
    POLICY: "attached to the principal, or to an identity that it can act as",
}


def _any_of(services: tuple[str, ...]) -> str:
    return listed(services, "or")


def _joined(*needs: str) -> str:
    return "; ".join(filter(None, needs))


def _trust_needed(role: Actor, trusted: str) -> str:
    """Describe whom a role's trust policy must allow, where no template defines it."""
    return f"a trust policy of `{role.name}` that allows {trusted}" if role.trust is None else ""


def _attachment_arns(actor: Actor, kind: str) -> list[str]:
    """Return the ARNs of a kind through which policies apply to an actor."""
    if kind == POLICY:
        return managed_policy_arns(actor)
    if kind == GROUP:
        return [*actor.groups, *([actor.arn] if actor.kind is ActorKind.GROUP else [])]
    return [actor.arn] if KINDS[kind] is actor.kind else []


def _contain(resource_sets: Iterable[ResourceSet], arn: str) -> bool:
    return all(each.contains(arn) for each in resource_sets)


@cache
def _aws_managed(arn: str) -> Document | None:
    content = managed_policy_document(arn)
    return parse_document(content, file=arn)[0] if content else None
