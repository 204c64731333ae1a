"""EKS clusters: service accounts of Kubernetes ("IAM roles for service accounts", Amazon EKS User Guide).

Each cluster is an issuer at an address of its own, declared as `oidc: https://oidc.eks.…`, and trusted by `oidc: NAME`.
"""

from __future__ import annotations

from keywright.model.trusts.issuers.issuer import Issuer

CLUSTER_ADDRESS = r"https://oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/id/[A-Z0-9]+"
SERVICE_ACCOUNT_SUBJECT = r"system:serviceaccount:[a-z0-9-]+:[a-z0-9.-]+"
"""The only subjects that tokens of pods have."""


def service_account_subject(namespace: str | None, service_account: str | None) -> str:
    """Give the subject of the pods that run as one service account."""
    return f"system:serviceaccount:{namespace}:{service_account}"


EKS = Issuer(
    key="eks",
    name="Amazon EKS",
    recognized_by="oidc.eks.",
    sample_subject="system:serviceaccount:apps:reader",
    subject_prefix="system:serviceaccount:",
    one_project=r"system:serviceaccount:[^*?:/]+:[^*?:/]+",
)
