"""EKS Pod Identity associations, which give a role to pods of an EKS cluster."""

from __future__ import annotations

import hashlib

import aws_cdk as cdk
from constructs import Construct

from keywright.statements.logical_id import logical_id

TYPE = "AWS::EKS::PodIdentityAssociation"


class PodIdentity(Construct):
    """An `AWS::EKS::PodIdentityAssociation`: gives a role to the pods of one service account.

    EKS has one for each service account, so the logical id derives from it and not from the role: another role is an update
    in place. It is a generic resource, because loading `aws_cdk.aws_eks` takes long for its four properties.
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
    """Give the logical id of a service account's association: a hash, because the names may exceed the length of an id."""
    whole = f"{cluster}/{namespace}/{service_account}"
    return logical_id("PodIdentity", hashlib.sha256(whole.encode()).hexdigest()[:32])
