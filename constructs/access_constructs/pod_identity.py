"""Pods on a cluster of EKS that act with a role, by EKS Pod Identity: the role's trust, and the association."""

from __future__ import annotations

import hashlib
import re

import aws_cdk as cdk
from constructs import Construct

from access_constructs.logical_id import logical_id
from access_constructs.refusal import refusal
from keywright.policy.statement import Statement

_CLUSTER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
TYPE = "AWS::EKS::PodIdentityAssociation"


def pod_identity_trust(
    *, partition: str, region: str, account: str, cluster: str, namespace: str, service_account: str
) -> Statement:
    """Let EKS assume the role for the pods of one service account on one cluster of this account.

    EKS says for which cluster it acts, and tags each session with whose it is: the tags are asked in the trust, and can be
    asked in grants ("Create IAM role with trust policy required by EKS Pod Identity", Amazon EKS User Guide).

    Raises:
        ValueError: A name that EKS or Kubernetes would refuse, such as a pattern.
    """
    for name, form in ((cluster, _CLUSTER), (namespace, _NAME), (service_account, _NAME)):
        if not form.fullmatch(name):
            raise refusal(
                "pods are told by the exact names of cluster, namespace and service account",
                found=f"`{name}`",
                accepted="names such as `production`, `shop`, `web`",
            )
    return Statement(
        actions=("sts:AssumeRole", "sts:TagSession"),
        principals={"Service": ("pods.eks.amazonaws.com",)},
        conditions={
            "ArnEquals": {"aws:SourceArn": (f"arn:{partition}:eks:{region}:{account}:cluster/{cluster}",)},
            "StringEquals": {
                "aws:RequestTag/kubernetes-namespace": (namespace,),
                "aws:RequestTag/kubernetes-service-account": (service_account,),
                "aws:SourceAccount": (account,),
            },
        },
    )


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
