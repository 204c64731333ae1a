"""`who-can` lists external principals that resource-based policies allow."""

import json

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from tests.unit.cli.access import allow, document, resource, trust

OBJECT = "arn:aws:s3:::b/x"
OTHER = "222222222222"
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
ALLOWED, DENIED, OPEN = 0, 1, 3


def ask(folder, resources, action="s3:GetObject", on=OBJECT):
    file = folder / "t.json"
    file.write_text(json.dumps({"Resources": resources}))
    found = CliRunner().invoke(app, ["who-can", action, on, str(file), "--format", "json"])
    answers = json.loads(found.output)
    return found.exit_code, {each["principal"]["name"]: each["verdict"] for each in answers}


def shared(principal, on="arn:aws:s3:::b/*", **elements):
    statement = allow("s3:GetObject", on, Principal=principal, **elements)
    return {"P": resource("S3::BucketPolicy", Bucket="b", PolicyDocument=document(statement))}


@pytest.mark.parametrize(
    ("resources", "found"),
    [
        pytest.param(shared("*"), {"anybody": "allowed"}, id="public"),
        pytest.param(shared({"AWS": "*"}), {"anybody": "allowed"}, id="public, in other words"),
        pytest.param(shared("*", Condition=ORG), {"anybody": "undecided"}, id="an organization"),
        pytest.param(
            shared("*", Condition={"StringEquals": {"aws:PrincipalAccount": OTHER}}),
            {"anybody": "undecided"},
            id="any principal that meets a condition",
        ),
        pytest.param(shared("*", on="arn:aws:s3:::b/public/*"), {}, id="public elsewhere"),
        pytest.param(
            shared({"Service": "cloudtrail.amazonaws.com"}),
            {"cloudtrail.amazonaws.com": "allowed"},
            id="a service",
        ),
        pytest.param(shared({"AWS": OTHER}), {f"somebody of {OTHER}": "undecided"}, id="another account"),
        pytest.param(
            shared({"AWS": f"arn:aws:iam::{OTHER}:user/eve"}),
            {f"arn:aws:iam::{OTHER}:user/eve": "undecided"},
            id="a user of another account",
        ),
        pytest.param(shared({"AWS": {"Ref": "AWS::AccountId"}}), {}, id="its own account"),
    ],
)
def test_lists_principals_that_a_bucket_policy_allows(tmp_path, resources, found):
    codes = {"allowed": ALLOWED, "undecided": OPEN}
    code = codes[next(iter(found.values()))] if found else DENIED
    assert ask(tmp_path, resources) == (code, found)


@pytest.mark.parametrize("on", ["arn:aws:s3:::b/*", "arn:aws:s3:::*"])
def test_a_pattern_finds_what_is_public(tmp_path, on):
    assert ask(tmp_path, shared("*", on="arn:aws:s3:::b/public/*"), on=on) == (
        ALLOWED,
        {"anybody": "allowed"},
    )


def test_lists_external_principals_that_can_assume_a_role(tmp_path):
    principal = {"Service": "ec2.amazonaws.com", "AWS": [OTHER, {"Ref": "AWS::AccountId"}]}
    role = {"R": resource("IAM::Role", RoleName="r", AssumeRolePolicyDocument=trust(principal))}
    found = {"ec2.amazonaws.com": "allowed", f"somebody of {OTHER}": "undecided"}
    assert ask(tmp_path, role, "sts:AssumeRole", "role/r") == (ALLOWED, found)


@pytest.mark.parametrize(
    ("who", "resources", "code"),
    [
        pytest.param("*", shared("*"), ALLOWED, id="anybody"),
        pytest.param("anybody", shared("*"), ALLOWED, id="anybody, by name"),
        pytest.param("*", shared({"AWS": OTHER}), DENIED, id="not anybody"),
        pytest.param("*", shared("*", Condition=ORG), OPEN, id="anybody of an organization"),
        pytest.param(OTHER, shared({"AWS": OTHER}), OPEN, id="an account, if its policies allow"),
        pytest.param("333333333333", shared({"AWS": OTHER}), DENIED, id="another account"),
        pytest.param("s3.amazonaws.com", shared({"Service": "s3.amazonaws.com"}), ALLOWED, id="a service"),
        pytest.param(
            "sns.amazonaws.com", shared({"Service": "s3.amazonaws.com"}), DENIED, id="another service"
        ),
        pytest.param("nobody", shared("*"), 2, id="no name"),
    ],
)
def test_an_external_principal_can_be_asked_about(tmp_path, who, resources, code):
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": resources}))
    found = CliRunner().invoke(app, ["can", who, "s3:GetObject", OBJECT, str(file)])
    assert found.exit_code == code
    assert "explain" not in found.output
