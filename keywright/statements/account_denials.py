"""Denials for a whole account: by region, network and organization, and without TLS.

They are part of the permissions boundaries, so they apply to every identity with a boundary, whatever it is granted. The
break-glass role has no boundary, and the denials exempt assuming it, so that people can still correct a wrong list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Effect, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SIGN_IN_ACTIONS = ("iam:*", "signin:*", "sts:*")
"""Actions needed to sign in, change a password and assume a role; their services are global, or use the browser's region."""
GLOBAL_ACTIONS: Mapping[str, tuple[str, ...]] = {
    **{
        service: (f"{service}:*",)
        for service in (
            *(
                "account",
                "aws-marketplace",
                "billing",
                "budgets",
                "ce",
                "cloudfront",
                "globalaccelerator",
                "health",
            ),
            *("organizations", "route53", "route53domains", "shield", "support", "trustedadvisor", "waf"),
        )
    },
    "ec2": ("ec2:DescribeRegions",),
    "s3": ("s3:*AccountPublic*", "s3:ListAllMyBuckets"),
}
"""Services, and single actions, that are global, so that all their requests go to one region ("AWS: Denies access to AWS based on the requested Region",
IAM User Guide; "Deny access to AWS based on the requested AWS Region", AWS Control Tower Controls Reference)."""

VPC_ONLY_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "dax": ("dax:*",),
    "elasticfilesystem": ("elasticfilesystem:Client*",),
    "es": ("es:ES*",),
    "kafka-cluster": ("kafka-cluster:*",),
    "neptune-db": ("neptune-db:*",),
    "rds-db": ("rds-db:connect",),
    "s3-outposts": ("s3-outposts:*",),
}
"""Actions on endpoints inside a VPC, requested from private addresses ("Establishing a data perimeter on AWS", the policy examples of
AWS for network perimeters)."""

AWS_OWNED_RESOURCES: Mapping[str, tuple[str, ...]] = {
    "cloudformation": ("cloudformation:*:aws:*",),
    "ec2": ("ec2:*:aws:*",),
    "iam": ("iam::aws:policy/*",),
    "imagebuilder": ("imagebuilder:*:aws:*",),
    "ssm": ("ssm:*::*",),
}
"""Resources that AWS owns, as their ARNs continue after the partition: transforms, prefix lists, managed policies and images, whose
account is `aws`; public documents and parameters, which have none ("Establishing a data perimeter on AWS", the policy
examples of AWS for resource perimeters)."""


def deny_other_regions(regions: Sequence[str], services: Iterable[str]) -> Statement:
    """Deny requests to other regions, except to global services."""
    return Statement(
        sid="OtherRegions",
        effect=Effect.DENY,
        not_actions=(*SIGN_IN_ACTIONS, *_of(GLOBAL_ACTIONS, services)),
        resources=("*",),
        conditions={"StringNotEquals": {"aws:RequestedRegion": tuple(sorted(regions))}},
    )


def deny_without_tls() -> Statement:
    """Deny requests without TLS ("AWS global condition context keys", `aws:SecureTransport`)."""
    return Statement(
        sid="WithoutTls",
        effect=Effect.DENY,
        actions=("*",),
        resources=("*",),
        conditions={"Bool": {"aws:SecureTransport": ("false",)}},
    )


def deny_other_networks(
    addresses: Sequence[str],
    vpcs: Sequence[str],
    services: Iterable[str],
    *,
    break_glass_arn: str,
    excepted: Sequence[str] = (),
    instances: bool = False,
) -> Statement:
    """Deny requests from other networks, except those that a service makes for a principal ("Forward access sessions").

    A request through a VPC endpoint has no public address, and one from outside has no VPC, so `IfExists` denies a request
    that matches neither. Requests with an EC2 instance's credentials come from the addresses of its subnet: they are
    denied only with `instances`. The role `break_glass_arn` can be assumed from anywhere.
    """
    conditions: dict[str, dict[str, tuple[str, ...]]] = {"BoolIfExists": {"aws:ViaAWSService": ("false",)}}
    if addresses:
        conditions["NotIpAddressIfExists"] = {"aws:SourceIp": tuple(sorted(addresses))}
    if vpcs:
        conditions["StringNotEqualsIfExists"] = {"aws:SourceVpc": tuple(sorted(vpcs))}
    if excepted:
        conditions["ArnNotEqualsIfExists"] = {"aws:PrincipalArn": tuple(sorted(excepted))}
    if not instances:
        conditions["Null"] = {"ec2:SourceInstanceArn": ("true",)}
    return _deny_except("OtherNetworks", _of(VPC_ONLY_ACTIONS, services), (break_glass_arn,), conditions)


def deny_other_organizations(
    organizations: Sequence[str], services: Iterable[str], *, partition: str, break_glass_arn: str
) -> Statement:
    """Deny access to resources of other organizations, or of accounts in none, except resources that AWS owns.

    See `aws:ResourceOrgID` in "AWS global condition context keys". The role `break_glass_arn` can still be assumed.
    """
    used = list(services)
    others = {"aws:ResourceOrgID": tuple(sorted(organizations))}
    if {"ec2", "*"} & set(used):
        # Images of Amazon are in accounts of Amazon, which are in none of the allowed organizations.
        others["ec2:Owner"] = ("amazon",)
    owned = tuple(f"arn:{partition}:{rest}" for rest in _of(AWS_OWNED_RESOURCES, ["iam", *used]))
    return _deny_except(
        "OtherOrganizations", (), (break_glass_arn, *owned), {"StringNotEqualsIfExists": others}
    )


def _deny_except(
    sid: str, not_actions: tuple[str, ...], not_resources: tuple[str, ...], conditions: Conditions
) -> Statement:
    return Statement(
        sid=sid,
        effect=Effect.DENY,
        actions=() if not_actions else ("*",),
        not_actions=not_actions,
        not_resources=not_resources,
        conditions=conditions,
    )


def _of(table: Mapping[str, tuple[str, ...]], services: Iterable[str]) -> tuple[str, ...]:
    """Give a table's entries for these services only (`*` for all): the boundary has a size quota."""
    used = set(services)
    return tuple(each for name in sorted(table) if used & {name, "*"} for each in table[name])
