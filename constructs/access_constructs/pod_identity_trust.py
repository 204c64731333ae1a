"""Trust in the pods of one service account on a cluster of EKS, by EKS Pod Identity."""

from __future__ import annotations

import re

from access_constructs.refusal import refusal
from keywright.policy.statement import Statement

_CLUSTER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


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
