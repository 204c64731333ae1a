"""`trusts: {eks: …}` - the pods of one service account of an EKS cluster, by EKS Pod Identity."""

from typing import Annotated

from keywright.model.fields.strict import Strict
from keywright.model.fields.text import Shape

Cluster = Annotated[
    str,
    Shape(
        "an EKS cluster",
        "its name: 1 to 100 letters, digits, `-` and `_`, such as `production`",
        pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$",
    ),
]
Namespace = Annotated[
    str,
    Shape(
        "a Kubernetes namespace",
        "its exact name: 1 to 63 lower-case letters, digits and `-`, such as `shop`",
        pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    ),
]
ServiceAccount = Annotated[
    str,
    Shape(
        "a Kubernetes service account",
        "its exact name: 1 to 253 lower-case letters, digits, `-` and `.`, such as `web`",
        pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
    ),
]
SESSION_TAGS = (
    "eks-cluster-arn",
    "eks-cluster-name",
    "kubernetes-namespace",
    "kubernetes-pod-name",
    "kubernetes-pod-uid",
    "kubernetes-service-account",
)
"""The session tags that every session has ("Grant Pods access to AWS resources based on tags", Amazon EKS User Guide)."""


class EksPods(Strict):
    """The pods that run as one service account."""

    cluster: Cluster
    """The cluster, in the region of the account."""
    namespace: Namespace
    """The namespace of the service account."""
    service_account: ServiceAccount
    """The service account that the pods run as."""


class EksTrust(Strict):
    """Pods of an EKS cluster; the association of role and service account is created with the role."""

    eks: EksPods
    """The cluster, and the service account on it."""
