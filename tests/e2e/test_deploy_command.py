"""`keywright deploy`, `up` and `down` as a person runs them, in a project of one's own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import boto3
import pytest

from keywright.sandbox.account import Sandbox
from keywright.sandbox.deployment import POLL_OFTEN
from keywright.sandbox.removal import remove

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

ACCOUNT, REGION = "111111111111", "eu-central-1"
KEYWRIGHT = [sys.executable, "-m", "keywright"]
DECLARED = """\
account: {id: "111111111111", region: eu-central-1, password_policy: {}, handover: team, break_glass: role/rescue}
buckets: {reports: {}}
groups:
  team: {}
  analysts:
    grants:
      - {s3: [list, read], bucket: reports, prefix: monthly/}
users:
  alice: {person: {email: alice@acme.example}, groups: [team, analysts], console: true}
  bob: {person: {email: bob@acme.example}, groups: [analysts], console: true}
roles:
  rescue:
    trusts: [{group: team, mfa: {within: 15m}}]
    policies: [{managed: AdministratorAccess, because: somebody must always be able to administer}]
"""
EXCEPTIONS = "".join(
    f"""\
  - {{rule: {rule}, on: role/rescue, finding: "{found}", because: the role for emergencies, until: 2027-06-30}}
"""
    for rule, found in {
        "AwsSolutions-IAM4": "Policy::arn:aws:iam::aws:policy/AdministratorAccess",
        "LIF001": "no PermissionsBoundary",
        "POL013": "AdministratorAccess",
    }.items()
)


@pytest.fixture(scope="module")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an app and declarations, like a checkout of one's own."""
    project = tmp_path_factory.mktemp("project")
    (project / "app.py").write_text((root / "app.py").read_text())
    settings = json.loads((root / "cdk.json").read_text()) | {"app": f"'{sys.executable}' -O app.py"}
    (project / "cdk.json").write_text(json.dumps(settings))
    (project / "node_modules").symlink_to(root / "node_modules")
    (project / "access").mkdir()
    (project / "access" / "all.yaml").write_text(f"{DECLARED}exceptions:\n{EXCEPTIONS}")
    return project


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("account"), ACCOUNT, REGION) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def environment(sandbox: Sandbox) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    return kept | sandbox.environment() | {"NODE_OPTIONS": POLL_OFTEN, "CDK_VALIDATION": "false"}


def run(project: Path, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [*KEYWRIGHT, *words]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def deploy(project: Path, environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return run(project, environment, "deploy", "--today", "2026-11-24", *options)


def client(sandbox: Sandbox, service: str):
    known = sandbox.environment()
    return boto3.client(
        service,
        endpoint_url=sandbox.endpoint,
        region_name=REGION,
        aws_access_key_id=known["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=known["AWS_SECRET_ACCESS_KEY"],
    )


def test_deploys_nothing_where_the_account_cannot_be_reached(
    project: Path, environment: dict[str, str]
) -> None:
    done = deploy(project, environment | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"account {ACCOUNT}: the account cannot be reached; found Could not connect"
    )
    assert not (project / "cdk.out").exists()


def test_keeps_a_folder_that_is_no_assembly(project: Path, environment: dict[str, str]) -> None:
    done = deploy(project, environment, "--output", "access")
    assert (done.returncode, done.stderr) == (
        2,
        (
            "access: is not replaced; found a folder or file that is not an assembly; "
            "accepted: a new folder, or one that `cdk synth` wrote\n"
        ),
    )
    assert (project / "access" / "all.yaml").exists()


def test_a_failure_is_explained_and_what_exists_is_verified(
    project: Path, environment: dict[str, str], sandbox: Sandbox
) -> None:
    iam = client(sandbox, "iam")
    iam.create_user(UserName="bob")
    # What an earlier, killed run left is not deployed.
    (project / "cdk.first").mkdir()
    (project / "cdk.first" / "manifest.json").write_text("not an assembly")
    done = deploy(project, environment)
    assert done.returncode == 1
    assert "User with name bob already exists" in done.stdout + done.stderr
    assert "user `alice` is declared but does not exist" in done.stdout
    assert done.stderr.splitlines()[-2:] == [
        (
            "stack `access-people` was not created and is empty; before it can be deployed again: `aws cloudformation "
            "update-termination-protection --no-enable-termination-protection --stack-name access-people`"
        ),
        (
            "not deployed: CloudFormation rolled back the stack that failed, and stacks deployed before it stay; correct "
            "the cause, which the CDK printed above, and run `keywright deploy` again"
        ),
    ]
    iam.delete_user(UserName="bob")
    client(sandbox, "cloudformation").update_termination_protection(
        EnableTerminationProtection=False, StackName="access-people"
    )


def test_an_interrupted_deployment_leaves_nothing_in_the_project(
    project: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    command = [*KEYWRIGHT, "deploy", "--today", "2026-11-24"]
    scratch = environment | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, cwd=project, env=scratch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        assert running.stdout is not None
        printed = ""
        for line in running.stdout:
            printed += line
            if "deploying..." in line:
                running.send_signal(signal.SIGINT)
                break
        printed += running.stdout.read()
    assert running.returncode == 130
    assert "the deployment was interrupted: CloudFormation still finishes" in printed
    assert "Traceback" not in printed
    assert not list(tmp_path.glob("keywright-deploy-*"))


def test_deploys_and_verifies(project: Path, environment: dict[str, str]) -> None:
    done = deploy(project, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-2:] == [
        (
            f"account {ACCOUNT}: advice: 2 users have no MFA device yet; found `alice`, `bob`; "
            "accepted: a passkey or an authenticator app; until then every other action is denied"
        ),
        f"account {ACCOUNT} is as declared",
    ]


def test_removes_access_in_a_first_pass(project: Path, environment: dict[str, str], sandbox: Sandbox) -> None:
    file = project / "access" / "all.yaml"
    declared = file.read_text().replace(
        "prefix: monthly/}", "prefix: monthly/}\n      - {s3: [read], bucket: reports, prefix: yearly/}"
    )
    file.write_text(declared.replace("groups: [analysts], console", "console"))
    done = deploy(project, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    passes = [line for line in done.stdout.splitlines() if line.startswith(("pass ", "access-people: group"))]
    assert passes == [
        "access-people: group `analysts` gains access in the second pass, after its members have left; new members join then",
        "pass 1 of 2",
        "pass 2 of 2",
    ]
    groups = client(sandbox, "iam").list_groups_for_user(UserName="bob")["Groups"]
    assert [each["GroupName"] for each in groups] == ["mfa-guard"]


def test_up_deploys_into_the_sandbox_and_down_removes_it(project: Path, environment: dict[str, str]) -> None:
    kept = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    try:
        up = run(project, kept, "up", "--today", "2026-11-24")
        assert up.returncode == 0, up.stdout + up.stderr
        assert "✓ Verify that the identities that exist are those declared" in up.stdout
        assert "Stop: keywright down" in up.stdout
        down = run(project, kept, "down")
        assert down.returncode == 0
        assert down.stdout.splitlines()[1:] == ["removed .sandbox"]
    finally:
        list(remove(project / ".sandbox"))
