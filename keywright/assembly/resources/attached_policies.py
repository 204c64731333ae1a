"""The policies attached to an assembly's resources, including trust policies and bucket access control lists.

Source of the lists: "Access control list (ACL) overview", Amazon S3 User Guide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.assembly.resources.resource_policies import resource_policies, unlocated_policies
from keywright.assembly.templates.conditions import exists
from keywright.assembly.templates.symbolic_policies import is_certain
from keywright.assembly.templates.value import Text
from keywright.policy.matching.arn import Arn
from keywright.policy.matching.context import MAYBE, NO
from keywright.policy.statement import Document, Effect, Kind, Statement
from keywright.reasoning.account.actors import ActorKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.resources.resource_policies import UnlocatedPolicy
    from keywright.assembly.templates.policy_documents import Policy
    from keywright.assembly.templates.symbolic_policies import Spelling
    from keywright.assembly.templates.template import Assembly, Resource


_LISTING = ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads")
_WRITING = ("s3:PutObject", "s3:DeleteObject")
_LISTED = {
    "PublicRead": (_LISTING, {"*": ("*",)}),
    "PublicReadWrite": ((*_LISTING, *_WRITING), {"*": ("*",)}),
    "AuthenticatedRead": (_LISTING, {"AWS": ("*",)}),
}


def acl_documents(bucket: Resource, arn: str) -> Iterator[Document]:
    """Read a bucket's canned access control list, unless public lists are ignored."""
    # IgnorePublicAcls disables public lists at once, BlockPublicAcls only refuses new ones ("Blocking public access to
    # your Amazon S3 storage").
    if "true" in _texts(bucket, "PublicAccessBlockConfiguration", "IgnorePublicAcls"):
        return
    for name in _texts(bucket, "AccessControl"):
        if name in _LISTED:
            actions, principals = _LISTED[name]
            statement = Statement(actions=actions, resources=(arn, f"{arn}/*"), principals=principals)
            yield Document((statement,), kind=Kind.RESOURCE)


def _texts(resource: Resource, *path: str) -> list[str]:
    found = (each.literal for each in resource.possible_values(*path) if isinstance(each, Text))
    return [each for each in found if each is not None]


@dataclass(frozen=True, eq=False)
class ResourceAttachment:
    """A policy on resources: the most and the least that it may allow, its source, and what it is attached to.

    `targets` are ARNs, bucket names or queue URLs; `partly_known` ones may be any resource of their type.
    """

    most: Document
    least: Document
    policy: Policy | None
    targets: tuple[str, ...]
    partly_known: tuple[Text, ...] = ()

    def may_be_on(self, service: str, names: Iterable[str]) -> bool:
        """Tell whether a partly known target may be one of these names."""
        if (
            not self.partly_known
            or self.policy is None
            or _service(self.policy.holder) != service.replace("-", "")
        ):
            return False
        return any(text.may_be(name) for text in self.partly_known for name in names)


class ResourceAttachments:
    """Those of one assembly."""

    def __init__(self, assembly: Assembly, principals: AccountPrincipals, spelling: Spelling) -> None:
        self.all = (*_resource_policies(assembly, spelling), *_trust_policies(principals))
        self._by_target: dict[str, list[ResourceAttachment]] = {}
        for each in self.all:
            for target in each.targets:
                self._by_target.setdefault(target, []).append(each)
        self._partly_known = [each for each in self.all if each.partly_known]
        self._unlocated = tuple(unlocated_policies(assembly))
        self._read = lru_cache(maxsize=None)(lambda each: _as_possible(each, spelling))
        self._lists = {each.targets[0]: each for each in _access_lists(assembly, spelling)}

    def on(self, resource: str) -> tuple[ResourceAttachment, ...]:
        """Give the policies that are, or may be, attached to one resource."""
        names, arn = _names(resource), Arn.parse(resource)
        found = [each for name in names for each in self._by_target.get(name, ())]
        found += [
            each for each in self._partly_known if arn is not None and each.may_be_on(arn.service, names)
        ]
        lists = [self._lists[name] for name in names if name in self._lists]
        return tuple(dict.fromkeys((*found, *lists, *self._possibly_on(resource, found))))

    def _possibly_on(self, resource: str, sure: Iterable[ResourceAttachment]) -> Iterator[ResourceAttachment]:
        holders = {id(each.policy.holder) for each in sure if each.policy is not None}
        for each in self._unlocated:
            if id(each.policy.holder) not in holders and each.may_be_on(resource):
                yield from self._read(each)

    def without_arn(self, resource: str) -> Iterator[ResourceAttachment]:
        """Give those without any known ARN that may be attached to a resource."""
        yield from self._possibly_on(resource, (each for each in self.all if any(map(_is_arn, each.targets))))


def _access_lists(assembly: Assembly, spelling: Spelling) -> Iterator[ResourceAttachment]:
    """Give what access control lists allow: never for certain, since account or bucket settings may disable them."""
    for bucket in assembly.of_type("AWS::S3::Bucket"):
        arn = "" if bucket.arn is None else spelling.text(bucket.arn)
        for document in acl_documents(bucket, arn) if arn else ():
            yield ResourceAttachment(document, replace(document, statements=()), None, (arn,))


def _is_arn(target: str) -> bool:
    return target.startswith("arn:")


def _resource_policies(assembly: Assembly, spelling: Spelling) -> Iterator[ResourceAttachment]:
    for each in resource_policies(assembly):
        is_there = exists(each.policy.holder)
        most = replace(spelling.most(each.policy), kind=Kind.RESOURCE)
        is_open = not is_certain(each.policy, spelling)
        least = replace(spelling.least(each.policy), kind=Kind.RESOURCE) if is_open else most
        # Where a template condition may leave a policy out, it may allow, but it denies nothing for certain.
        if is_there is MAYBE:
            most, least = most.only(Effect.ALLOW), least.only(Effect.DENY)
        if each.policy.holder.type in _BARE_TARGETS:
            most, least = _without_resources(most), _without_resources(least)
        if is_there is NO:
            continue
        partly_known = tuple(text for text in each.targets if not text.is_single)
        sure = [text for text in each.targets if text.is_single]
        if sure or not partly_known:
            targets = (target for text in sure for target in _targets(text, each.policy.holder, spelling))
            yield ResourceAttachment(most, least, each.policy, tuple(dict.fromkeys(targets)))
        # It may belong to another resource, so it may allow and denies nothing for certain.
        if partly_known:
            possible = most.only(Effect.ALLOW), least.only(Effect.DENY)
            yield ResourceAttachment(
                *possible, each.policy, tuple(map(spelling.text, partly_known)), partly_known
            )


def _as_possible(unlocated: UnlocatedPolicy, spelling: Spelling) -> tuple[ResourceAttachment, ...]:
    """Read a policy as one that may allow; nothing if its resource is never deployed."""
    if exists(unlocated.policy.holder) is NO:
        return ()
    most = replace(spelling.most(unlocated.policy), kind=Kind.RESOURCE).only(Effect.ALLOW)
    least = replace(spelling.least(unlocated.policy), kind=Kind.RESOURCE).only(Effect.DENY)
    if unlocated.policy.holder.type in _BARE_TARGETS:
        most, least = _without_resources(most), _without_resources(least)
    return (ResourceAttachment(most, least, unlocated.policy, ()),)


def _service(holder: Resource) -> str:
    """Give the service of a resource type as ARNs write it, without dashes."""
    name = holder.type.split("::")[1].lower()
    return "es" if name in {"opensearchservice", "elasticsearch"} else name


_BARE_TARGETS = frozenset(
    {"AWS::Lambda::Permission", "AWS::Events::EventBusPolicy", "AWS::Signer::ProfilePermission"}
)
"""Types whose statements name the target by a bare name."""


def _without_resources(document: Document) -> Document:
    return replace(document, statements=tuple(replace(each, resources=()) for each in document.statements))


def _targets(text: Text, holder: Resource, spelling: Spelling) -> Iterator[str]:
    """Give a target as written, and the ARN of the resource that it references."""
    yield spelling.text(text)
    for unknown in text.unknowns:
        referenced = holder.template.resources.get(unknown.reference)
        if referenced is not None and referenced.arn is not None and len(text.parts) == 1:
            yield spelling.text(referenced.arn)


def _trust_policies(principals: AccountPrincipals) -> Iterator[ResourceAttachment]:
    for role in principals.account.of_kind(ActorKind.ROLE):
        if role.trust is not None:
            least = principals.least.get(id(role.trust), role.trust)
            yield ResourceAttachment(
                replace(role.trust, kind=Kind.TRUST),
                replace(least, kind=Kind.TRUST),
                principals.policies.get(id(role.trust)),
                (role.arn,),
            )


def _names(resource: str) -> frozenset[str]:
    """Give what a resource-based policy may name a resource by: its ARN, a bucket's name, a last part."""
    arn = Arn.parse(resource)
    if arn is None:
        return frozenset({resource})
    # A trust policy belongs to exactly one role; the last part of its ARN could be another resource's name.
    if arn.service == "iam":
        return frozenset({resource})
    names = {resource, arn.resource.rpartition("/")[2], arn.resource.rpartition(":")[2]}
    if arn.service == "lambda":
        # Lambda permissions name a function by its bare name, with or without a version.
        names.add(arn.resource.partition(":")[2])
    if arn.service == "s3":
        bucket = arn.resource.partition("/")[0]
        names |= {bucket, f"arn:{arn.partition}:s3:::{bucket}"}
    return frozenset(names)
