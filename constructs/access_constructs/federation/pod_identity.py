"""What hands a role to pods on a cluster of EKS, by EKS Pod Identity."""

from __future__ import annotations

import hashlib

import aws_cdk as cdk
from constructs import Construct

from keywright.statements.logical_id import logical_id

TYPE = "AWS::EKS::PodIdentityAssociation"


class PodIdentity(Construct):
    """An `AWS::EKS::PodIdentityAssociation`: hands a role to the pods of one service account.

    EKS has one for each service account, so the logical id comes from it and not from the role: another role is an update
    in place. The generic resource, because all of `aws_cdk.aws_eks` would be loaded for its four properties.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        role_arn: str,
        cluster: str,
        namespace: str,
        service_account: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.association = cdk.CfnResource(
            self,
            "Association",
            type=TYPE,
            properties={
                "ClusterName": cluster,
                "Namespace": namespace,
                "ServiceAccount": service_account,
                "RoleArn": role_arn,
            },
        )
        self.association.override_logical_id(association_id(cluster, namespace, service_account))


def association_id(cluster: str, namespace: str, service_account: str) -> str:
    """Give the logical id of a service account's association; the names together may be longer than an id."""
    whole = f"{cluster}/{namespace}/{service_account}"
    return logical_id("PodIdentity", hashlib.sha256(whole.encode()).hexdigest()[:32])
