"""Two declared accounts: a role can be assumed where both sides allow it, and a single side is reported."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.assembly.identities.unresolved_attachments import all_principals
from keywright.assembly.queries.cross_account import CrossAccountAccess
from keywright.assembly.templates.reader import read_accounts
from keywright.assembly.templates.symbolic_policies import Spelling
from tests.laws.insiders import assembly_of
from tests.laws.test_questions_never_crash import JSON, places
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from pathlib import Path

ONE, OTHER = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{OTHER}:role/target"
CALLERS = {"role/caller": "AWS::IAM::Role", "user/caller": "AWS::IAM::User"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

RIGHTS = {
    "exactly it": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE},
    "any": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"},
    "another": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"{ROLE}2"},
    "by tokens alone": {"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "Resource": ROLE},
    "with MFA": {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": ROLE,
        "Condition": MFA,
    },
    "denied": {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": ROLE},
}
"""What the caller's side may say, and below what the other side may."""
TRUSTS = {
    "the account": {"AWS": f"arn:aws:iam::{ONE}:root"},
    "its number": {"AWS": ONE},
    "anybody": "*",
    "a third account": {"AWS": "333333333333"},
    "its own account": {"AWS": f"arn:aws:iam::{OTHER}:root"},
    "a service": {"Service": "lambda.amazonaws.com"},
}
NAMED = {"no name": {}, "the caller": {"caller"}, "somebody else": {"someone"}}


def template(folder: Path, account: str, resources: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "t.template.json").write_text(json.dumps({"Resources": resources}))
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{account}/eu-central-1",
        "properties": {"templateFile": "t.template.json"},
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": {"t": stack}}))
    return folder


def document(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def caller(kind: str, *statements: Any) -> dict[str, Any]:
    name = {"RoleName": "caller"} if kind.startswith("role") else {"UserName": "caller"}
    trust = document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    )
    trusting = {"AssumeRolePolicyDocument": trust} if kind.startswith("role") else {}
    policies = [{"PolicyName": "p", "PolicyDocument": document(*statements)}] if statements else []
    return {"Type": CALLERS[kind], "Properties": {**name, **trusting, "Policies": policies}}


def target(principal: Any, condition: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": principal,
        "Condition": condition,
    }
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "target", "AssumeRolePolicyDocument": document(statement)},
    }


def across(*folders: Path) -> CrossAccountAccess:
    assembly = read_accounts(folders)
    assert [str(each) for each in assembly.findings] == []
    return CrossAccountAccess(assembly, all_principals(assembly, Spelling()))


@settings(max_examples=120, deadline=None)
@given(
    caller_side=st.tuples(st.sampled_from(sorted(CALLERS)), st.sets(st.sampled_from(sorted(RIGHTS)))),
    trusted=st.sampled_from(sorted(TRUSTS)),
    named=st.sampled_from(sorted(NAMED)),
    factor=st.booleans(),
)
def test_a_role_can_be_assumed_where_both_sides_allow(tmp_path_factory, caller_side, trusted, named, factor):
    kind, rights = caller_side
    arn = f"arn:aws:iam::{ONE}:{kind.partition('/')[0]}/"
    names = {"ArnEquals": {"aws:PrincipalArn": [arn + each for each in NAMED[named]]}} if NAMED[named] else {}
    folder = tmp_path_factory.mktemp("both")
    found = across(
        template(folder / "one", ONE, {"C": caller(kind, *(RIGHTS[each] for each in sorted(rights)))}),
        template(folder / "other", OTHER, {"T": target(TRUSTS[trusted], names | (MFA if factor else {}))}),
    )
    has_factor = kind.startswith("user")
    asks = {"exactly it", "any"} | ({"with MFA"} if has_factor else set())
    may_ask = bool(asks & rights) and "denied" not in rights
    lets_in = trusted in {"the account", "its number", "anybody"} and named != "somebody else"
    expected = may_ask and lets_in and (has_factor or not factor)
    assert [
        (door.role.arn, [each.actor.name for each in door.answers]) for door in found.assumable_roles
    ] == ([(ROLE, [kind])] if expected else [])
    told = {each.text.partition(" ")[0]: each.is_seen for each in found.one_sided()}
    assert (told.get(ROLE) is True) is (trusted in {"the account", "its number"} and not expected)
    if {"exactly it", "with MFA"} & rights and not expected:
        assert told[kind] is True
    if expected and "another" not in rights:
        assert kind not in told


BOTH = {
    "one": {"C": caller("role/caller", *RIGHTS.values())},
    "other": {"T": target(TRUSTS["the account"], MFA)},
}
PLACES = [path for path in places(BOTH) if len(path) > 2]


@settings(max_examples=100, deadline=None)
@given(path=st.sampled_from(PLACES), value=JSON)
def test_any_two_templates_are_answered(tmp_path_factory, path, value):
    hostile = copy.deepcopy(BOTH)
    node = hostile
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    folder = tmp_path_factory.mktemp("hostile")
    for name, account in (("one", ONE), ("other", OTHER)):
        template(folder / name, account, hostile[name])
    assembly = read_accounts([folder])
    found = CrossAccountAccess(assembly, all_principals(assembly, Spelling()))
    assert all(each.text and each.place for each in found.one_sided())
    assert all(door.answers for door in found.assumable_roles)


def test_one_account_alone_leaves_the_other_side_open(tmp_path: Path) -> None:
    one = template(tmp_path / "one", ONE, {"C": caller("role/caller", RIGHTS["exactly it"])})
    other = template(tmp_path / "other", OTHER, {"T": target(TRUSTS["the account"], {})})
    assert [(each.text, each.is_seen) for each in across(one).one_sided()] == [
        (
            f"role/caller has permission to assume {ROLE}: the trust policy is in account {OTHER}, which was not read",
            False,
        )
    ]
    assert [(each.text, each.is_seen) for each in across(other).one_sided()] == [
        (f"{ROLE} trusts account {ONE}: which principals there can assume it is not known", False)
    ]


def test_identity_policies_alone_do_not_read_a_bucket_of_another_account(tmp_path: Path) -> None:
    """A bucket's ARN does not say whose it is; its template does."""
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::theirs/*"}
    bucket = {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "theirs"}}}
    template(tmp_path / "one", ONE, {"C": caller("role/caller", read)})
    template(tmp_path / "other", OTHER, bucket)
    done = keywright("can", "role/caller", "s3:GetObject", "arn:aws:s3:::theirs/x", str(tmp_path))
    assert (done.returncode, done.stdout.split()[0]) == (3, b"undecided:")
    policy = document(
        {"Effect": "Allow", "Principal": {"AWS": ONE}, "Action": "s3:*", "Resource": "arn:aws:s3:::theirs/*"}
    )
    bucket["P"] = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": "theirs", "PolicyDocument": policy},
    }
    template(tmp_path / "other", OTHER, bucket)
    done = keywright("can", "role/caller", "s3:GetObject", "arn:aws:s3:::theirs/x", str(tmp_path))
    assert (done.returncode, done.stdout.split()[0]) == (0, b"allowed:")


def test_mfa_is_lost_in_role_chaining(tmp_path: Path) -> None:
    """A chained session has no MFA context: it cannot assume a role that requires MFA."""
    middle = f"arn:aws:iam::{OTHER}:role/middle"
    asked = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [middle, ROLE]}
    own = document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{ONE}:root"}}
    )
    between = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "middle",
            "AssumeRolePolicyDocument": own,
            "Policies": [{"PolicyName": "p", "PolicyDocument": document(RIGHTS["exactly it"])}],
        },
    }
    trust = {"AWS": [f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{ONE}:root"]}
    template(tmp_path / "one", ONE, {"C": caller("user/caller", asked)})
    for condition, ways in (({}, {"middle", "caller"}), (MFA, {"caller"})):
        end = target(trust, condition)
        end["Properties"]["Policies"] = [
            {
                "PolicyName": "p",
                "PolicyDocument": document({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}),
            }
        ]
        template(tmp_path / "other", OTHER, {"M": between, "T": end})
        for words in ((), ("--context", "aws:MultiFactorAuthPresent=true")):
            queue = f"arn:aws:sqs:eu-central-1:{OTHER}:q"
            done = keywright("who-can", "sqs:SendMessage", queue, str(tmp_path), "--format", "json", *words)
            (answer,) = json.loads(done.stdout)
            assert {each["principal"].partition("/")[2] for each in answer["acting_as_it"]} == ways


def test_tags_are_lost_in_role_chaining(tmp_path: Path) -> None:
    """What is known of who asks decides the first step alone; the role in between has tags of its own."""
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    asked = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{ONE}:role/caller"}
    user = caller("user/caller", asked)
    user["Properties"]["UserName"] = "somebody"
    middle = caller("role/caller", RIGHTS["exactly it"])
    own = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ONE}}
    middle["Properties"]["AssumeRolePolicyDocument"] = document(own)
    end = target(TRUSTS["the account"], tagged)
    everything = document({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})
    end["Properties"]["Policies"] = [{"PolicyName": "p", "PolicyDocument": everything}]
    template(tmp_path / "one", ONE, {"U": user, "M": middle})
    template(tmp_path / "other", OTHER, {"T": end})
    queue = f"arn:aws:sqs:eu-central-1:{OTHER}:q"
    for who, way in (("user/somebody", "possibly by assuming"), ("role/caller", "by assuming")):
        words = ("--context", "aws:PrincipalTag/team=blue")
        done = keywright("can", who, "sqs:SendMessage", queue, str(tmp_path), *words)
        assert f"\n  {way} role/" in done.stdout.decode()
    asked_again = keywright("can", "user/somebody", "sqs:SendMessage", queue, str(tmp_path)).stdout.decode()
    assert "allowed with --context aws:PrincipalTag" not in asked_again


def test_chains_are_explained_with_the_lost_context(tmp_path: Path) -> None:
    asked = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{ONE}:role/caller"}
    user, middle = caller("user/caller", asked), caller("role/caller", RIGHTS["exactly it"])
    user["Properties"]["UserName"] = "somebody"
    own = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ONE}}
    middle["Properties"]["AssumeRolePolicyDocument"] = document(own)
    template(tmp_path / "one", ONE, {"U": user, "M": middle})
    template(tmp_path / "other", OTHER, {"T": target(TRUSTS["the account"], {})})
    lost = "for an hour at most, without MFA"
    for who, lines in (
        ("user/somebody", ["can assume role/caller", f"can assume role/target; by role/caller: {lost}"]),
        (
            "role/target",
            [
                f"can be assumed by role/caller: {lost}",
                f"can be assumed by user/somebody; by role/caller: {lost}",
            ],
        ),
    ):
        said = keywright("explain", who, str(tmp_path)).stdout.decode()
        assert [
            line.strip() for line in said.splitlines() if "can assume" in line or "assumed by" in line
        ] == lines


def test_a_check_of_several_assemblies_names_one(tmp_path: Path) -> None:
    """Exceptions and invariants are each account's own: what judges by them takes one assembly at a time."""
    template(tmp_path / "one", ONE, {"C": caller("user/caller")})
    done = keywright("check", str(tmp_path))
    assert done.returncode == 2
    assert (
        f"accepted: one of the assemblies in it, `{tmp_path / 'one'}`"
        in done.stdout.decode() + done.stderr.decode()
    )


def test_assemblies_without_account_are_not_distinguished(tmp_path: Path) -> None:
    template(tmp_path / "one", ONE, {"C": caller("user/caller")})
    template(tmp_path / "other", "unknown-account", {"T": target("*", {})})
    done = keywright("across", str(tmp_path))
    assert done.returncode == 2
    assert b"a stack does not state its account, which distinguishes the assemblies" in done.stderr


def powers(resources: dict[str, Any], *actions: str) -> dict[str, Any]:
    grants = document({"Effect": "Allow", "Action": list(actions), "Resource": "*"})
    return {
        **resources,
        "Properties": resources["Properties"] | {"Policies": [{"PolicyName": "p", "PolicyDocument": grants}]},
    }


FUNCTION = ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction")
OF_FUNCTIONS = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"Service": "lambda.amazonaws.com"},
}
ADMINISTRATOR = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "RoleName": "admin",
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "AssumeRolePolicyDocument": document(OF_FUNCTIONS),
    },
}


def test_an_escalation_path_continues_in_the_other_account(tmp_path: Path) -> None:
    """Neither account alone shows that the caller comes to be an administrator of the other one."""
    template(tmp_path / "one", ONE, {"C": caller("user/caller", RIGHTS["exactly it"])})
    end = powers(target(TRUSTS["the account"], {}), *FUNCTION)
    template(tmp_path / "other", OTHER, {"T": end, "A": ADMINISTRATOR})

    def ways(path: Path) -> set[tuple[str, str]]:
        done = keywright("escalations", str(path), "--format", "json")
        return {
            (each["principal"].rpartition("/")[2], each["to"]) for each in json.loads(done.stdout)["paths"]
        }

    assert ("caller", "role/admin") in ways(tmp_path)
    assert ("caller", "role/admin") not in ways(tmp_path / "one") | ways(tmp_path / "other")


def test_a_role_is_passed_only_to_services_of_its_own_account(tmp_path: Path) -> None:
    passing = {
        "Effect": "Allow",
        "Action": list(FUNCTION),
        "Resource": [f"arn:aws:iam::{OTHER}:role/*", f"arn:aws:lambda:*:{ONE}:function:*"],
    }
    template(tmp_path / "one", ONE, {"C": caller("user/caller", passing)})
    template(tmp_path / "other", OTHER, {"A": ADMINISTRATOR})
    done = keywright("escalations", str(tmp_path), "--format", "json")
    assert {each["principal"] for each in json.loads(done.stdout)["paths"]} == {
        f"arn:aws:iam::{OTHER}:role/admin"
    }


def test_a_review_of_both_accounts_reports_access_and_escalation(tmp_path: Path) -> None:
    end = powers(target(TRUSTS["the account"], {}), *FUNCTION)
    for side, rights in (("base", ()), ("head", (RIGHTS["exactly it"],))):
        template(tmp_path / side / "one", ONE, {"C": caller("user/caller", *rights)})
        template(tmp_path / side / "other", OTHER, {"T": end, "A": ADMINISTRATOR})
    done = keywright("review", str(tmp_path / "base"), str(tmp_path / "head"))
    assert done.returncode == 1
    assert b"`user/caller` can **write** `role/target`: `sts:AssumeRole`" in done.stdout
    assert b"- `user/caller` \xe2\x86\x92 `role/admin` by `sts:AssumeRole`, `iam:PassRole`" in done.stdout
    assert b"by `user/caller`, if account `222222222222` allows it" in done.stdout
    same = keywright("review", str(tmp_path / "head"), str(tmp_path / "head"))
    assert same.returncode == 0


REPORTING = f"""\
account: {{id: "{ONE}", region: eu-central-1, handover: auditors}}
identity_providers: {{github: {{oidc: github, existing: true}}}}
groups:
  auditors: {{grants: [{{assume: audit, account: "{OTHER}", mfa: {{within: 1h}}}}]}}
users:
  alice: {{person: {{email: a@acme.example}}, console: true, groups: [auditors]}}
workloads:
  shop: {{ec2: {{launch: none}}, grants: [{{assume: backup, account: "{OTHER}", external_id: shop-91c2}}]}}
roles:
  ci:
    trusts: [{{github: acme/shop, ids: {{owner: 1, repository: 2}}, environment: production}}]
    grants: [{{assume: deploy, account: "{OTHER}"}}, {{assume: gone, account: "{OTHER}"}}]
  nightly: {{trusts: [{{role: ci}}], grants: [{{assume: deploy, account: "{OTHER}"}}]}}
"""
SHOP = f"""\
account: {{id: "{OTHER}", region: eu-central-1}}
buckets: {{site: {{}}}}
roles:
  deploy:
    trusts: [{{account: "{ONE}", roles: [ci], organization: o-a1b2c3d4e5}}]
    grants: [{{s3: [put], bucket: site}}]
  audit: {{trusts: [{{account: "{ONE}", people: {{mfa: {{within: 1h}}}}}}], grants: [{{s3: [read], bucket: site}}]}}
  backup: {{trusts: [{{account: "{ONE}", external_id: shop-91c2}}], grants: [{{s3: [read], bucket: site}}]}}
  unused: {{trusts: [{{account: "{ONE}", external_id: shop-0000}}]}}
  vendor: {{trusts: [{{account: "333333333333", external_id: of-the-vendor}}]}}
"""


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("declared")
    assembly_of(REPORTING, folder / "reporting")
    assembly_of(SHOP, folder / "shop")
    return folder


def test_roles_across_two_folders_are_reported_from_both_sides(declared: Path) -> None:
    done = keywright(
        "across",
        "reporting/cdk.out",
        "shop/cdk.out",
        "--today",
        "2026-11-24",
        "--format",
        "json",
        folder=declared,
    )
    said = json.loads(done.stdout)
    assert {
        (
            each["role"].rpartition("/")[2],
            one["principal"].rpartition("/")[2].rpartition("|")[2],
            one["given"],
        )
        for each in said["roles"]
        for one in each["assumed_by"]
    } == {
        ("audit", "alice", "with aws:MultiFactorAuthPresent=true, aws:MultiFactorAuthAge=60"),
        ("backup", "InstanceRole0shop>", "with sts:ExternalId=shop-91c2"),
        ("deploy", "ci", "with aws:PrincipalOrgID=o-a1b2c3d4e5"),
    }
    path = f"arn:aws:iam::{OTHER}:role/access"
    assert [(each["says"], each["seen"]) for each in said["one_sided"]] == [
        (f"{path}/unused trusts account {ONE}: no principal in its templates can assume it", True),
        (
            f"role/ci has permission to assume {path}/gone: the templates of account {OTHER} have no such role",
            True,
        ),
        (
            f"role/nightly has permission to assume {path}/deploy: the role does not let it in: no statement of the resource-based policy allows the action, which this resource requires",
            True,
        ),
        (
            f"{path}/vendor trusts account 333333333333: which principals there can assume it is not known",
            False,
        ),
    ]
    assert done.returncode == 1


@pytest.mark.parametrize(("words", "code"), [((), 0), (("--strict",), 3)])
def test_what_is_not_known_is_undecided_where_it_counts(
    declared: Path, words: tuple[str, ...], code: int
) -> None:
    assert keywright("across", "reporting/cdk.out", *words, folder=declared).returncode == code


def limited(folder: Path, account: str, *denied: str) -> None:
    """Leave an organization's control policies beside an assembly, as a synthesis does."""
    denial = {"Effect": "Deny", "Action": list(denied), "Resource": "*"}
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    scp = {"file": "scp.json", "policy": document(allow, *([denial] if denied else []))}
    level = {"level": "root", "service_control": [scp], "resource_control": []}
    content = {"account": account, "levels": [level]}
    (folder / "keywright-organization.json").write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("callers", "roles", "comes_in"),
    [
        pytest.param((), (), True, id="nothing is denied"),
        pytest.param(("sts:AssumeRole",), (), False, id="to who asks"),
        pytest.param((), ("sts:AssumeRole",), True, id="to the principals of the role's account"),
    ],
)
def test_each_account_is_limited_by_its_own_control_policies(
    tmp_path: Path, callers: tuple[str, ...], roles: tuple[str, ...], comes_in: bool
) -> None:
    limited(
        template(tmp_path / "one", ONE, {"C": caller("role/caller", RIGHTS["exactly it"])}), ONE, *callers
    )
    limited(template(tmp_path / "other", OTHER, {"T": target(TRUSTS["the account"], {})}), OTHER, *roles)
    done = keywright("across", str(tmp_path))
    assert (b"  role/caller of 111111111111\n" in done.stdout) is comes_in
    assert (b"role/caller has permission to assume" in done.stdout) is not comes_in
    assert done.returncode == (0 if comes_in else 1)
