"""The principals of an assembly and the policies on its resources, in the form that proofs take."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.resources.attached_policies import ResourceAttachments, acl_documents
from keywright.policy.matching.arn import Arn
from keywright.policy.statement import Document, Kind, Unread
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.invariants.principals import AttachedPolicy, PrincipalPolicies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.resources.attached_policies import ResourceAttachment
    from keywright.assembly.templates.symbolic_policies import Spelling
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.policy.statement import Statement
    from keywright.reasoning.account.actors import Actor

_USER_NAME = re.compile(r"\$\{\s*aws:username\s*\}", re.IGNORECASE)
_PLACEHOLDERS = {ActorKind.GROUP: "user/whoever-joins", ActorKind.POLICY: "role/whoever-bears"}


@dataclass(frozen=True, eq=False)
class Participants:
    """Those of one assembly; built once for all invariants."""

    assembly: Assembly
    principals: AccountPrincipals
    spelling: Spelling

    @cached_property
    def holders(self) -> tuple[tuple[PrincipalPolicies, Actor], ...]:
        """Give all principals; a group without members or an unattached policy is represented by a placeholder."""
        return tuple(map(self._holder, self.principals.account.actors))

    def named(self, arn: str) -> tuple[tuple[PrincipalPolicies, Actor], ...]:
        """Give those of an ARN; two templates may declare one."""
        return tuple(self._by_arn.get(arn, ()))

    @cached_property
    def _by_arn(self) -> Mapping[str, list[tuple[PrincipalPolicies, Actor]]]:
        found: dict[str, list[tuple[PrincipalPolicies, Actor]]] = {}
        for holder, actor in self.holders:
            found.setdefault(holder.arn, []).append((holder, actor))
        return found

    def stand_in(self, actor: Actor) -> str:
        """Give the ARN that makes a group's or policy's requests: a placeholder's; any other principal's own."""
        words = _PLACEHOLDERS.get(actor.kind)
        if words is None:
            return actor.arn
        return f"arn:{actor.arn.split(':')[1]}:iam::{actor.account}:{words}-{actor.arn.rpartition('/')[2]}"

    def _holder(self, actor: Actor) -> tuple[PrincipalPolicies, Actor]:
        least = self.principals.least
        trust = actor.trust and replace(actor.trust, kind=Kind.TRUST)
        holder = PrincipalPolicies(
            self.stand_in(actor),
            tuple(_with_user_name(actor, each) for each in actor.documents),
            actor.boundary and _with_user_name(actor, actor.boundary),
            trust,
            doubt=next(iter(actor.doubts), ""),
        )
        boundary = self._least_boundary(actor)
        surely = replace(
            holder,
            identity=tuple(_with_user_name(actor, least.get(id(each), each)) for each in actor.documents),
            boundary=boundary and _with_user_name(actor, boundary),
            trust=trust and replace(least.get(id(actor.trust), trust), kind=Kind.TRUST),
        )
        return (
            holder if surely == holder and not _unread(surely) else replace(holder, at_least=surely)
        ), actor

    def _least_boundary(self, actor: Actor) -> Document | None:
        # An unread boundary may limit anything, so an `always` invariant is undecided under it.
        if actor.arn in self.principals.open_boundaries or (actor.boundary_arn and actor.boundary is None):
            return Document((), unread=(Unread("", "its permissions boundary is not known"),))
        return actor.boundary and self.principals.least.get(id(actor.boundary), actor.boundary)

    @cached_property
    def attached(self) -> tuple[AttachedPolicy, ...]:
        """Give the policies on resources, including trust policies and access control lists."""
        return tuple(self._sources)

    @cached_property
    def _shared(self) -> ResourceAttachments:
        return ResourceAttachments(self.assembly, self.principals, self.spelling)

    def possibly_on(self, resources: Iterable[str]) -> tuple[ResourceAttachment, ...]:
        """Give the policies that may be attached to some resources although their ARN is unknown."""
        found = {id(each): each for one in resources for each in self._shared.without_arn(one)}
        return tuple(each for each in found.values() if not self._is_of_bucket(each))

    def _is_of_bucket(self, shared: ResourceAttachment) -> bool:
        return shared.policy is not None and shared.policy.holder.type == "AWS::S3::BucketPolicy"

    @cached_property
    def _sources(self) -> Mapping[AttachedPolicy, ResourceAttachment | Resource]:
        found: dict[AttachedPolicy, ResourceAttachment | Resource] = {
            _as_attached(each): each for each in self._shared.all
        }
        for bucket in self.assembly.of_type("AWS::S3::Bucket"):
            found |= dict.fromkeys(self._listed(bucket), bucket)
        return found

    def source_of(self, attached: AttachedPolicy) -> ResourceAttachment | Resource:
        """Give the attachment, or the bucket with the access control list, that a policy comes from."""
        return self._sources[attached]

    def _listed(self, bucket: Resource) -> Iterator[AttachedPolicy]:
        if bucket.arn is not None:
            arn = self.spelling.text(bucket.arn)
            for document in acl_documents(bucket, arn):
                yield AttachedPolicy(document, (arn,), bucket.template.account)


def _with_user_name(actor: Actor, document: Document) -> Document:
    """Replace `${aws:username}` by the user's name, so that the user's own resources are not taken for others'."""
    if actor.kind is not ActorKind.USER or not any(map(_names_its_user, document.statements)):
        return document
    written = tuple(
        replace(
            each,
            resources=tuple(_USER_NAME.sub(actor.user_name, text) for text in each.resources),
            not_resources=tuple(_USER_NAME.sub(actor.user_name, text) for text in each.not_resources),
        )
        if _names_its_user(each)
        else each
        for each in document.statements
    )
    return replace(document, statements=written)


def _names_its_user(statement: Statement) -> bool:
    return statement.knows_variables and any(
        _USER_NAME.search(text) for text in (*statement.resources, *statement.not_resources)
    )


def _unread(holder: PrincipalPolicies) -> bool:
    return holder.boundary is not None and bool(holder.boundary.unread)


def _as_attached(shared: ResourceAttachment) -> AttachedPolicy:
    targets = tuple(dict.fromkeys(each for text in shared.targets for each in _arns(text, shared)))
    return AttachedPolicy(
        shared.most,
        targets,
        _owner(shared, targets),
        at_least=None if shared.least is shared.most or shared.least == shared.most else shared.least,
    )


def _arns(target: str, shared: ResourceAttachment) -> Iterator[str]:
    if target.startswith("arn:"):
        yield target
    elif shared.policy is not None and shared.policy.holder.type == "AWS::S3::BucketPolicy":
        yield f"arn:{shared.policy.holder.template.partition or 'aws'}:s3:::{target}"


def _owner(shared: ResourceAttachment, targets: tuple[str, ...]) -> str:
    if shared.policy is not None and shared.most.kind is not Kind.TRUST:
        return shared.policy.holder.template.account
    found = (Arn.parse(each) for each in targets)
    return next((each.account for each in found if each is not None), "")
