"""A request: principal, action, resource and the context keys that are known.

Sources: "Components of a request", "AWS global condition context keys", "IAM policy elements: Variables and
tags" (the table of principal key values).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.policy.matching.arn import Arn
from keywright.policy.matching.context import Context
from keywright.policy.matching.memoize import memoized
from keywright.policy.matching.patterns import service_of
from keywright.policy.principals import Principal, PrincipalKind, principal, role_arn
from keywright.reasoning.evaluation.service_rules import (
    is_reserved_name,
    kms_context_keys,
    matched_s3_resource,
    s3_context_keys,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.policy.matching.context import Values

ALWAYS_PRESENT_KEYS = frozenset(
    {"aws:currenttime", "aws:epochtime", "aws:securetransport", "aws:requestedregion", "aws:useragent"}
)
"""Keys (in lower case) that are in every request but do not follow from principal and resource."""

_TYPES = {
    PrincipalKind.ROOT: "Account",
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.ROLE_SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.ANONYMOUS: "Anonymous",
}
_OF_USERS = "aws:username"
_OF_SERVICES = "aws:principalservicename"
_OF_IDENTITIES = frozenset({"aws:principalarn", "aws:principalaccount"})


@dataclass(frozen=True)
class Request:
    """One request. An anonymous principal is `*`; so is the resource of an action that does not act on one.

    `resource_account` is the account that owns the resource; where neither it nor the ARN names one, it is
    taken to be the principal's own account, as the IAM policy simulator does.
    """

    principal_text: str
    action: str
    resource: str
    given: Context = field(default_factory=Context)
    resource_account: str = ""

    @classmethod
    def partial(
        cls,
        principal_text: str,
        action: str,
        resource: str,
        values: dict[str, Values] | None = None,
        resource_account: str = "",
    ) -> Request:
        """Make a request of which only these keys are known; any other key may be present or absent."""
        context = Context.of(values or {}, complete=False, hidden=ALWAYS_PRESENT_KEYS)
        return cls(principal_text, action, resource, context, resource_account)

    @cached_property
    def principal(self) -> Principal:
        """The principal that makes the request."""
        return principal(self.principal_text)

    @cached_property
    def lowered_action(self) -> str:
        """The action in lower case, as patterns compare it."""
        return self.action.lower()

    @cached_property
    def service(self) -> str:
        """The service prefix in lower case."""
        return service_of(self.action)

    @cached_property
    def target(self) -> str:
        """The resource as policies match it."""
        return matched_s3_resource(self.lowered_action, self.resource)

    @cached_property
    def owner(self) -> str:
        """The account that owns the resource; empty where it is not known."""
        if self.resource_account:
            return self.resource_account
        arn = Arn.parse(self.resource)
        return arn.account if arn is not None and arn.account.isdigit() else ""

    @property
    def is_within_account(self) -> bool:
        """Whether principal and resource belong to one account."""
        return not self.owner or self.principal.account == self.owner

    @cached_property
    def context(self) -> Context:
        """All known keys: the given ones, then those that follow from principal and resource.

        Given values take precedence.
        """
        # Order matters: what the caller gives overrides what follows from principal and resource.
        values = {**principal_keys(self.principal_text), **self._derived_keys(), **self.given.values}
        hidden, absent = self._hidden(), self._absent()
        if not hidden and self.given.complete:
            return Context(values)
        return Context(values, self.given.complete, self.given.absent | absent, self.given.hidden | hidden)

    def _derived_keys(self) -> dict[str, Values]:
        derived: dict[str, Values] = {"aws:resourceaccount": (self.owner,)} if self.owner else {}
        return (
            derived
            | s3_context_keys(self.service, self.owner)
            | kms_context_keys(self.service, self.principal.account)
        )

    def _hidden(self) -> frozenset[str]:
        hides_path = self.principal.kind is PrincipalKind.ROLE_SESSION and is_reserved_name(
            self.principal.name
        )
        return frozenset({"aws:principalarn"}) if hides_path else frozenset()

    def _absent(self) -> frozenset[str]:
        kind = self.principal.kind
        absent = {_OF_USERS} if kind is not PrincipalKind.USER else set()
        absent |= {_OF_SERVICES} if kind is not PrincipalKind.SERVICE else set()
        return frozenset(absent if self.principal.is_identity else absent | _OF_IDENTITIES)


@memoized
def principal_keys(text: str) -> Mapping[str, Values]:
    """Return the context keys (in lower case) whose values follow from the principal alone."""
    who = principal(text)
    keys: dict[str, Values] = {}
    if who.kind in _TYPES:
        keys["aws:principaltype"] = (_TYPES[who.kind],)
    if who.is_identity:
        keys |= _identity_keys(who)
    if who.kind is PrincipalKind.SERVICE:
        keys |= {"aws:principalservicename": (who.text,), "aws:principalisawsservice": ("true",)}
    if who.kind is PrincipalKind.ANONYMOUS:
        keys |= dict.fromkeys(("aws:userid", "aws:principalaccount"), ("anonymous",))
    return keys


def _identity_keys(who: Principal) -> dict[str, Values]:
    keys: dict[str, Values] = {
        "aws:principalaccount": (who.account,),
        "aws:principalisawsservice": ("false",),
        "aws:viaawsservice": ("false",),
    }
    arn = _principal_arn(who)
    if arn:
        keys["aws:principalarn"] = (arn,)
    if who.kind is PrincipalKind.USER:
        keys["aws:username"] = (who.name,)
    if who.kind is PrincipalKind.ROOT:
        keys["aws:userid"] = (who.account,)
    if who.kind is PrincipalKind.FEDERATED_USER:
        keys["aws:userid"] = (f"{who.account}:{who.name}",)
    return keys


def _principal_arn(who: Principal) -> str:
    if who.kind is PrincipalKind.ROLE_SESSION:
        return "" if is_reserved_name(who.name) else role_arn(who)
    if who.kind is PrincipalKind.ROOT:
        return f"arn:{who.partition or 'aws'}:iam::{who.account}:root"
    return who.text
