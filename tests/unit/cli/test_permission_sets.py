"""Permission sets of IAM Identity Center act like roles."""

import json

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import allow, document, resource

OBJECT = "arn:aws:s3:::b/x"
READING = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
ALLOWED, DENIED, OPEN = 0, 1, 3


GIVEN = {
    "To": resource(
        "SSO::Assignment",
        PermissionSetArn={"Fn::GetAtt": ["Ops", "PermissionSetArn"]},
        PrincipalType="GROUP",
        PrincipalId="g-1",
        TargetId="111111111111",
    )
}
ELSEWHERE = {"Name": "own", "Path": "/other/"}
HERE = {"Name": "own", "Path": "/x/"}


def ask(folder, *words, **properties):
    instance = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
    made = resource("SSO::PermissionSet", Name="ops", InstanceArn=instance, **properties)
    file = folder / "t.json"
    own = resource(
        "IAM::ManagedPolicy",
        ManagedPolicyName="own",
        Path="/x/",
        PolicyDocument=document(allow("s3:GetObject")),
    )
    others = {"U": resource("IAM::User", UserName="u"), "Own": own, **GIVEN}
    conditions = {"C": {"Fn::Equals": [{"Ref": "P"}, "a"]}}
    sections = {"Parameters": {"P": {"Type": "String"}}, "Conditions": conditions}
    file.write_text(json.dumps({"Resources": {"Ops": made, **others}, **sections}))
    return CliRunner().invoke(app, [*words, str(file)])


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        pytest.param({}, DENIED, id="nothing"),
        pytest.param({"InlinePolicy": document(allow("s3:GetObject"))}, ALLOWED, id="inline"),
        pytest.param({"InlinePolicy": json.dumps(document(allow("s3:*")))}, ALLOWED, id="inline, as text"),
        pytest.param({"InlinePolicy": document(allow("s3:Put*"))}, DENIED, id="something else"),
        pytest.param({"ManagedPolicies": [READING]}, ALLOWED, id="managed by AWS"),
        pytest.param(
            {"ManagedPolicies": [{"Fn::Sub": READING.replace("aws:iam", "${AWS::Partition}:iam")}]},
            ALLOWED,
            id="managed by AWS, in whichever partition",
        ),
        pytest.param({"ManagedPolicies": {"Fn::If": ["C", [READING], []]}}, OPEN, id="managed in one case"),
        pytest.param(
            {"ManagedPolicies": [{"Fn::If": ["C", READING, {"Ref": "AWS::NoValue"}]}]},
            OPEN,
            id="managed in one case, alone",
        ),
        pytest.param({"ManagedPolicies": ["arn:aws:iam::aws:policy/Unheard"]}, OPEN, id="not known"),
        pytest.param({"CustomerManagedPolicyReferences": [{"Name": "x"}]}, OPEN, id="the account's"),
        pytest.param(
            {
                "InlinePolicy": document(allow("s3:*")),
                "PermissionsBoundary": {"ManagedPolicyArn": "arn:aws:iam::aws:policy/AmazonEC2FullAccess"},
            },
            DENIED,
            id="outside of a boundary",
        ),
        pytest.param(
            {
                "InlinePolicy": document(allow("s3:*")),
                "PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": "b"}},
            },
            OPEN,
            id="within the account's boundary",
        ),
        pytest.param(
            {"InlinePolicy": document(allow("s3:*", {"Fn::Sub": "arn:aws:s3:::${AWS::StackName}/*"}))},
            DENIED,
            id="a name that AWS generates",
        ),
        pytest.param(
            {"CustomerManagedPolicyReferences": [HERE]}, ALLOWED, id="the account's, declared beside it"
        ),
        pytest.param(
            {"CustomerManagedPolicyReferences": [ELSEWHERE]}, OPEN, id="the account's, under another path"
        ),
        pytest.param(
            {
                "InlinePolicy": document(allow("s3:*")),
                "PermissionsBoundary": {"CustomerManagedPolicyReference": HERE},
            },
            ALLOWED,
            id="within a boundary that is declared beside it",
        ),
        pytest.param(
            {
                "InlinePolicy": document(allow("s3:Put*")),
                "PermissionsBoundary": {"CustomerManagedPolicyReference": HERE},
            },
            DENIED,
            id="grants nothing",
        ),
        pytest.param(
            {"InlinePolicy": document(allow("s3:*", {"Fn::ImportValue": "which"}))}, OPEN, id="any resource"
        ),
    ],
)
def test_reports_what_it_can_do(tmp_path, properties, code):
    assert ask(tmp_path, "can", "permissionset/ops", "s3:GetObject", OBJECT, **properties).exit_code == code


def test_explains_it_with_its_assignments(tmp_path):
    found = ask(tmp_path, "explain", "permissionset/ops", InlinePolicy=document(allow("s3:GetObject")))
    assert "  assigned to group g-1 in the account 111111111111 (" in found.output
    assert "can be assumed" not in found.output


def test_who_can_lists_it_with_its_statement(tmp_path):
    found = ask(tmp_path, "who-can", "s3:GetObject", OBJECT, InlinePolicy=document(allow("s3:*")))
    assert "1 can: 1 directly" in found.output
    assert "  permissionset/ops: directly" in found.output.splitlines()
    assert "t.json:1:" in found.output
    assert "    assigned to group g-1 in the account 111111111111" in found.output.splitlines()
    assert "keywright explain permissionset/ops" in found.output
