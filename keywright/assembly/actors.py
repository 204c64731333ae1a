"""An assembly as the account that reasoning looks at: everyone who acts, with everything in force for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.carriers import carriers
from keywright.assembly.identities import IdentityKind, identities
from keywright.assembly.known import granting, spelled
from keywright.assembly.physical import PHYSICAL
from keywright.assembly.resolve import Evaluation
from keywright.policy.managed_policies import PREFIX, managed_policy_document
from keywright.policy.parsing import parse_document
from keywright.reasoning.actor import Account, Actor, ActorKind, Grant, Way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.document import Policy
    from keywright.assembly.identities import Attachment, Identities, Identity, Ownership
    from keywright.assembly.template import Assembly
    from keywright.policy.document import Document

_KINDS = {
    IdentityKind.USER: ActorKind.USER,
    IdentityKind.ROLE: ActorKind.ROLE,
    IdentityKind.GROUP: ActorKind.GROUP,
}


def account_of(assembly: Assembly) -> Account:
    """Gather an assembly's actors: its users and roles, groups nobody is in, policies nobody bears."""
    return _Reader(identities(assembly)).account(assembly)


class _Reader:
    """Reads each policy once, so that those who share one share its document."""

    def __init__(self, found: Identities) -> None:
        self._found = found
        self._documents: dict[int, Document] = {}
        self._managed: dict[str, Document] = {}

    def account(self, assembly: Assembly) -> Account:
        groups = {each.arn: self._actor(each) for each in self._found.groups}
        empty = [groups[each.arn] for each in self._found.groups if not self._found.members_of(each)]
        actors = [self._actor(each) for each in (*self._found.users, *self._found.roles)]
        return Account(
            actors=(*actors, *empty, *self._outsiders(), *self._loose_policies()),
            groups=tuple(groups.values()),
            carriers=carriers(assembly),
            policies={_arn(policy): self._document(policy) for policy in self._found.managed},
        )

    def _document(self, policy: Policy) -> Document:
        return self._documents.setdefault(id(policy), granting(policy))

    def _actor(self, identity: Identity) -> Actor:
        groups = self._found.groups_of(identity) if identity.kind is IdentityKind.USER else ()
        grants = [*self._grants(identity)]
        doubts = [*_doubts(identity, self._found), *self._unknown_policies(identity.attached)]
        for group in groups:
            grants += [
                Grant(each.document, each.way, spelled(group.arn), each.policy)
                for each in self._grants(group)
            ]
            doubts += self._unknown_policies(group.attached)
        boundary_arn, boundary = self._boundary(identity)
        return Actor(
            kind=_KINDS[identity.kind],
            arn=spelled(identity.arn),
            name=f"{identity.kind}/{identity.label}",
            grants=tuple(grants),
            boundary=boundary,
            boundary_arn=boundary_arn,
            trust=self._document(identity.trust) if identity.trust else None,
            groups=tuple(spelled(group.arn) for group in groups),
            doubts=tuple(doubts),
            origin=identity.resource.template.file,
        )

    def _grants(self, identity: Identity) -> Iterator[Grant]:
        for policy in identity.inline:
            yield Grant(self._document(policy), Way.INLINE)
        for attachment in identity.attached:
            document = self._attached(attachment)
            if document is not None:
                yield Grant(document, Way.MANAGED, policy=spelled(attachment.arn))

    def _attached(self, attachment: Attachment) -> Document | None:
        """Give a managed policy's document, from the assembly or as AWS has it."""
        if attachment.policy is not None:
            return self._document(attachment.policy)
        name = attachment.aws_managed
        if name is None:
            return None
        if name not in self._managed:
            content = managed_policy_document(PREFIX + name)
            if content is None:
                return None
            self._managed[name] = parse_document(content, file=PREFIX + name)[0]
        return self._managed[name]

    def _unknown_policies(self, attached: tuple[Attachment, ...]) -> list[str]:
        return [
            f"the policy `{spelled(each.arn)}` is not known"
            for each in attached
            if self._attached(each) is None
        ]

    def _boundary(self, identity: Identity) -> tuple[str, Document | None]:
        """Give the boundary that is certainly there; one whose document is not known limits nothing for certain."""
        if len(identity.boundaries) != 1 or identity.may_lack_boundary:
            return "", None
        attachment = identity.boundaries[0]
        return spelled(attachment.arn), self._attached(attachment)

    def _outsiders(self) -> Iterator[Actor]:
        """Give those outside of the assembly for whom it declares inline policies."""
        owned: dict[tuple[IdentityKind, str], list[Ownership]] = {}
        for each in self._found.ownerships:
            if self._found.named(each.kind, each.owner, each.policy.holder) is None:
                owned.setdefault((each.kind, spelled(each.owner)), []).append(each)
        for (kind, name), several in owned.items():
            template = several[0].policy.holder.template
            owner = template.account or "<AWS.AccountId>"
            yield Actor(
                kind=_KINDS[kind],
                arn=f"arn:aws:iam::{owner}:{kind}/{name}",
                name=f"{kind}/{name}",
                grants=tuple(Grant(self._document(each.policy)) for each in several),
                origin=template.file,
            )

    def _loose_policies(self) -> Iterator[Actor]:
        """Give the managed policies that nobody in the assembly bears, nor has as its boundary."""
        borne = {id(each.policy) for who in self._found.all for each in (*who.attached, *who.boundaries)}
        for policy in self._found.managed:
            if id(policy) not in borne:
                arn = _arn(policy)
                grant = Grant(self._document(policy), Way.MANAGED, policy=arn)
                name = f"policy/{policy.name.literal or policy.holder.logical_id}"
                yield Actor(ActorKind.POLICY, arn, name, (grant,), origin=policy.holder.template.file)


def _arn(policy: Policy) -> str:
    return spelled(Evaluation({}).arn(policy.holder, PHYSICAL[policy.holder.type]))


def _doubts(identity: Identity, found: Identities) -> list[str]:
    doubts = [each.reason for each in identity.unknown]
    if identity.kind is IdentityKind.USER:
        declared = {spelled(group.name) for group in found.groups_of(identity)}
        doubts += [
            f"the group `{spelled(name)}` is declared elsewhere"
            for name in identity.groups
            if spelled(name) not in declared
        ]
    return doubts
