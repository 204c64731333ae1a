"""`keywright deployer` as a command: its output, files and exit code."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.unit.cli.in_process import keywright
from tests.unit.deployer.assemblies import ACCOUNT, assembly, boundary, resource, role

GIVEN = {"Limit": boundary(), "R": role("r"), "Admin": role("admin", PermissionsBoundary=None)}


@pytest.fixture
def cdk_out(tmp_path):
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    assembly(folder, GIVEN)
    return folder


def test_prints_required_permissions_and_protected_resources(cdk_out):
    done = keywright("deployer", str(cdk_out))
    assert done.returncode == 0
    text = done.stdout.decode()
    assert "keywright-deployer: " in text
    assert "Admin (AWS::IAM::Role): no permissions boundary limits it" in text
    assert "Undecided" not in text


@pytest.mark.parametrize(("form", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_prints_the_template(cdk_out, form, read):
    done = keywright("deployer", str(cdk_out), "--format", form)
    template = read(done.stdout.decode())
    assert template["Resources"]["KeywrightDeployer"]["Properties"]["Path"] == "/keywright/"
    assert b"&id" not in done.stdout


@pytest.mark.parametrize("name", ["deployer.yaml", "deployer.yml", "deployer.json"])
def test_writes_the_template_and_accepts_it(cdk_out, tmp_path, name):
    file = tmp_path / name
    assert keywright("deployer", str(cdk_out), "--output", str(file)).returncode == 0
    done = keywright("deployer", str(cdk_out), "--check", str(file))
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [
        "keywright-deployer: fits",
        "keywright-founder: fits",
        "keywright-deploy: fits",
    ]


@pytest.mark.parametrize(
    ("now", "found"),
    [
        pytest.param(
            {**GIVEN, "Second": role("second")}, "keywright-deployer: lacks `iam:", id="another role"
        ),
        pytest.param(
            {"Limit": boundary(), "Admin": GIVEN["Admin"]},
            "keywright-deployer: also allows `iam:",
            id="one less",
        ),
    ],
)
def test_an_outdated_bootstrap_is_a_finding(cdk_out, tmp_path, now, found):
    file = tmp_path / "deployer.yaml"
    keywright("deployer", str(cdk_out), "--output", str(file))
    assembly(cdk_out, now)
    done = keywright("deployer", str(cdk_out), "--check", str(file))
    assert done.returncode == 1
    assert found in done.stdout.decode()


ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}],
}


@pytest.mark.parametrize(
    ("of", "properties", "found"),
    [
        pytest.param("Deployer", {"AssumeRolePolicyDocument": ANYBODY}, "`sts:AssumeRole`", id="trust"),
        pytest.param("Founder", {"AssumeRolePolicyDocument": ANYBODY}, "`sts:AssumeRole`", id="of the bootstrap role"),
        pytest.param("Pipeline", {"AssumeRolePolicyDocument": ANYBODY}, "`sts:AssumeRole`", id="workflow's"),
        pytest.param("Pipeline", {"PermissionsBoundary": {"Ref": "AWS::NoValue"}, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}, "`", id="workflow"),
        pytest.param("Founder", {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/New"]}, "lacks", id="less"),
    ],
)  # fmt: skip
def test_a_changed_bootstrap_is_a_finding(cdk_out, tmp_path, of, properties, found):
    file = tmp_path / "deployer.json"
    keywright("deployer", str(cdk_out), "--github", "repo:a/b:environment:c", "--output", str(file))
    template = json.loads(file.read_text())
    template["Resources"][f"Keywright{of}"]["Properties"] |= properties
    file.write_text(json.dumps(template))
    done = keywright("deployer", str(cdk_out), "--check", str(file))
    assert done.returncode == 1
    assert any(f"-{of.lower()}: " in line and found in line for line in done.stdout.decode().splitlines())


def test_an_unknown_policy_leaves_a_bootstrap_undecided(cdk_out, tmp_path):
    file = tmp_path / "deployer.json"
    keywright("deployer", str(cdk_out), "--output", str(file))
    template = json.loads(file.read_text())
    held = template["Resources"]["KeywrightDeployer"]["Properties"]["ManagedPolicyArns"]
    held.append("arn:aws:iam::aws:policy/New")
    file.write_text(json.dumps(template))
    done = keywright("deployer", str(cdk_out), "--check", str(file))
    assert done.returncode == 3
    assert "the policy `arn:aws:iam::aws:policy/New` is not known" in done.stdout.decode()


def test_a_new_role_under_the_path_needs_no_new_bootstrap(cdk_out, tmp_path):
    file = tmp_path / "deployer.yaml"
    keywright("deployer", str(cdk_out), "--by-path", "--output", str(file))
    assembly(cdk_out, {**GIVEN, "Second": role("second")})
    assert keywright("deployer", str(cdk_out), "--by-path", "--check", str(file)).returncode == 0


def test_an_unknown_type_is_undecided_and_reported(cdk_out):
    assembly(cdk_out, {**GIVEN, "X": resource("AWS::Budgets::Budget")})
    done = keywright("deployer", str(cdk_out))
    assert done.returncode == 3
    assert (
        "the CloudFormation registry lists no handlers for its type; found `AWS::Budgets::Budget`"
        in done.stdout.decode()
    )
    assert b"AWS::Budgets::Budget" in keywright("deployer", str(cdk_out), "--format", "yaml").stderr


def test_writes_each_policy_to_a_file(cdk_out, tmp_path):
    keywright("deployer", str(cdk_out), "--policies", str(tmp_path / "policies"))
    caller = json.loads((tmp_path / "policies" / "keywright-deploy.json").read_text())
    assert f"arn:aws:iam::{ACCOUNT}:role/keywright/keywright-deployer" in json.dumps(caller)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(["no-such"], "no-such: there is no such file or folder", id="no assembly"),
        pytest.param(
            ["cdk.out", "--check", "no-such.yaml"], "no-such.yaml: there is no such file", id="no template"
        ),
        pytest.param(
            ["cdk.out", "--check", "cdk.out/stack.template.json"],
            "not a template of `keywright deployer`; found no `keywright-deployer`",
            id="another template",
        ),
        pytest.param(
            ["cdk.out", "--github", "repo:acme/*:ref:x"], "is not the subject of a workflow's token", id="any"
        ),
        pytest.param(["cdk.out", "--output", "x.txt"], "`x.txt` has an unknown format", id="no format"),
        pytest.param(["cdk.out", "--output", "no/where.yaml"], "cannot be written", id="nowhere"),
        pytest.param(
            ["cdk.out", "--check", "a.yaml", "--output", "b.yaml"], "compares and writes nothing", id="both"
        ),
    ],
)
def test_refuses(cdk_out, words, message):
    done = keywright("deployer", *words, folder=cdk_out.parent)
    assert done.returncode == 2
    error_text = " ".join(done.stderr.decode().replace("\u2502", " ").split())
    assert message in error_text


def test_refuses_resources_at_the_path_of_the_bootstrap(tmp_path):
    assembly(tmp_path, {**GIVEN, "Mine": role("mine", Path="/team/keywright/")})
    done = keywright("deployer", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.decode().endswith(
        "`IAM::Role Mine` is under the path of the roles of `keywright deployer`, which they cannot change; "
        "found `/team/keywright/`; accepted: a path without `/keywright/`\n"
    )


def test_a_review_reports_that_the_bootstrap_must_be_updated_first(cdk_out, tmp_path):
    file, head = tmp_path / "deployer.yaml", tmp_path / "head"
    keywright("deployer", str(cdk_out), "--output", str(file))
    head.mkdir()
    assembly(head, {**GIVEN, "Second": role("second")})
    words = ("review", str(cdk_out), str(head), "--deployer", str(file), "--format", "json")
    notes = json.loads(keywright(*words).stdout)["notes"]
    assert [(each["about"], each["name"]) for each in notes] == [
        ("deployer", "keywright-deployer"),
        ("deployer", "keywright-founder"),
    ]
    assert notes[0]["says"].startswith("lacks `iam:")
    assert notes[0]["says"].endswith(": update the deployer's template before this is deployed")
    assert json.loads(keywright(*words[:2], str(cdk_out), *words[3:]).stdout)["notes"] == []
    bad = keywright(*words[:3], "--deployer", str(cdk_out / "stack.template.json"))
    assert bad.returncode == 2
    assert b"accepted: what `keywright deployer` wrote" in bad.stderr


def test_a_workflow_deploys_as_a_role_of_its_own(cdk_out, tmp_path):
    subject, file = "repo:acme/shop:environment:production", tmp_path / "deployer.json"
    keywright("deployer", str(cdk_out), "--github", subject, "--output", str(file))
    made = json.loads(file.read_text())["Resources"]["KeywrightPipeline"]["Properties"]
    (statement,) = made["AssumeRolePolicyDocument"]["Statement"]
    issuer = "token.actions.githubusercontent.com"
    assert statement["Condition"]["StringEquals"] == {
        f"{issuer}:aud": "sts.amazonaws.com",
        f"{issuer}:sub": subject,
    }
    assert made["ManagedPolicyArns"] == [{"Ref": "KeywrightDeploy"}]
    assert keywright("deployer", str(cdk_out), "--check", str(file)).returncode == 0
    refused = {"TRU001", "TRU003", "TRU004", "TRU005", "TRU009"}
    message = keywright("check", str(file)).stdout.decode()
    assert not [each for each in refused if each in message]
