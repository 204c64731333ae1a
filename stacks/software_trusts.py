"""Trusts in software that AWS vouches for: what its services do, pods on its clusters, machines with a certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.federation.pod_identity import PodIdentity
from keywright.model import roles as declared
from keywright.statements.declared import trust_in_pods, trust_in_service
from keywright.statements.trusts.roles_anywhere import anywhere_trust

if TYPE_CHECKING:
    from collections.abc import Callable

    from access_constructs.roles.role import AccessRole
    from keywright.policy.statement import Statement
    from stacks.inputs import StackInputs

    AnchorArn = Callable[[declared.AnywhereTrust], str]
    SoftwareTrust = declared.AnywhereTrust | declared.EksTrust | declared.ServiceTrust


def software_trust(trust: SoftwareTrust, inputs: StackInputs, anchor_arn: AnchorArn) -> Statement:
    """Give the statement that lets it assume a role; `anchor_arn` gives the ARN of the anchor that a trust names."""
    if isinstance(trust, declared.AnywhereTrust):
        return anywhere_trust(trust_anchor_arn=anchor_arn(trust), common_name=trust.common_name)
    if isinstance(trust, declared.ServiceTrust):
        return trust_in_service(trust, inputs.account)
    return trust_in_pods(trust, inputs.account)


def hand_to_pods(name: str, role: declared.Role, made: AccessRole) -> None:
    """Associate a role with the service accounts of the pods that it trusts."""
    pods = [trust.eks for trust in role.trusts if isinstance(trust, declared.EksTrust)]
    for number, each in enumerate(pods):
        PodIdentity(
            made,
            f"pods-{name}-{number}",
            role_arn=made.arn,
            cluster=each.cluster,
            namespace=each.namespace,
            service_account=each.service_account,
        )
