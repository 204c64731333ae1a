"""Permission sets of IAM Identity Center as who acts: in every account they are assigned to, each is a role of AWS's own.

Sources: "AWS::SSO::PermissionSet", CloudFormation template reference; "Referencing permission sets in resource policies,
Amazon EKS Cluster config maps, and AWS KMS key policies", IAM Identity Center User Guide.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from keywright.assembly.document import policies_in
from keywright.assembly.existence import exists
from keywright.assembly.value import ABSENT, Absent, as_text, as_texts, readings, within
from keywright.policy.managed_policies import PREFIX, managed_policy_document
from keywright.policy.parsing import parse_document
from keywright.policy.principals import ACCOUNT_AT_DEPLOYMENT
from keywright.policy.truth import NO
from keywright.reasoning.actor import Account, Actor, ActorKind, Grant, Way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.actors import Population
    from keywright.assembly.document import Policy
    from keywright.assembly.known import Spelling
    from keywright.assembly.template import Assembly, Resource
    from keywright.policy.document import Document

TYPE = "AWS::SSO::PermissionSet"
NAMED = "permissionset/"
_ROLE = "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_"
_AWS_MADE_UP = "<made up by AWS>"


def with_permission_sets(assembly: Assembly, people: Population, spelling: Spelling) -> Population:
    """Add the permission sets to everybody who acts."""
    resources = [each for each in assembly.of_type(TYPE) if exists(each) is not NO]
    if not resources:
        return people
    sets = _Sets(spelling)
    account = people.account
    actors = (*account.actors, *map(sets.actor, resources))
    return replace(
        people,
        account=Account(actors, account.groups, account.carriers, account.policies),
        policies={**people.policies, **sets.policies},
        least={**people.least, **sets.least},
    )


class _Sets:
    """Reads permission sets; what a deployment decides of their policies is read both ways."""

    def __init__(self, spelling: Spelling) -> None:
        self._spelling = spelling
        self.policies: dict[int, Policy] = {}
        self.least: dict[int, Document] = {}

    def actor(self, resource: Resource) -> Actor:
        name = as_text(resource.properties.get("Name", ABSENT)).literal or resource.logical_id
        account = resource.template.account or self._spelling.account or ACCOUNT_AT_DEPLOYMENT
        managed = [*self._texts(resource, "ManagedPolicies")]
        boundary = self._boundary_arn(resource)
        known = {arn: _managed(arn) for arn in (*managed, *filter(None, (boundary,)))}
        return Actor(
            kind=ActorKind.ROLE,
            arn=f"arn:aws:iam::{account}:{_ROLE}{name}_{_AWS_MADE_UP}",
            name=f"{NAMED}{name}",
            grants=(*self._inline(resource), *_grants(known, managed)),
            boundary=known.get(boundary),
            boundary_arn=boundary,
            doubts=tuple(self._doubts(resource, known, managed)),
            origin=resource.template.file,
        )

    def _inline(self, resource: Resource) -> Iterator[Grant]:
        for policy in policies_in(resource, "InlinePolicy"):
            document = self._spelling.most(policy)
            self.least[id(document)] = self._spelling.least(policy)
            self.policies[id(document)] = policy
            yield Grant(document, Way.INLINE)

    def _texts(self, resource: Resource, name: str) -> Iterator[str]:
        several = (as_texts(value) for value in readings(resource.properties.get(name, ABSENT)))
        yield from dict.fromkeys(map(self._spelling.text, chain.from_iterable(several)))

    def _boundary_arn(self, resource: Resource) -> str:
        """Name the boundary: a policy of AWS by its ARN, one of the account by its name."""
        boundary = resource.properties.get("PermissionsBoundary", ABSENT)
        if isinstance(boundary, Absent):
            return ""
        arn = within(boundary, "ManagedPolicyArn")
        if not isinstance(arn, Absent):
            return self._spelling.text(as_text(arn))
        name = as_text(within(boundary, "CustomerManagedPolicyReference", "Name"))
        return f"policy/{self._spelling.text(name)}"

    def _doubts(
        self, resource: Resource, known: dict[str, Document | None], managed: list[str]
    ) -> Iterator[str]:
        yield from (f"the policy `{arn}` is not known" for arn in managed if known[arn] is None)
        references = resource.properties.get("CustomerManagedPolicyReferences", ABSENT)
        if not isinstance(references, Absent):
            yield "policies of the account that it refers to are not known"


def _grants(known: dict[str, Document | None], managed: list[str]) -> Iterator[Grant]:
    for arn in managed:
        document = known[arn]
        if document is not None:
            yield Grant(document, Way.MANAGED, policy=arn)


def _managed(arn: str) -> Document | None:
    name = arn.partition(":iam::aws:policy/")[2]
    content = managed_policy_document(PREFIX + name) if name else None
    return None if content is None else parse_document(content, file=PREFIX + name)[0]
