"""Invariants of whole assemblies: proved for every principal, through groups, roles and the policies of resources."""

import json

import pytest

from keywright.assembly.invariants.declaration import DeclaredInvariant
from keywright.assembly.invariants.proof import prove_invariants
from keywright.assembly.templates.reader import read_assembly
from tests.unit.assembly.builders import assembly_of, write_assembly

ACCOUNT, OTHER = "111111111111", "222222222222"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": ("false",)}}
EC2, OWN = {"Service": "ec2.amazonaws.com"}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def deny(action, resource="*", **more):
    return allow(action, resource, **more) | {"Effect": "Deny"}


def _holding(kind, statements, **properties):
    policies = [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else []
    return {"Type": f"AWS::IAM::{kind}", "Properties": {"Policies": policies, **properties}}


def user(name, *statements, **properties):
    return _holding("User", statements, UserName=name, **properties)


def group(name, *statements):
    return _holding("Group", statements, GroupName=name)


def role(name, *statements, trust=EC2, asks=None, **properties):
    admitting = {"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}
    if asks:
        admitting["Condition"] = asks
    return _holding(
        "Role", statements, RoleName=name, AssumeRolePolicyDocument=document(admitting), **properties
    )


def bucket(name="reports", **properties):
    return {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name, **properties}}


def on_bucket(*statements, of="reports"):
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": of, "PolicyDocument": document(*statements)},
    }


OBJECTS = "arn:aws:s3:::reports/*"
DELETING = allow("s3:DeleteObject", OBJECTS)
BUCKET = {"Reports": bucket()}


def never(who="everyone", can="s3:DeleteObject", on="bucket/reports", *, but=(), **more):
    return DeclaredInvariant("never", (who,), (can,), (on,), tuple(but), **more)


def always(who, can="s3:DeleteObject", on="bucket/reports", **more):
    more.setdefault("when", {"Bool": {"aws:SecureTransport": ("true",)}})
    return DeclaredInvariant("always", (who,), (can,), (on,), **more)


def result(folder, declared, resources, **sections):
    (found,) = prove_invariants(assembly_of(folder, BUCKET | resources, **sections), [declared])
    return found


def allowing_principal(principal, action="s3:DeleteObject", **more):
    return {"P": on_bucket(allow(action, OBJECTS, Principal=principal, **more))}


PROVED = {
    "no principal exists": (never(), {}),
    "another action": (never(), {"A": user("a", allow("s3:Get*", OBJECTS))}),
    "another bucket": (never(), {"A": user("a", allow("s3:*", "arn:aws:s3:::reports-old/*"))}),
    "an object action on the bucket itself": (never(), {"A": user("a", allow("s3:DeleteObject", "arn:aws:s3:::reports"))}),
    "a denial": (never(), {"A": user("a", allow("s3:*"), deny("s3:Delete*", OBJECTS))}),
    "all but it": (never(), {"A": user("a", {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})}),
    "a denial in the bucket's policy": (
        never(),
        {"A": user("a", allow("s3:*")), "P": on_bucket(deny("s3:DeleteObject", OBJECTS, Principal="*"))},
    ),
    "a denial in the bucket's policy for all but one": (
        never(but=["role/cleaner"]),
        {
            "A": user("a", allow("s3:*")),
            "C": role("cleaner", DELETING),
            "P": on_bucket(
                deny(
                    "s3:DeleteObject",
                    OBJECTS,
                    Principal="*",
                    Condition={"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/cleaner"}},
                )
            ),
        },
    ),
    "a boundary": (
        never(),
        {
            "A": user("a", allow("*"), PermissionsBoundary={"Ref": "B"}),
            "B": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"ManagedPolicyName": "b", "PolicyDocument": document(allow("ec2:*"))},
            },
        },
    ),
    "the caller's own folder, which is another user's": (
        never(on="arn:aws:s3:::reports/bob/*"),
        {"A": user("a", allow("s3:*", "arn:aws:s3:::reports/${aws:username}/*"))},
    ),
    "an exception": (never(but=["user/a"]), {"A": user("a", DELETING)}),
    "an exception for a group": (
        never(but=["group/g"]),
        {"A": user("a", Groups=["g"]), "G": group("g", DELETING)},
    ),
    "an exception by a pattern of ARNs": (
        never(but=[f"arn:aws:iam::{ACCOUNT}:user/a*"]), {"A": user("ann", DELETING)}
    ),
    "another's access": (never("user/b"), {"A": user("a", DELETING), "B": user("b")}),
    "a role that another principal can assume": (
        never("user/a"),
        {"A": user("a"), "R": role("r", DELETING, trust={"AWS": f"arn:aws:iam::{ACCOUNT}:user/b"}), "B": user("b")},
    ),
    "a role that trusts the account, without an allow": (
        never("user/a"), {"A": user("a"), "R": role("r", DELETING, trust=OWN)}
    ),
    "an account that is excepted": (never(but=[OTHER]), allowing_principal({"AWS": OTHER})),
    "a service that is excepted": (
        never(but=["logging.s3.amazonaws.com"]), allowing_principal({"Service": "logging.s3.amazonaws.com"})
    ),
    "the own account in the bucket's policy, which needs identity policies": (never(), allowing_principal(OWN)),
    "only with MFA": (
        never(when=WITHOUT_MFA, without_mfa=True), {"A": user("a", allow("s3:*", Condition=MFA))}
    ),
    "a role whose trust requires MFA": (
        never(when=WITHOUT_MFA, without_mfa=True),
        {"R": role("r", DELETING, trust=OWN, asks=MFA)},
    ),
    "only in another region": (
        never(can="ec2:RunInstances", on="*", when={"StringEquals": {"aws:RequestedRegion": ("us-east-1",)}}),
        {"A": user("a", allow("ec2:*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}))},
    ),
    "roles that only excepted principals can assume": (
        never(can="sts:AssumeRole", on="role/r", but=["user/a"]),
        {
            "A": user("a"),
            "B": user("b", allow("s3:*")),
            "R": role("r", trust={"AWS": f"arn:aws:iam::{ACCOUNT}:user/a"}),
        },
    ),
    "a queue's policy that denies on its own queue": (
        never(can="sqs:SendMessage", on="queue/jobs"),
        {
            "A": user("a", allow("sqs:*", f"arn:aws:sqs:eu-central-1:{ACCOUNT}:jobs")),
            "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
            "P": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": document(deny("sqs:*", Principal="*"))},
            },
        },
    ),
    "a key whose policy leaves out the account": (
        never(can="kms:Decrypt", on="key/Key"),
        {
            "A": user("a", allow("kms:*")),
            "Key": {
                "Type": "AWS::KMS::Key",
                "Properties": {"KeyPolicy": document(allow("kms:Encrypt", Principal=OWN))},
            },
        },
    ),
    "everything, for the principals it names": (always("role/r"), {"R": role("r", allow("s3:*"))}),
    "a denial of something else": (always("role/r"), {"R": role("r", DELETING, deny("s3:Put*"))}),
    "by a role that it can assume": (
        always("user/a"),
        {
            "A": user("a", allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/r")),
            "R": role("r", DELETING, trust=OWN),
        },
    ),
    "by the bucket's policy": (always("role/r"), {"R": role("r"), **allowing_principal({"AWS": f"arn:aws:iam::{ACCOUNT}:role/r"})}),
    "over TLS only": (
        always("role/r"),
        {
            "R": role("r", DELETING),
            "P": on_bucket(
                deny("s3:*", OBJECTS, Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
            ),
        },
    ),
    "by a role, whether or not its users need MFA": (
        always(
            "role/r", when={"Bool": {"aws:SecureTransport": ("true",), "aws:MultiFactorAuthPresent": ("true",)}}
        ),
        {"R": role("r", DELETING)},
    ),
    "with the required MFA": (
        always("user/a", when={"Bool": {"aws:SecureTransport": ("true",), "aws:MultiFactorAuthPresent": ("true",)}}),
        {"A": user("a", DELETING, deny("*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}))},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "resources"), [pytest.param(*case, id=name) for name, case in PROVED.items()]
)
def test_is_proved(tmp_path, declared, resources):
    found = result(tmp_path, declared, resources)
    assert (found.verdict, found.breaches, found.doubts) == ("proved", (), ())


BROKEN = {
    "its own policy": (never(), {"A": user("a", DELETING)}, "user/a", "A"),
    "a wildcard in the action": (never(), {"A": user("a", allow("s3:Del*", OBJECTS))}, "user/a", "A"),
    "a part of its resources": (never(), {"A": user("a", allow("s3:*", "arn:aws:s3:::*/x"))}, "user/a", "A"),
    "all but something else": (
        never(), {"A": user("a", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})}, "user/a", "A"
    ),
    "a denial under a condition": (
        never(),
        {"A": user("a", allow("s3:*"), deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}}))},
        "user/a",
        "A",
    ),
    "the caller's own folder": (
        never(on="arn:aws:s3:::reports/a/*"),
        {"A": user("a", Groups=["g"]), "G": group("g", allow("s3:*", "arn:aws:s3:::reports/${aws:username}/*"))},
        "user/a",
        "G",
    ),
    "a group": (never(), {"A": user("a", Groups=["g"]), "G": group("g", DELETING)}, "user/a", "G"),
    "a group without members": (never(), {"G": group("g", DELETING)}, "group/g", "G"),
    "an AWS managed policy": (
        never(),
        {"R": role("r", ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"])},
        "role/r",
        "R",
    ),
    "a role that can be assumed": (
        never("user/a"),
        {
            "A": user("a", allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/r")),
            "R": role("r", DELETING, trust=OWN),
        },
        "user/a",
        "R",
    ),
    "a role that trusts by name": (
        never("user/a"),
        {"A": user("a"), "R": role("r", DELETING, trust={"AWS": f"arn:aws:iam::{ACCOUNT}:user/a"})},
        "user/a",
        "R",
    ),
    "the bucket's policy, for a role": (
        never(),
        {"R": role("r"), **allowing_principal({"AWS": f"arn:aws:iam::{ACCOUNT}:role/r"})},
        "role/r",
        "P",
    ),
    "the bucket's policy, for anybody": (never(), allowing_principal("*"), "anybody", "P"),
    "the bucket's policy, for another account": (never(), allowing_principal({"AWS": OTHER}), f"account {OTHER}", "P"),
    "the bucket's policy, for another account's role": (
        never(),
        allowing_principal({"AWS": f"arn:aws:iam::{OTHER}:role/x"}),
        f"arn:aws:iam::{OTHER}:role/x",
        "P",
    ),
    "the bucket's policy, for a principal that no template declares": (
        never(),
        allowing_principal({"AWS": f"arn:aws:iam::{ACCOUNT}:role/legacy"}),
        f"arn:aws:iam::{ACCOUNT}:role/legacy",
        "P",
    ),
    "the bucket's policy, for a service": (
        never(),
        allowing_principal({"Service": "logging.s3.amazonaws.com"}),
        "logging.s3.amazonaws.com",
        "P",
    ),
    "the bucket's policy, for everybody but one principal": (
        never(),
        {"P": on_bucket({"Effect": "Allow", "NotPrincipal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "s3:*", "Resource": OBJECTS})},
        "anybody",
        "P",
    ),
    "anybody with a condition that excepts too little": (
        never(but=["role/cleaner"]),
        {
            "C": role("cleaner"),
            **allowing_principal("*", Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/clean*"}}),
        },
        "anybody",
        "P",
    ),
    "the bucket's access control list": (
        never(can="s3:ListBucket"), {"Open": bucket("open", AccessControl="PublicRead"), "X": bucket("x")}, "anybody", "Open"
    ),
    "a role's trust, for another account": (
        never(can="sts:AssumeRole", on="role/r"), {"R": role("r", trust={"AWS": OTHER})}, f"account {OTHER}", "R"
    ),
    "without MFA": (
        never(when=WITHOUT_MFA, without_mfa=True), {"A": user("a", DELETING)}, "user/a", "A"
    ),
    "a role that can be assumed without MFA": (
        never(when=WITHOUT_MFA, without_mfa=True), {"R": role("r", DELETING, trust=OWN)}, "role/r", "R"
    ),
    "a queue's policy that denies on another queue": (
        never(can="sqs:SendMessage", on="queue/jobs"),
        {
            "A": user("a", allow("sqs:*")),
            "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
            "O": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "other"}},
            "P": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {"Queues": [{"Ref": "O"}], "PolicyDocument": document(deny("sqs:*", Principal="*"))},
            },
        },
        "user/a",
        "A",
    ),
    "missing access": (always("role/r"), {"R": role("r", allow("s3:Get*"))}, "role/r", "R"),
    "denied access": (always("role/r"), {"R": role("r", allow("s3:*"), deny("s3:*", "*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}))}, "role/r", "R"),
    "access that the bucket's policy denies": (
        always("role/r"),
        {"R": role("r", DELETING), "P": on_bucket(deny("s3:Delete*", OBJECTS, Principal="*"))},
        "role/r",
        "P",
    ),
    "a role's own policy that needs MFA, which its sessions never have": (
        always(
            "role/r", when={"Bool": {"aws:SecureTransport": ("true",), "aws:MultiFactorAuthPresent": ("true",)}}
        ),
        {"R": role("r", allow("s3:*", Condition=MFA))},
        "role/r",
        "R",
    ),
    "access that needs MFA": (always("user/a"), {"A": user("a", allow("s3:*", Condition=MFA))}, "user/a", "A"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "resources", "who", "where"), [pytest.param(*case, id=name) for name, case in BROKEN.items()]
)
def test_is_broken(tmp_path, declared, resources, who, where):
    if where == "Open":
        declared = never(can="s3:ListBucket", on="bucket/open")
    found = result(tmp_path, declared, resources)
    assert found.verdict == "broken"
    (shown,) = found.breaches
    assert (shown.who, shown.resource and shown.resource.logical_id) == ((who,), where)
    assert shown.request is not None
    assert shown.location.line or shown.location.file


UNDECIDED = {
    "an unknown attached policy": (
        never(),
        {"R": role("r", ManagedPolicyArns=[f"arn:aws:iam::{ACCOUNT}:policy/elsewhere"])},
        f"the policy `arn:aws:iam::{ACCOUNT}:policy/elsewhere` is not known",
    ),
    "an unknown boundary": (
        never(),
        {"R": role("r", DELETING, PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/elsewhere")},
        "whether it can perform `s3:DeleteObject` on `arn:aws:s3:::reports/example` is undecided: part of a policy is known only at deployment",
    ),
    "a policy that is not attached": (
        never(),
        {
            "M": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"ManagedPolicyName": "m", "PolicyDocument": document(DELETING)},
            }
        },
        "it is attached to nobody in these templates; a principal that has it can `s3:DeleteObject` on `arn:aws:s3:::reports/example`",
    ),
    "an unknown name": (never(on="bucket/nowhere"), {}, "`bucket/nowhere` is not in these templates"),
    "a principal of another template": (
        never(f"arn:aws:iam::{ACCOUNT}:user/legacy"), {}, "its policies are not in these templates"
    ),
    "always, for nobody": (always("role/r"), {}, "`role/r` is not in these templates"),
    "always, with an unknown policy": (
        always("role/r"),
        {"R": role("r", DELETING, ManagedPolicyArns=[f"arn:aws:iam::{ACCOUNT}:policy/elsewhere"])},
        f"the policy `arn:aws:iam::{ACCOUNT}:policy/elsewhere` is not known",
    ),
    "another account's queue": (
        never(can="sqs:SendMessage", on=f"arn:aws:sqs:eu-central-1:{OTHER}:jobs"),
        {"A": user("a", allow("sqs:*"))},
        f"what it can do is undecided: the policies of the account `{OTHER}` are not known",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "resources", "because"), [pytest.param(*case, id=name) for name, case in UNDECIDED.items()]
)
def test_is_undecided(tmp_path, declared, resources, because):
    found = result(tmp_path, declared, resources)
    assert (found.verdict, [each.because for each in found.doubts]) == ("undecided", [because])


def test_a_parameter_decides(tmp_path):
    resources = {"A": user("a", allow({"Ref": "Action"}, OBJECTS))}
    found = result(tmp_path, never(), resources, Parameters={"Action": {"Type": "String"}})
    assert found.verdict == "undecided"


def test_a_generated_name_may_match_a_pattern(tmp_path):
    resources = {"Data": {"Type": "AWS::S3::Bucket"}, "A": user("a", allow("s3:*", "arn:aws:s3:::stack-*"))}
    found = result(tmp_path, never(on="bucket/Data"), resources)
    assert found.verdict == "undecided"
    other = {
        "Data": {"Type": "AWS::S3::Bucket"},
        "A": user("a", allow("s3:*", "arn:aws:s3:::acme-reports/*")),
    }
    assert result(tmp_path / "other", never(on="bucket/Data"), other).verdict == "proved"


def test_reports_one_statement_once_with_all_its_principals(tmp_path):
    people = {f"U{each}": user(f"u{each}", Groups=["g"]) for each in range(4)}
    found = result(tmp_path, never(), {**people, "G": group("g", DELETING)})
    (shown,) = found.breaches
    assert shown.who == ("user/u0", "user/u1", "user/u2", "user/u3")


def test_reports_the_path_over_roles(tmp_path):
    arn = f"arn:aws:iam::{ACCOUNT}:"
    found = result(
        tmp_path,
        never("user/a"),
        {
            "A": user("a", allow("sts:AssumeRole", f"{arn}role/one")),
            "One": role("one", allow("sts:AssumeRole", f"{arn}role/two"), trust=OWN),
            "Two": role("two", DELETING, trust={"AWS": f"{arn}role/one"}),
        },
    )
    (shown,) = found.breaches
    assert (shown.who, shown.through) == (("user/a",), ("role/one", "role/two"))


def test_checks_both_principals_of_one_name(tmp_path):
    found = result(tmp_path, never(), {"A": role("r"), "B": role("r", DELETING)})
    assert found.verdict == "broken"


class TestTwoAccounts:
    """Across accounts both sides must allow."""

    @staticmethod
    def verdict(folder, declared, here, there):
        stacks = {"here": {"Resources": here}, "there": {"Resources": {"Reports": bucket(), **there}}}
        manifest = json.loads((write_assembly(folder, **stacks) / "manifest.json").read_text())
        manifest["artifacts"]["there"]["environment"] = f"aws://{OTHER}/eu-central-1"
        (folder / "manifest.json").write_text(json.dumps(manifest))
        (found,) = prove_invariants(read_assembly(folder), [declared])
        return found.verdict

    @pytest.mark.parametrize(
        ("here", "there", "verdict"),
        [
            pytest.param(
                {"A": user("a", DELETING)}, allowing_principal({"AWS": ACCOUNT}), "broken", id="both do"
            ),
            pytest.param(
                {"A": user("a")}, allowing_principal({"AWS": ACCOUNT}), "proved", id="the bucket's side alone"
            ),
            pytest.param(
                {"A": user("a", DELETING)}, {}, "undecided", id="the user's side alone, as far as known"
            ),
        ],
    )
    def test_a_bucket_of_the_other(self, tmp_path, here, there, verdict):
        assert self.verdict(tmp_path, never(), here, there) == verdict

    @pytest.mark.parametrize(
        ("statements", "verdict"),
        [
            pytest.param(
                [allow("sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/r")], "broken", id="the callers"
            ),
            pytest.param([], "proved", id="a user trusted by name without permission"),
        ],
    )
    def test_a_role_of_the_other(self, tmp_path, statements, verdict):
        there = {"R": role("r", DELETING, trust={"AWS": f"arn:aws:iam::{ACCOUNT}:user/a"})}
        assert self.verdict(tmp_path, never("user/a"), {"A": user("a", *statements)}, there) == verdict


OF_ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"


@pytest.mark.parametrize(
    ("declared", "resources"),
    [
        pytest.param(
            never(),
            {"R": role("r"), **allowing_principal({"AWS": OF_ROLE})},
            id="the bucket's policy names a role",
        ),
        pytest.param(
            never("role/r"),
            {"R": role("r"), **allowing_principal({"AWS": OF_ROLE})},
            id="the bucket's policy names it",
        ),
        pytest.param(
            always("role/r"),
            {"R": role("r", DELETING), "P": on_bucket(deny("s3:*", OBJECTS, Principal={"AWS": OF_ROLE}))},
            id="the bucket's policy denies it",
        ),
        pytest.param(
            never("user/a"),
            {
                "A": user("a", allow("sts:AssumeRole")),
                "R": role("r", DELETING, trust={"AWS": f"arn:aws:iam::{ACCOUNT}:user/a"}),
            },
            id="a trust names it",
        ),
    ],
)
def test_an_unknown_account_proves_nothing(tmp_path, declared, resources):
    template = tmp_path / "t.template.json"
    template.write_text(json.dumps({"Resources": BUCKET | resources}))
    (found,) = prove_invariants(read_assembly(template), [declared])
    assert found.verdict != "proved"


@pytest.mark.parametrize(
    "owner",
    [
        pytest.param({"Type": "AWS::New::Thing", "Properties": {"Policy": None}}, id="of an unknown type"),
        pytest.param(
            {"Type": "AWS::Backup::BackupVault", "Properties": {"AccessPolicy": None}}, id="of a vault"
        ),
    ],
)
def test_a_policy_on_an_unknown_identity_proves_nothing(tmp_path, owner):
    service = owner["Type"].split("::")[1].lower()
    policy = document(allow(f"{service}:*", Principal={"AWS": OF_ROLE}))
    given = {**owner, "Properties": dict.fromkeys(owner["Properties"], policy)}
    on = f"arn:aws:{service}:eu-central-1:{ACCOUNT}:thing/x"
    resources = {"R": role("r"), "It": given}
    assert result(tmp_path, never(can=f"{service}:Get", on=on), resources).verdict != "proved"
    assert (
        result(tmp_path, never(can="sqs:SendMessage", on="arn:aws:sqs:eu-central-1:1:q"), resources).verdict
        == "proved"
    )
