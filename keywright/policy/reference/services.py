"""The AWS services that assume roles or call resources, with the context keys and ARNs that they send.

The table is `services.json`, one entry per service. Trust policies are both written and checked by it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DOMAIN = ".amazonaws.com"
CONFUSED_DEPUTY = "Cross-service confused deputy prevention"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePrincipal:
    """A service principal, by the name before `.amazonaws.com`; it is the same in every partition and region.

    Attributes:
        display_name: What acts, in words for a reader.
        assumes_roles: Whether roles are trusted to it; others only call resources.
        sends_source: Whether it sends `aws:SourceAccount` and `aws:SourceArn` when it assumes a role. If its guide shows
            neither in a trust policy, a condition on them would lock it out, and only `iam:PassRole` controls its roles.
        sends_source_to_resources: Whether it sends them when it calls a resource.
        runs_owner_code: Whether it runs with the role what the owner set up and passed the role to.
        resources: The kinds of resource a trust may be restricted to, with the `aws:SourceArn` formats the service sends.
        source_arns: The formats it sends when no resource is named.
        documentation: The page of its guide that states this.
        declared_as: What to declare instead of `service:`, for a service with a trust of its own.
    """

    display_name: str
    assumes_roles: bool = True
    sends_source: bool = True
    sends_source_to_resources: bool = False
    runs_owner_code: bool = False
    resources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    source_arns: Sequence[str] = ()
    documentation: str = CONFUSED_DEPUTY
    declared_as: str = ""


ALL_SERVICES: Mapping[str, ServicePrincipal] = {
    name: ServicePrincipal(**entry)
    for name, entry in json.loads(Path(__file__).with_name("services.json").read_bytes()).items()
}
SERVICES: Mapping[str, ServicePrincipal] = {
    name: service for name, service in ALL_SERVICES.items() if service.assumes_roles
}
"""The services that assume roles."""
DECLARABLE = tuple(name for name, service in SERVICES.items() if not service.declared_as)
"""The services that `service:` of a trust may name."""
KINDS = tuple(dict.fromkeys(kind for service in SERVICES.values() for kind in service.resources))
"""The kinds of resource that a trust in a service may be restricted to."""


def source_arns(
    service: ServicePrincipal, named: Mapping[str, str], *, partition: str, region: str, account: str
) -> tuple[str, ...]:
    """Give the `aws:SourceArn` patterns a service sends for the named resources, or for any resource of the account."""
    forms = [form.replace("{name}", name) for kind, name in named.items() for form in service.resources[kind]]
    return tuple(
        f"arn:{partition}:{form.format(region=region, account=account)}"
        for form in forms or service.source_arns
    )
