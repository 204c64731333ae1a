"""Denials by condition for a whole account: by region, network and organization, and without TLS.

They stand in the permissions boundary, so that they hold for every identity of ours whatever it is granted, and not for the
role that has no boundary because it repairs the account. That role can be assumed whatever they say, so that a wrong list
locks nobody out for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.statement import Conditions, Effect, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SIGN_IN_ACTIONS = ("iam:*", "signin:*", "sts:*")
"""What anybody needs to come in, change a password and assume a role; global services, or in the region of the browser."""
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
"""Services, and single actions, whose requests all go to one region ("AWS: Denies access to AWS based on the requested Region",
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
"""Actions on what answers inside a VPC by its private addresses ("Establishing a data perimeter on AWS", the policy examples of
AWS for network perimeters)."""

AWS_OWNED_RESOURCES: Mapping[str, tuple[str, ...]] = {
    "cloudformation": ("cloudformation:*:aws:*",),
    "ec2": ("ec2:*:aws:*",),
    "iam": ("iam::aws:policy/*",),
    "imagebuilder": ("imagebuilder:*:aws:*",),
    "ssm": ("ssm:*::*",),
}
"""Resources that AWS itself owns, after the partition of their ARNs: transforms, prefix lists, managed policies, images, which name
`aws` as their account; public documents and parameters, which name none ("Establishing a data perimeter on AWS", the policy
examples of AWS for resource perimeters)."""


def deny_other_regions(regions: Sequence[str], services: Iterable[str]) -> Statement:
    """Deny what is not in these regions, but for services in none."""
    return Statement(
        sid="OtherRegions",
        effect=Effect.DENY,
        not_actions=(*SIGN_IN_ACTIONS, *_of(GLOBAL_ACTIONS, services)),
        resources=("*",),
        conditions={"StringNotEquals": {"aws:RequestedRegion": tuple(sorted(regions))}},
    )


def deny_without_tls() -> Statement:
    """Deny requests that travel unencrypted ("AWS global condition context keys", `aws:SecureTransport`)."""
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
    repaired_by: str,
    excepted: Sequence[str] = (),
    instances: bool = False,
) -> Statement:
    """Deny requests that come from elsewhere; not those that a service makes for somebody ("Forward access sessions").

    A request by a VPC's endpoint has no public address, one from outside has no VPC: what is absent is none of ours.
    Credentials that an EC2 instance was given come from where its subnet leads: they are bound with `instances` alone.
    `repaired_by` is the ARN of the role that repairs the account: whoever may assume it can do so from anywhere.
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
    return _but_repair("OtherNetworks", _of(VPC_ONLY_ACTIONS, services), (repaired_by,), conditions)


def deny_other_organizations(
    organizations: Sequence[str], services: Iterable[str], *, partition: str, repaired_by: str
) -> Statement:
    """Deny to reach what belongs to other organizations, or to an account in none, but for what AWS itself owns.

    ("AWS global condition context keys", `aws:ResourceOrgID`.) Here too the role that repairs the account can be assumed.
    """
    used = list(services)
    others = {"aws:ResourceOrgID": tuple(sorted(organizations))}
    if {"ec2", "*"} & set(used):
        others["ec2:Owner"] = ("amazon",)
    owned = tuple(f"arn:{partition}:{rest}" for rest in _of(AWS_OWNED_RESOURCES, ["iam", *used]))
    return _but_repair("OtherOrganizations", (), (repaired_by, *owned), {"StringNotEqualsIfExists": others})


def _but_repair(
    sid: str, but_actions: tuple[str, ...], but_resources: tuple[str, ...], conditions: Conditions
) -> Statement:
    return Statement(
        sid=sid,
        effect=Effect.DENY,
        actions=() if but_actions else ("*",),
        not_actions=but_actions,
        not_resources=but_resources,
        conditions=conditions,
    )


def _of(table: Mapping[str, tuple[str, ...]], services: Iterable[str]) -> tuple[str, ...]:
    """Give what a table has for these services, all of it where any service is meant: the boundary holds to a quota."""
    used = set(services)
    return tuple(each for name in sorted(table) if used & {name, "*"} for each in table[name])
