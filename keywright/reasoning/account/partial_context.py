"""A partly known request context: which conditions certainly hold, certainly fail, or may do either.

Sources: "AWS global condition context keys", "Actions, resources, and condition keys for AWS Identity and
Access Management", "Permissions boundaries for IAM entities".
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.policy.conditions import Family, network
from keywright.policy.matching.context import ABSENT, MAYBE, NO, UNKNOWN, YES, Context, Missing, Truth, Values
from keywright.policy.matching.patterns import service_of
from keywright.policy.statement import Effect
from keywright.reasoning.account.actors import ActorKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.policy.conditions import Condition
    from keywright.policy.statement import Statement
    from keywright.reasoning.account.actors import Actor

UNRESOLVED = re.compile(r"<[^<>]+>")
"""A part of a string that is known only at deployment."""

PASSED_TO_SERVICE = "iam:passedtoservice"
BOUNDARY_OF_TARGET = "iam:permissionsboundary"
ATTACHED_POLICY = "iam:policyarn"
_ONLY_PASSING = frozenset({PASSED_TO_SERVICE, "iam:associatedresourcearn"})
MFA = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage"})
"""Keys (in lower case) that role sessions never have."""
_OF_CREDENTIALS = frozenset(
    {
        "ec2:sourceinstancearn",
        "ec2:roledelivery",
        "lambda:sourcefunctionarn",
        "ssm:sourceinstancearn",
        "glue:roleassumedby",
        "glue:credentialissuingservice",
        "identitystore:userid",
    }
)
"""Keys of one service that are in requests to any service, because they come with the credentials."""
_BRINGING = "sts:tagsession"
_SERVICES_OF_SESSIONS = frozenset({"saml", "sts"})


@dataclass(frozen=True)
class PartialContext(Context):
    """A context in which a key may have any value unless the principal or the action determines it.

    A key of a service other than the action's is absent: a request to one service does not carry the keys of
    another, except for those that come with the credentials.
    """

    service: str = ""

    def lookup(self, key: str) -> Values | Missing:
        """Return the values of a key, or whether it is absent or unknown."""
        found = self.values.get(key)
        if found is not None:
            return found or ABSENT
        if key in self.absent or self._is_foreign(key):
            return ABSENT
        return UNKNOWN

    def _is_foreign(self, key: str) -> bool:
        service = service_of(key)
        if service in {"aws", self.service, "", *_SERVICES_OF_SESSIONS} or "." in service:
            return False
        return key not in _OF_CREDENTIALS


def principal_context_keys(actor: Actor) -> tuple[dict[str, Values], frozenset[str]]:
    """Return the keys whose values follow from an actor, and the keys that its requests never have."""
    values: dict[str, Values] = {"aws:principalisawsservice": ("false",)}
    absent: frozenset[str] = frozenset()
    if actor.account:
        values["aws:principalaccount"] = (actor.account,)
    if actor.kind in {ActorKind.USER, ActorKind.ROLE}:
        values["aws:principalarn"] = (actor.arn,)
    if actor.kind is ActorKind.USER:
        values |= {"aws:username": (actor.user_name,), "aws:principaltype": ("User",)}
    if actor.kind is ActorKind.ROLE:
        values["aws:principaltype"] = ("AssumedRole",)
        absent = frozenset({"aws:username", *MFA})
    return values, absent


def principal_tags(actor: Actor) -> dict[str, Values]:
    """Return the tags that sessions of a role certainly have.

    Its own, where its trust policy does not allow session tags.
    """
    if actor.trust is None or actor.trust.unread:
        return {}
    if any(each.effect is Effect.ALLOW and each.covers_action(_BRINGING) for each in actor.trust.statements):
        return {}
    return {f"aws:principaltag/{key.lower()}": (value,) for key, value in actor.tags.items()}


def partial_context(actor: Actor, action: str, fixed: Mapping[str, Values]) -> PartialContext:
    """Return what is known when an actor performs an action.

    `fixed` are keys (in lower case) that the technique determines.
    """
    values, absent = principal_context_keys(actor)
    # Only `iam:PassRole` has these keys, so a condition on them fails for every other action.
    if action.lower() != "iam:passrole":
        absent |= _ONLY_PASSING - fixed.keys()
    return PartialContext(values | dict(fixed), complete=False, absent=absent, service=service_of(action))


def conditions_hold(statement: Statement, context: Context) -> Truth:
    """Return whether the conditions of a statement hold for every request, for none, or for some."""
    return min((condition_holds(test, context) for test in statement.condition_tests), default=YES)


def condition_holds(test: Condition, context: Context) -> Truth:
    """Return whether one condition holds for every request, for none, or for some."""
    if _asks_for_no_address(test):
        return NO
    found = test.holds(context)
    known = _known(test, context)
    if known and any(UNRESOLVED.search(value) for value in (*test.values, *known)):
        # An unresolved part equals itself, whatever it turns out to be.
        return found if set(known) <= set(test.values) else MAYBE
    return found


def _known(test: Condition, context: Context) -> Values:
    found = context.lookup(test.lowered_key)
    return found if isinstance(found, tuple) else ()


def _asks_for_no_address(test: Condition) -> bool:
    """Return whether a condition requires a source address that no request over a network can have."""
    if test.lowered_key != "aws:sourceip" or test.operator is None or not test.values:
        return False
    if test.operator.family is not Family.IP_ADDRESS or test.operator.negated or test.operator.if_exists:
        return False
    return all(_is_unroutable(value) for value in test.values)


def _is_unroutable(value: str) -> bool:
    block = network(value)
    if block is None:
        return False
    return any(
        block.version == nowhere.version and block.subnet_of(nowhere)  # type: ignore[arg-type]
        for nowhere in _UNROUTABLE
    )


_UNROUTABLE = tuple(
    map(ipaddress.ip_network, ("0.0.0.0/32", "127.0.0.0/8", "255.255.255.255/32", "::/128", "::1/128"))
)
