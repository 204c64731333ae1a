"""An answer is undecided where it depends on the deployment, and decided where every case gives the same result."""

import json

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import allow, document, inline, resource, trust

ALLOWED, DENIED, OPEN = 0, 1, 3
S3_FULL, IAM_FULL = (f"arn:aws:iam::aws:policy/{name}FullAccess" for name in ("AmazonS3", "IAM"))
NOTHING = {"Ref": "AWS::NoValue"}
PARAMETER = {"Ref": "P"}
ROOT = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}


def conditionally(value, otherwise=NOTHING):
    return {"Fn::If": ["Production", value, otherwise]}


def when(one, condition="Production"):
    return one | {"Condition": condition}


def deny(action, on="*", **elements):
    return allow(action, on, **elements) | {"Effect": "Deny"}


def user(*statements, **properties):
    policies = {"Policies": inline(*statements)} if statements else {}
    return resource("IAM::User", UserName="u", **policies, **properties)


def group(*statements):
    return resource("IAM::Group", GroupName="g", Policies=inline(*statements))


def bucket_policy(statement):
    return resource("S3::BucketPolicy", Bucket="b", PolicyDocument=document(statement | {"Principal": "*"}))


def role(principal):
    return resource("IAM::Role", RoleName="r", AssumeRolePolicyDocument=trust(principal))


def ask(folder, resources, action="s3:GetObject", on="arn:aws:s3:::b/x", context=()):
    file = folder / "t.json"
    conditions = {"Production": {"Fn::Equals": [PARAMETER, "x"]}, "Never": {"Fn::Equals": ["a", "b"]}}
    parameters = {"P": {"Type": "String"}}
    template = {"Parameters": parameters, "Conditions": conditions, "Resources": resources}
    file.write_text(json.dumps(template))
    options = [part for each in context for part in ("--context", each)]
    return CliRunner().invoke(app, ["can", "user/u", action, on, str(file), *options]).exit_code


@pytest.mark.parametrize(
    ("resources", "code"),
    [
        pytest.param(
            {"U": user(Policies=conditionally(inline(allow("s3:*"))))}, OPEN, id="all inline policies"
        ),
        pytest.param(
            {"U": user(Policies=[conditionally(inline(allow("s3:*"))[0])])}, OPEN, id="one inline policy"
        ),
        pytest.param(
            {
                "U": user(
                    Policies=[
                        conditionally(inline(allow("iam:*"))[0]),
                        {"PolicyName": "p", "PolicyDocument": document(allow("s3:*"))},
                    ]
                )
            },
            ALLOWED,
            id="another inline policy",
        ),
        pytest.param({"U": user(conditionally(allow("s3:GetObject")))}, OPEN, id="a statement that allows"),
        pytest.param(
            {"U": user(allow("s3:*"), conditionally(deny("s3:GetObject")))},
            OPEN,
            id="a statement that denies",
        ),
        pytest.param(
            {"U": user(conditionally(deny("s3:PutObject")), allow("s3:*"))},
            ALLOWED,
            id="a denial of something else",
        ),
        pytest.param(
            {"U": user(ManagedPolicyArns=conditionally([S3_FULL]))}, OPEN, id="all attached policies"
        ),
        pytest.param({"U": user(ManagedPolicyArns=[conditionally(S3_FULL)])}, OPEN, id="one attached policy"),
        pytest.param(
            {"U": user(ManagedPolicyArns=[conditionally(IAM_FULL), S3_FULL])},
            ALLOWED,
            id="another attached policy",
        ),
        pytest.param(
            {"U": user(allow("s3:*"), PermissionsBoundary=conditionally(IAM_FULL))}, OPEN, id="a boundary"
        ),
        pytest.param(
            {"U": user(allow("s3:*"), PermissionsBoundary=conditionally(IAM_FULL, S3_FULL))},
            OPEN,
            id="one of two boundaries",
        ),
        pytest.param(
            {"U": user(Groups=conditionally([{"Ref": "G"}])), "G": group(allow("s3:*"))},
            OPEN,
            id="a membership",
        ),
        pytest.param(
            {"U": user(allow("s3:*"), Groups=conditionally([{"Ref": "G"}])), "G": group(deny("s3:*"))},
            OPEN,
            id="a membership that denies",
        ),
        pytest.param(
            {
                "U": user(),
                "P1": when(
                    resource(
                        "IAM::Policy",
                        PolicyName="p",
                        Users=[{"Ref": "U"}],
                        PolicyDocument=document(allow("s3:*")),
                    )
                ),
            },
            OPEN,
            id="a policy's resource",
        ),
        pytest.param(
            {
                "U": when(user()),
                "P1": when(
                    resource(
                        "IAM::Policy",
                        PolicyName="p",
                        Users=[{"Ref": "U"}],
                        PolicyDocument=document(allow("s3:*")),
                    )
                ),
            },
            ALLOWED,
            id="a policy's resource, there wherever the user is",
        ),
        pytest.param(
            {"U": user(allow("s3:*")), "B": when(bucket_policy(deny("s3:*")))}, OPEN, id="a bucket's denial"
        ),
        pytest.param(
            {"U": user(), "B": when(bucket_policy(allow("s3:*")))}, OPEN, id="a bucket's permission"
        ),
        pytest.param(
            {"U": user(allow("s3:*")), "B": when(bucket_policy(deny("s3:*")), "Never")},
            ALLOWED,
            id="a bucket's denial that is never deployed",
        ),
        pytest.param({"U": when(user(allow("s3:*")))}, ALLOWED, id="the user itself"),
    ],
)
def test_conditions_of_the_template(tmp_path, resources, code):
    assert ask(tmp_path, resources) == code


FROM_A_NETWORK = ("aws:SourceVpc=vpc-1",)


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        pytest.param(
            [allow("s3:*", Condition={"StringEquals": {"aws:SourceVpc": PARAMETER}})], OPEN, id="equals it"
        ),
        pytest.param(
            [allow("s3:*", Condition={"StringEquals": {"aws:SourceVpc": ["vpc-1", PARAMETER]}})],
            ALLOWED,
            id="equals it or what is known",
        ),
        pytest.param(
            [allow("s3:*", Condition={"StringNotEquals": {"aws:SourceVpc": ["vpc-1", PARAMETER]}})],
            DENIED,
            id="equals neither it nor what is known",
        ),
        pytest.param(
            [allow("s3:*", Condition={"StringNotEquals": {"aws:SourceVpc": ["vpc-2", PARAMETER]}})],
            OPEN,
            id="equals neither it nor something else",
        ),
        pytest.param(
            [allow("s3:*"), deny("s3:*", Condition={"StringEquals": {"aws:SourceVpc": PARAMETER}})],
            OPEN,
            id="is denied where equal",
        ),
        pytest.param([allow("s3:*", {"Fn::Sub": "arn:aws:s3:::${P}/*"})], OPEN, id="a resource"),
        pytest.param(
            [allow("s3:*"), deny("s3:*", {"Fn::Sub": "arn:aws:s3:::${P}/*"})], OPEN, id="a denied resource"
        ),
        pytest.param(
            [allow("s3:*"), deny("iam:*", {"Fn::Sub": "arn:aws:iam::${P}:user/*"})],
            ALLOWED,
            id="a description that does not matter",
        ),
    ],
)
def test_a_parameter(tmp_path, statements, code):
    assert ask(tmp_path, {"U": user(*statements)}, context=FROM_A_NETWORK) == code


@pytest.mark.parametrize(
    ("principal", "code"),
    [
        pytest.param({"AWS": PARAMETER}, OPEN, id="a parameter"),
        pytest.param(
            {"AWS": {"Fn::Sub": "arn:aws:iam::${P}:root"}}, OPEN, id="an account that is a parameter"
        ),
        pytest.param(ROOT, ALLOWED, id="the unknown account"),
        pytest.param({"AWS": {"Fn::GetAtt": ["U", "Arn"]}}, ALLOWED, id="the user"),
        pytest.param({"AWS": {"Fn::GetAtt": ["Other", "Arn"]}}, DENIED, id="another user"),
        pytest.param({"Service": PARAMETER}, DENIED, id="a service"),
    ],
)
def test_who_a_role_trusts(tmp_path, principal, code):
    resources = {"U": user(allow("sts:AssumeRole")), "R": role(principal), "Other": resource("IAM::User")}
    assert ask(tmp_path, resources, "sts:AssumeRole", "role/r") == code


def test_an_account_without_declaration_separates_no_arns(tmp_path):
    own = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/r"}
    resources = {"U": user(allow("sts:AssumeRole", own)), "R": role(ROOT)}
    assert ask(tmp_path, resources, "sts:AssumeRole", "role/r") == ALLOWED


BOTH, EITHER = "arn:aws:s3:::b/*", "arn:aws:s3:::other/*"


@pytest.mark.parametrize(
    ("resources", "says"),
    [
        pytest.param(
            {"U": user(allow("s3:GetObject", conditionally(BOTH, EITHER)))},
            ["allowed where `P` is `x`", "implicitly-denied where `P` is not `x`"],
            id="one case allows",
        ),
        pytest.param(
            {"U": user(allow("s3:*"), conditionally(deny("s3:*"), allow("iam:*")))},
            ["explicitly-denied where `P` is `x`", "allowed where `P` is not `x`"],
            id="one case denies",
        ),
        pytest.param(
            {"U": user(allow("s3:GetObject", conditionally(BOTH, "arn:aws:s3:::b/x")))},
            ["whatever the template's conditions are"],
            id="each case allows",
        ),
        pytest.param(
            {
                "U": when(user()),
                "P": when(
                    resource(
                        "IAM::UserPolicy",
                        UserName="u",
                        PolicyName="p",
                        PolicyDocument=document(allow("s3:*")),
                    ),
                    "Other",
                ),
            },
            [
                "allowed where `Other` holds and `P` is `x`",
                "not-deployed where `Other` holds and `P` is not `x`",
                "implicitly-denied where `Other` does not hold and `P` is `x`",
                "not-deployed where `Other` does not hold and `P` is not `x`",
            ],
            id="two conditions",
        ),
        pytest.param(
            {"U": user(allow("s3:GetObject", BOTH, Condition={"Bool": {"aws:SecureTransport": "true"}}))},
            [],
            id="no condition of the template",
        ),
    ],
)
def test_reports_which_case_decides(tmp_path, resources, says):
    ask(tmp_path, resources)
    words = ["can", "user/u", "s3:GetObject", "arn:aws:s3:::b/x", str(tmp_path / "t.json")]
    lines = CliRunner().invoke(app, words).output.splitlines()
    assert [line.strip() for line in lines if " where " in line or "conditions are" in line] == says


def test_json_has_the_cases(tmp_path):
    ask(tmp_path, {"U": user(allow("s3:GetObject", conditionally(BOTH, EITHER)))})
    words = [
        "can",
        "user/u",
        "s3:GetObject",
        "arn:aws:s3:::b/x",
        str(tmp_path / "t.json"),
        "--format",
        "json",
    ]
    assert json.loads(CliRunner().invoke(app, words).output)["cases"] == [
        {"verdict": "allowed", "where": "where `P` is `x`"},
        {"verdict": "implicitly-denied", "where": "where `P` is not `x`"},
    ]


NAMED, LIKE = PARAMETER, {"Fn::Sub": "${P}-admin"}


def policy_of(user, statement):
    return resource("IAM::Policy", PolicyName="x", Users=[user], PolicyDocument=document(statement))


def joining(user):
    return resource("IAM::UserToGroupAddition", GroupName="g", Users=[user])


@pytest.mark.parametrize(
    ("resources", "code"),
    [
        pytest.param({"U": user(), "X": policy_of(NAMED, allow("s3:*"))}, OPEN, id="may allow"),
        pytest.param({"U": user(), "X": policy_of(LIKE, allow("s3:*"))}, DENIED, id="of another name"),
        pytest.param({"U": user(), "X": policy_of("u", allow("s3:*"))}, ALLOWED, id="of the user"),
        pytest.param({"U": user(allow("s3:*")), "X": policy_of(NAMED, deny("s3:*"))}, OPEN, id="may deny"),
        pytest.param(
            {"U": user(allow("s3:*")), "X": policy_of(NAMED, deny("iam:*"))},
            ALLOWED,
            id="a description that does not matter",
        ),
        pytest.param(
            {
                "U": user(),
                "X": resource("IAM::ManagedPolicy", Users=[NAMED], PolicyDocument=document(allow("s3:*"))),
            },
            OPEN,
            id="a managed policy may allow",
        ),
        pytest.param(
            {"U": user(), "G": group(allow("s3:*")), "X": joining(NAMED)}, OPEN, id="may be in a group"
        ),
        pytest.param(
            {"U": user(), "G": group(allow("s3:*")), "X": joining(LIKE)}, DENIED, id="is in no group"
        ),
        pytest.param(
            {
                "U": user(Groups=["g"]),
                "G": group(),
                "X": resource(
                    "IAM::Policy", PolicyName="x", Groups=[NAMED], PolicyDocument=document(allow("s3:*"))
                ),
            },
            OPEN,
            id="its group may be allowed",
        ),
        pytest.param(
            {"U": user(), "Other": resource("IAM::User", UserName=NAMED, Policies=inline(allow("s3:*")))},
            DENIED,
            id="another user's own policy",
        ),
    ],
)
def test_the_owner_of_a_policy_decides(tmp_path, resources, code):
    assert ask(tmp_path, resources, context=FROM_A_NETWORK) == code
