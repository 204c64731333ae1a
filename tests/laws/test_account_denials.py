"""Account-wide denials apply to every identity, let through what AWS requires, and lock nobody out."""

from __future__ import annotations

import pytest

from keywright.model.reading import read
from keywright.policy.compaction import MANAGED_QUOTA, document_size
from keywright.statements.account_denials import deny_other_networks
from keywright.statements.declared.boundaries import declared_denials
from tests.laws.insiders import ACCOUNT, TODAY, Account, assembly_of

DECLARED = f"""\
account:
  id: "{ACCOUNT}"
  region: eu-central-1
  handover: onboarders
  break_glass: role/break-glass
  deny:
    outside_regions: [eu-central-1, eu-west-1]
    without_tls: true
    outside_networks: {{addresses: [203.0.113.0/24], vpcs: [vpc-0123abcd], except: [role/partner]}}
    outside_organizations: [o-a1b2c3d4e5]
buckets: {{reports: {{}}}}
groups:
  onboarders: {{}}
  administrators: {{}}
  readers:
    grants:
      - {{s3: [list, read], bucket: reports}}
      - allow: {{service: route53, levels: [list]}}
users:
  alice: {{person: {{email: a@acme.example}}, groups: [readers, administrators], console: true, cli: true}}
workloads:
  web: {{ec2: {{launch: none}}, grants: [{{s3: [read], bucket: reports}}]}}
roles:
  break-glass:
    trusts: [{{group: administrators, mfa: {{within: 15m}}}}]
    policies: [{{managed: AdministratorAccess, because: somebody must be able to repair the account}}]
  partner:
    trusts: [{{account: "222222222222", external_id: acme-7f3a}}]
    grants: [{{s3: [read], bucket: reports}}]
"""
BUCKET = f"arn:aws:s3:::reports-{ACCOUNT}-eu-central-1-an"
OBJECT = f"{BUCKET}/x"
HOME = {
    "aws_MultiFactorAuthPresent": "true",
    "aws_MultiFactorAuthAge": "10",
    "aws_username": "alice",
    "aws_RequestedRegion": "eu-central-1",
    "aws_SecureTransport": "true",
    "aws_SourceIp": "203.0.113.7",
    "aws_ViaAWSService": "false",
    "aws_ResourceOrgID": "o-a1b2c3d4e5",
}
ELSEWHERE = {"aws_SourceIp": "198.51.100.7"}
ME = f"arn:aws:iam::{ACCOUNT}:user/access/alice"
GET, READ = "s3:GetObject", OBJECT


def but(*without, **other):
    """Give a request from home with something else in it, or something not."""
    return {key: value for key, value in {**HOME, **other}.items() if key not in without}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    return Account(assembly_of(DECLARED, tmp_path_factory.mktemp("denials")))


PASSWORD, LOGIN = "iam:ChangePassword", "signin:AuthorizeOAuth2Access"
BROWSER = f"arn:aws:signin:us-east-1:{ACCOUNT}:oauth2/public-client/localhost"
REPAIR = f"arn:aws:iam::{ACCOUNT}:role/access/break-glass"
FENCE = f"arn:aws:iam::{ACCOUNT}:policy/access/keywright-boundary"
FAR = {"aws_RequestedRegion": "us-east-1"}
INSTANCE = {"ec2_SourceInstanceArn": f"arn:aws:ec2:eu-central-1:{ACCOUNT}:instance/i-1"}
NO_DEVICE = but("aws_MultiFactorAuthAge", aws_MultiFactorAuthPresent="false", **FAR)
ENDPOINT, ANOTHER = ({"aws_SourceVpc": vpc} for vpc in ("vpc-0123abcd", "vpc-9999ffff"))
BY_SERVICE = {"aws_ViaAWSService": "true"}
OUTSIDE = {**ELSEWHERE, "aws_RequestedRegion": "ap-south-1"}
READING = {
    "at home": (HOME, True),
    "another region": (but(**FAR), False),
    "the other region": (but(aws_RequestedRegion="eu-west-1"), True),
    "no TLS": (but(aws_SecureTransport="false"), False),
    "another network": (but(**ELSEWHERE), False),
    "by the VPC's endpoint": (but("aws_SourceIp", **ENDPOINT), True),
    "by another VPC's": (but("aws_SourceIp", **ANOTHER), False),
    "from nowhere known": (but("aws_SourceIp"), False),
    "a service for somebody": (but(**ELSEWHERE, **BY_SERVICE), True),
    "another organization's bucket": (but(aws_ResourceOrgID="o-zzzzzzzzzz"), False),
    "a bucket of no organization": (but("aws_ResourceOrgID"), False),
}
OTHERS = {
    "a service in no region": ("user/alice", "route53:ListHostedZones", "*", but(**FAR), True),
    "first sign-in, the password": ("user/alice", PASSWORD, ME, NO_DEVICE, True),
    "first sign-in, the device": ("user/alice", "iam:EnableMFADevice", ME, NO_DEVICE, True),
    "a password from elsewhere": ("user/alice", PASSWORD, ME, but(**ELSEWHERE), False),
    "aws login": ("user/alice", LOGIN, BROWSER, but(**FAR), True),
    "an instance behind any gateway": ("workload/web", GET, READ, but(**ELSEWHERE, **INSTANCE), True),
    "a workload's role, but no instance": ("workload/web", GET, READ, but(**ELSEWHERE), False),
    "an excepted role from elsewhere": ("role/partner", GET, READ, but(**ELSEWHERE), True),
    "and not in any region": ("role/partner", GET, READ, but(**ELSEWHERE, **FAR), False),
    "repair is begun anywhere": (
        "user/alice",
        "sts:AssumeRole",
        REPAIR,
        but("aws_ResourceOrgID", **OUTSIDE),
        True,
    ),
    "and ended": (
        "role/break-glass",
        "iam:CreatePolicyVersion",
        FENCE,
        but("aws_ResourceOrgID", **OUTSIDE),
        True,
    ),
}
CASES = {name: ("user/alice", GET, READ, *case) for name, case in READING.items()} | OTHERS


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_is_answered(account: Account, case) -> None:
    who, action, resource, context, may = case
    assert account.does(who, action, resource, **context) is may


def test_fits_the_boundary_with_room_for_more(account):
    documents = [each.boundary for each in account.people.account.actors if each.boundary]
    assert documents
    assert max(document_size(each.to_json()) for each in documents) < MANAGED_QUOTA - 300


def test_the_sandbox_is_reached_from_this_machine(tmp_path):
    (tmp_path / "all.yaml").write_text(DECLARED)
    declarations = read(tmp_path, TODAY, locked=False).declarations
    assert declarations is not None
    for sandbox, denied in ((True, 2), (False, 4)):
        assert len(declared_denials(declarations, ["s3"], sandbox=sandbox)) == denied


def test_instances_are_limited_where_declared():
    bound = deny_other_networks(
        [], ["vpc-0123abcd"], ["s3"], break_glass_arn="arn:aws:iam::1:role/r", instances=True
    )
    assert "Null" not in bound.conditions
