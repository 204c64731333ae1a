"""Trust in AWS services that act in our account, and in the pods of an EKS service account (EKS Pod Identity)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.model.fields.nearest import nearest
from keywright.policy.reference.services import DECLARABLE, DOMAIN, SERVICES, source_arns
from keywright.policy.statement import Statement
from keywright.reporting.text import listed, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping


_PRINCIPAL = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com")
_NAME = re.compile(r"[A-Za-z0-9._/+=,@-]{1,128}")


def service_trust(
    *, service: str, partition: str, region: str, account: str, resources: Mapping[str, str] | None = None
) -> Statement:
    """Let a service assume the role for this account, or only for the named resources of it.

    `service` is a name of `keywright.policy.reference.services`, or the whole principal of another service. The
    confused-deputy condition (`aws:SourceAccount`, `aws:SourceArn`) is set for services that send these keys, and for
    unknown services, which get no session if they do not. Services that are known not to send them, such as Lambda, have
    no condition: `iam:PassRole` controls who can pass them the role.

    Raises:
        ValueError: An unknown service, one with a trust of its own, or a resource that the service does not have.
    """
    named = dict(resources or {})
    _refuse(service, named)
    known = SERVICES.get(service)
    conditions: dict[str, Mapping[str, tuple[str, ...]]] = {}
    if known is None or known.sends_source:
        conditions["StringEquals"] = {"aws:SourceAccount": (account,)}
    if known is not None:
        conditions = (
            _of_arns(source_arns(known, named, partition=partition, region=region, account=account))
            | conditions
        )
    return Statement(
        actions=("sts:AssumeRole",),
        principals={"Service": (service if known is None else f"{service}{DOMAIN}",)},
        conditions=conditions,
    )


def _of_arns(arns: tuple[str, ...]) -> dict[str, Mapping[str, tuple[str, ...]]]:
    return {"ArnLike": {"aws:SourceArn": arns}} if arns else {}


def _refuse(service: str, named: Mapping[str, str]) -> None:
    known = SERVICES.get(service)
    if known is not None and known.declared_as:
        raise refusal(
            f"service `{service}` has a trust of its own", found=f"`{service}`", accepted=known.declared_as
        )
    if known is None and (not _PRINCIPAL.fullmatch(service) or service.removesuffix(DOMAIN) in SERVICES):
        raise refusal(
            "a known service is named, and another one is given by its principal",
            found=f"`{service}`",
            accepted=f"{listed(nearest(service.removesuffix(DOMAIN), DECLARABLE))}, `….amazonaws.com`",
        )
    for kind, name in named.items():
        fitting = known.resources if known else {}
        if kind not in fitting or not _NAME.fullmatch(name):
            raise refusal(
                f"service `{service}` is restricted to resources of its own, by exact name",
                found=f"{kind} `{name}`",
                accepted=listed(fitting) or "no resource",
            )


_CLUSTER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")
_EKS_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


def pod_identity_trust(
    *, partition: str, region: str, account: str, cluster: str, namespace: str, service_account: str
) -> Statement:
    """Let EKS assume the role for the pods of one service account on one cluster of this account.

    EKS sends the ARN of the cluster, and tags each session with namespace and service account: the trust policy compares
    them, and grants can too ("Create IAM role with trust policy required by EKS Pod Identity", Amazon EKS User Guide).

    Raises:
        ValueError: EKS or Kubernetes would refuse a name, such as a pattern.
    """
    for name, form in ((cluster, _CLUSTER), (namespace, _EKS_NAME), (service_account, _EKS_NAME)):
        if not form.fullmatch(name):
            raise refusal(
                "cluster, namespace and service account are named exactly",
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
