"""The confused deputy problem: services that act for many accounts, and the context keys by which policies restrict them.

The services that send these keys when they assume a role are in `keywright.policy.reference.services`, which our own
trust policies use too. Sources: the pages "Cross-service confused deputy prevention" of the services' guides; "The
confused deputy problem", IAM User Guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.matching.context import Truth, truth
from keywright.policy.reference.services import ALL_SERVICES, SERVICES

if TYPE_CHECKING:
    from keywright.guardrails.subjects.allowed_principals import AllowedPrincipal
    from keywright.guardrails.subjects.condition_tests import ConditionTest

SOURCE_KEYS = frozenset(
    {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"}
)
"""Keys with the resource, account or organization for which a service acts."""

_SERVICE_SPECIFIC_KEYS = (
    "sts:externalid",
    "lambda:eventsourcetoken",
    "kms:",
    "s3:dataaccesspoint",
    "aws:requesttag/kubernetes-",
    "aws:requesttag/eks-cluster-",
    "aws:principaltag/x509",
)
"""Prefixes of keys with the same purpose for single services, such as EKS pod tags and Roles Anywhere certificates."""

SERVICES_ASSUMING_WITH_SOURCE = frozenset(name for name, service in SERVICES.items() if service.sends_source)
"""Services that send their source when they assume a role."""

SERVICES_RUNNING_OWNER_CODE = frozenset(
    name for name in SERVICES_ASSUMING_WITH_SOURCE if SERVICES[name].runs_owner_code
)
"""Those that run, with the role, what its owner configured and passed the role to."""

SERVICES_CALLING_WITH_SOURCE = frozenset(
    name for name, service in ALL_SERVICES.items() if service.sends_source_to_resources
)
"""Services that send their source when they call a resource."""


def service_name(principal: AllowedPrincipal) -> str:
    """Return a service principal without its domain and region; "" for other principals."""
    shown = str(principal.value)
    if principal.kind != "Service" or ".amazonaws.com" not in shown:
        return ""
    name = shown.partition(".amazonaws.com")[0]
    head, _, tail = name.rpartition(".")
    is_regional = tail.count("-") >= 2 or "<AWS::Region>" in tail  # noqa: PLR2004 - such as eu-central-1
    return head if head and is_regional else name


def has_source_condition(principal: AllowedPrincipal) -> Truth:
    """Return whether a statement has a condition on the source for which a service acts."""
    return principal.conditions.restricts(
        lambda key: key in SOURCE_KEYS or key.startswith(_SERVICE_SPECIFIC_KEYS)
    )


CALLER_KEYS = SOURCE_KEYS | frozenset(
    {
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:userid",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
"""Keys that restrict callers to a known identity, account, organization or network."""

# Half of all addresses is as open as all of them.
_OPEN_NETWORKS = frozenset({"0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1"})


def restricts_callers(principal: AllowedPrincipal) -> Truth:
    """Return whether conditions restrict callers to accounts, an organization, a source or a network."""
    return max(
        principal.requires_organization,
        principal.requires_account,
        principal.conditions.restricts(lambda key: key in CALLER_KEYS),
        principal.conditions.restricts("aws:sourceip".__eq__, _excludes_networks),
    )


def _excludes_networks(test: ConditionTest) -> Truth:
    return min((truth(value.literal not in _OPEN_NETWORKS) for value in test.values), default=Truth.NO)
