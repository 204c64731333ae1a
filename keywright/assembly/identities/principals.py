"""An assembly as an account for the policy engine: all principals, with the policies that apply to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from keywright.assembly.identities.collection import IdentityKind, identities
from keywright.assembly.identities.execution_roles import credential_sources
from keywright.assembly.identities.identity_center import with_permission_sets
from keywright.assembly.sources.organization import NO_ORGANIZATION, Organization
from keywright.assembly.templates.names import certain_tags, display_name
from keywright.assembly.templates.symbolic_policies import Spelling, is_certain
from keywright.policy.principals import ACCOUNT_AT_DEPLOYMENT
from keywright.policy.reference.managed_policies import PREFIX, managed_policy_document
from keywright.policy.statement import Effect
from keywright.reasoning.account.actors import Account, Actor, ActorKind, Grant, PolicyKind
from keywright.reasoning.evaluation.expiry import without_expired

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from keywright.assembly.identities.collection import Attachment, Identities, Identity, InlinePolicy
    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.assembly.templates.value import Text
    from keywright.policy.statement import Document

_KINDS = {
    IdentityKind.USER: ActorKind.USER,
    IdentityKind.ROLE: ActorKind.ROLE,
    IdentityKind.GROUP: ActorKind.GROUP,
}


@dataclass(frozen=True)
class AccountPrincipals:
    """An assembly's account, the resources that declare its principals, and the sources of its policy documents.

    `policies` and `least` are keyed by the `id()` of the documents in force, which are read as the most that they may
    allow. `open_boundaries` has the ARNs of the principals whose permissions boundary is uncertain.
    """

    account: Account
    resources: Mapping[str, Resource]
    policies: Mapping[int, Policy]
    least: Mapping[int, Document]
    open_boundaries: frozenset[str] = frozenset()
    organization: Organization = NO_ORGANIZATION
    organizations: tuple[Organization, ...] = ()


def account_of(assembly: Assembly, now: datetime | None = None) -> Account:
    """Give an assembly's principals: users and roles, groups without members, and policies that are not attached.

    What has expired `now` is left out; without a time nothing expires.
    """
    whole = principals_of(assembly).account
    # Usually nothing has expired, and the cached principals are reused.
    if now is None or all(without_expired(each, now) is each for each in _documents(whole)):
        return whole
    return _gathered(assembly, Spelling(), now).account


def _documents(account: Account) -> Iterator[Document]:
    for actor in (*account.actors, *account.groups):
        yield from actor.documents
        yield from filter(None, (actor.boundary, actor.trust))


_GATHERED: WeakKeyDictionary[Assembly, AccountPrincipals] = WeakKeyDictionary()


def principals_of(assembly: Assembly, account: str = "", *, compares: bool = False) -> AccountPrincipals:
    """Give the same with the sources of its documents; `account` is used where no template states one.

    With `compares`, documents are written to be compared with those of another assembly; see `Spelling`. The result
    for the assembly as it is is cached.
    """
    if account or compares:
        return _gathered(assembly, Spelling(account, compares))
    if assembly not in _GATHERED:
        _GATHERED[assembly] = _gathered(assembly, Spelling())
    return _GATHERED[assembly]


def _gathered(assembly: Assembly, spelling: Spelling, now: datetime | None = None) -> AccountPrincipals:
    principals = _Reader(identities(assembly), spelling, now).principals(assembly)
    sets = with_permission_sets(assembly, principals.account, spelling, now)
    return replace(
        principals,
        account=sets.account,
        resources={**principals.resources, **sets.resources},
        policies={**principals.policies, **sets.policies},
        least={**principals.least, **sets.least},
    )


class _GroupAccess(NamedTuple):
    """What the members of a group get from it."""

    arn: str
    grants: tuple[Grant, ...]
    doubts: tuple[str, ...]


class _Reader:
    """Reads each policy once, so that those who share one share its document."""

    def __init__(self, found: Identities, spelling: Spelling, now: datetime | None = None) -> None:
        self._found = found
        self._now = now
        self._spelling = spelling
        self._documents: dict[tuple[int, bool], Document] = {}
        self._policies: dict[int, Policy] = {}
        self._least: dict[int, Document] = {}
        self._managed: dict[tuple[str, bool], Document] = {}
        self._open_boundaries: set[str] = set()
        self._by_groups: dict[tuple[int, bool], _GroupAccess] = {}

    def principals(self, assembly: Assembly) -> AccountPrincipals:
        groups = {self._spelled(each.arn): self._actor(each) for each in self._found.groups}
        empty = [
            groups[self._spelled(each.arn)] for each in self._found.groups if not self._found.members_of(each)
        ]
        actors = [self._actor(each) for each in (*self._found.users, *self._found.roles)]
        account = Account(
            actors=(*actors, *empty, *self._outsiders(), *self._unattached_policies()),
            groups=tuple(groups.values()),
            credential_sources=credential_sources(assembly, self._spelling),
            policies={self._arn(policy): self._document(policy) for policy in self._found.managed},
        )
        resources = {self._spelled(each.arn): each.resource for each in self._found.all}
        return AccountPrincipals(
            account,
            resources,
            self._policies,
            self._least,
            frozenset(self._open_boundaries),
            assembly.organization,
            assembly.organizations,
        )

    def _spelled(self, text: Text) -> str:
        return self._spelling.text(text)

    def _arn(self, policy: Policy) -> str:
        assert policy.holder.arn is not None
        return self._spelled(policy.holder.arn)

    def _document(self, policy: Policy, *, is_sure: bool = True) -> Document:
        """Read the most that a policy allows; one that may not be in force denies nothing for certain."""
        # One document object per policy: `policies` and `least` are looked up by its id().
        key = id(policy), is_sure
        if key not in self._documents:
            most = self._spelling.most(policy)
            document = without_expired(most, self._now) if self._now else most
            least = document if is_certain(policy, self._spelling) else self._spelling.least(policy)
            document, least = (
                (document, least) if is_sure else (document.only(Effect.ALLOW), least.only(Effect.DENY))
            )
            self._documents[key] = document
            self._policies[id(document)] = policy
            self._least[id(document)] = least
        return self._documents[key]

    def _actor(self, identity: Identity) -> Actor:
        groups = dict(self._found.groups_joined(identity)) if identity.kind is IdentityKind.USER else {}
        grants = [*self._grants(identity)]
        doubts = [*_doubts(identity, self._found), *self._unknown_policies(identity.attached)]
        for group, is_sure in groups.items():
            access = self._group_access(group, is_sure=is_sure)
            grants += access.grants
            doubts += access.doubts
        boundary_arn, boundary = self._boundary(identity)
        return Actor(
            kind=_KINDS[identity.kind],
            arn=self._spelled(identity.arn),
            name=display_name(identity.resource),
            grants=tuple(grants),
            boundary=boundary,
            boundary_arn=boundary_arn,
            may_have_boundary="<" in boundary_arn or (bool(identity.boundaries) and not boundary_arn),
            trust=self._document(identity.trust) if identity.trust else None,
            tags=certain_tags(identity.resource, self._spelled) if identity.trust else {},
            groups=tuple(self._group_access(group, is_sure=True).arn for group in groups),
            doubts=tuple(doubts),
            origin=identity.resource.template.file,
        )

    def _group_access(self, group: Identity, *, is_sure: bool) -> _GroupAccess:
        """Give what a group grants each of its members; read once per group."""
        key = id(group), is_sure
        if key not in self._by_groups:
            arn = self._spelled(group.arn)
            grants = (replace(each, group=arn) for each in self._grants(group, is_sure=is_sure))
            self._by_groups[key] = _GroupAccess(
                arn, tuple(grants), tuple(self._unknown_policies(group.attached))
            )
        return self._by_groups[key]

    def _grants(self, identity: Identity, *, is_sure: bool = True) -> Iterator[Grant]:
        for each in identity.inline_policies:
            yield Grant(self._document(each.policy, is_sure=is_sure and each.is_sure), PolicyKind.INLINE)
        for attachment in identity.attached:
            document = self._attached(attachment, is_sure=is_sure and attachment.is_sure)
            if document is not None:
                yield Grant(document, PolicyKind.MANAGED, policy=self._spelled(attachment.arn))

    def _attached(self, attachment: Attachment, *, is_sure: bool = True) -> Document | None:
        """Give a managed policy's document, from the assembly or as AWS has it."""
        if attachment.policy is not None:
            return self._document(attachment.policy, is_sure=is_sure)
        name = attachment.aws_managed
        return self._aws_managed(name, is_sure=is_sure) if name else None

    def _aws_managed(self, name: str, *, is_sure: bool) -> Document | None:
        if (name, is_sure) not in self._managed:
            content = managed_policy_document(PREFIX + name)
            if content is None:
                return None
            from keywright.policy.parsing.documents import parse_document  # noqa: PLC0415 - for these alone

            document = parse_document(content, file=PREFIX + name)[0]
            if not is_sure:
                whole, document = document, document.only(Effect.ALLOW)
                self._least[id(document)] = whole.only(Effect.DENY)
            self._managed[name, is_sure] = document
        return self._managed[name, is_sure]

    def _unknown_policies(self, attached: tuple[Attachment, ...]) -> list[str]:
        return [
            f"the policy `{self._spelled(each.arn)}` is not known"
            for each in attached
            if self._attached(each) is None
        ]

    def _boundary(self, identity: Identity) -> tuple[str, Document | None]:
        """Give the boundary that is certainly set; one whose document is unknown limits nothing for certain."""
        # Several possible boundaries limit nothing for certain: each of them may not be the one that is
        # deployed.
        if len(identity.boundaries) != 1 or identity.may_lack_boundary:
            if identity.boundaries:
                self._open_boundaries.add(self._spelled(identity.arn))
            return "", None
        attachment = identity.boundaries[0]
        return self._spelled(attachment.arn), self._attached(attachment)

    def _outsiders(self) -> Iterator[Actor]:
        """Give the identities outside of the assembly that it declares inline policies for."""
        owned: dict[tuple[IdentityKind, str], list[InlinePolicy]] = {}
        for each in self._found.inline_policies:
            if self._found.named(each.kind, each.owner, each.policy.holder) is None:
                owned.setdefault((each.kind, self._spelled(each.owner)), []).append(each)
        for (kind, name), several in owned.items():
            template = several[0].policy.holder.template
            owner = template.account or self._spelling.account or ACCOUNT_AT_DEPLOYMENT
            yield Actor(
                kind=_KINDS[kind],
                arn=f"arn:{template.partition or 'aws'}:iam::{owner}:{kind}/{name}",
                name=f"{kind}/{name}",
                grants=tuple(Grant(self._document(each.policy, is_sure=each.is_sure)) for each in several),
                origin=template.file,
            )

    def _unattached_policies(self) -> Iterator[Actor]:
        """Give the managed policies that are neither attached nor set as a boundary in the assembly."""
        attached = {id(each.policy) for who in self._found.all for each in (*who.attached, *who.boundaries)}
        for policy in self._found.managed:
            if id(policy) not in attached:
                arn = self._arn(policy)
                grant = Grant(self._document(policy), PolicyKind.MANAGED, policy=arn)
                name = display_name(policy.holder)
                yield Actor(ActorKind.POLICY, arn, name, (grant,), origin=policy.holder.template.file)


def _doubts(identity: Identity, found: Identities) -> list[str]:
    doubts = [each.reason for each in identity.unknown]
    if identity.kind is IdentityKind.USER:
        beside = identity.resource
        # Usually all groups are declared, and looking up each name again is skipped.
        several = () if len(found.groups_joined(identity)) == len(identity.memberships) else identity.groups
        missing = [each for each in several if found.named(IdentityKind.GROUP, each, beside) is None]
        doubts += [f"the group `{name}` is declared elsewhere" for name in missing]
    return doubts
