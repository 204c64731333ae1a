"""A grant by tag gives each principal what its own tag names and nothing else.

No principal can change the tag.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.insiders import ACCOUNT, Account, assembly_of

DECLARED = f"""\
account: {{id: "{ACCOUNT}", region: eu-central-1, handover: onboarders, tags: {{owner: platform, team: everybody}}}}
buckets: {{reports: {{tags: {{team: data}}}}}}
groups:
  onboarders: {{}}
  makers:
    grants:
      - {{s3: [list, read, write], bucket: reports, prefix: teams/, prefix_by: {{tag: team}}}}
      - {{s3: [read], bucket: reports, prefix: home/, prefix_by: {{user_name: true}}}}
      - allow: {{service: secretsmanager, levels: [read], resources: ["secret:*"], where: {{resource_tag: team, equals: principal_tag}}}}
      - allow: {{service: sqs, levels: [write], resources: [orders], where: {{resource_tag: stage, value: test}}}}
users:
  alice: {{person: {{email: a@acme.example}}, groups: [makers], console: true, tags: {{team: blue}}}}
  bob: {{person: {{email: b@acme.example}}, groups: [makers], console: true}}
roles:
  squad:
    trusts: [{{group: makers}}]
    tags: {{Desk: "4"}}
    grants:
      - {{s3: [read], bucket: reports, prefix_by: {{tag: Desk}}}}
      - allow: {{service: iam, levels: [tagging], resources: ["role/access/*", "user/access/*"]}}
workloads:
  web: {{ec2: {{launch: instance, image: ami-0abcdef1234567890}}, tags: {{tier: front}}}}
"""
MFA = {"aws_MultiFactorAuthPresent": "true", "aws_MultiFactorAuthAge": "10"}
BUCKET = f"arn:aws:s3:::reports-{ACCOUNT}-eu-central-1-an"
SECRET = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:db-AbCdEf"
values = st.text(st.sampled_from("ab-_. :+=@"), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory):
    return assembly_of(DECLARED, tmp_path_factory.mktemp("by-tag"))


@pytest.fixture(scope="module")
def account(assembly) -> Account:
    return Account(assembly)


def tagged(team):
    return MFA if team is None else {**MFA, "aws_PrincipalTag/team": team}


@given(own=st.none() | values, folder=values, rest=st.text(st.sampled_from("ab/-"), max_size=3))
@settings(max_examples=60)
def test_a_folder_is_accessible_only_with_its_tag(account: Account, own, folder, rest):
    key = f"{BUCKET}/teams/{folder}/{rest}"
    assert account.does("user/alice", "s3:GetObject", key, **tagged(own)) is (own == folder)
    listing = {"s3_prefix": f"teams/{folder}/{rest}"}
    assert account.does("user/alice", "s3:ListBucket", BUCKET, **tagged(own), **listing) is (own == folder)


@given(own=st.none() | values, there=st.none() | values)
@settings(max_examples=60)
def test_a_resource_is_accessible_only_with_its_tag(account: Account, own, there):
    of_resource = {} if there is None else {"aws_ResourceTag/team": there}
    may = account.does("user/alice", "secretsmanager:GetSecretValue", SECRET, **tagged(own), **of_resource)
    assert may is (own is not None and own == there)


@pytest.mark.parametrize("folder", ["alice", "bob", "alice2", "alic", "*", ""])
def test_a_home_folder_is_accessible_only_to_its_user(account: Account, folder):
    key = f"{BUCKET}/home/{folder}/x"
    for who in ("alice", "bob"):
        assert account.does(f"user/{who}", "s3:GetObject", key, **MFA) is (who == folder)


@pytest.mark.parametrize("stage", [None, "test", "prod", "${aws:PrincipalTag/stage}"])
def test_a_fixed_value_is_the_same_for_all(account: Account, stage):
    of_resource = {} if stage is None else {"aws_ResourceTag/stage": stage}
    queue = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:orders"
    own = {"aws_PrincipalTag/stage": stage} if stage else {}
    assert account.does("user/alice", "sqs:SendMessage", queue, **MFA, **of_resource, **own) is (
        stage == "test"
    )


def test_an_action_that_no_tag_can_hold_is_not_granted(account: Account):
    of_resource = {"aws_ResourceTag/team": "blue"}
    for action in ("secretsmanager:GetRandomPassword", "secretsmanager:ListSecrets"):
        assert not account.may("user/alice", action, SECRET, **tagged("blue"), **of_resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("iam:TagRole", "role/access/squad", id="a role's tag"),
        pytest.param("iam:UntagRole", "role/access/squad", id="a role's tag taken away"),
        pytest.param("iam:TagUser", "user/access/alice", id="a user's tag"),
        pytest.param("iam:UntagUser", "user/access/alice", id="a user's tag taken away"),
    ],
)
def test_no_principal_changes_a_deciding_tag(account: Account, action, resource):
    assert not account.may("role/squad", action, f"arn:aws:iam::{ACCOUNT}:{resource}")


def test_tags_are_of_the_account_and_the_resource(assembly):
    of_account = {"owner": "platform", "team": "everybody"}
    found = {}
    for resource in assembly.resources:
        tags = resource.raw.get("Properties", {}).get("Tags")
        found[resource.type, resource.logical_id] = tags and {each["Key"]: each["Value"] for each in tags}
    taking = {kind for (kind, _), tags in found.items() if tags}
    assert {"AWS::IAM::User", "AWS::IAM::Role", "AWS::S3::Bucket", "AWS::EC2::Instance"} <= taking
    for (kind, name), tags in found.items():
        if kind not in taking:
            assert tags is None
        elif name in {"User0alice", "Bucket0reports"}:
            assert tags == {**of_account, "team": "blue" if kind == "AWS::IAM::User" else "data"}
        elif name in {"Role0squad", "InstanceRole0web", "Instance0web"}:
            assert tags == {**of_account, **({"Desk": "4"} if "squad" in name else {"tier": "front"})}
        else:
            assert of_account.items() <= tags.items()


def test_the_stack_itself_has_no_tags(assembly):
    assert all("Tags" not in each.source.tree for each in assembly.templates)
