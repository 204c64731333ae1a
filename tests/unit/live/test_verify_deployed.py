"""What the stacks deploy is what verify expects: the sample account, deployed completely."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from access_stacks.compose import compose
from access_stacks.inputs import StackInputs
from keywright.live.verification.verify import verify
from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.reporting.finding import Severity
from keywright.sandbox.account import Sandbox
from tests.constructs.furnished_user import furnish
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def declarations(root, today):
    reading = read(root / "access", today)
    assert reading.declarations, reading.findings
    return in_force(reading.declarations, today).declarations


def templates(declarations, folder, outdir):
    """Synthesize the sandbox's variant of all stacks, in the order of their deployment."""
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(outdir),
        context={"@aws-cdk/core:enablePartitionLiterals": True},
    )
    compose(app, StackInputs(declarations, folder, sandbox=True))
    return {each.stack_name: each.template["Resources"] for each in app.synth().stacks}


@pytest.fixture(scope="module")
def cloud(declarations, root, tmp_path_factory):
    outdir = tmp_path_factory.mktemp("assembly")
    with Sandbox(tmp_path_factory.mktemp("deployed"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        for name, resources in templates(declarations, root / "access", outdir).items():
            outcome = cloud.deploy(resources, name)
            assert outcome.status == "CREATE_COMPLETE", (name, outcome)
        yield cloud
        cloud.close()


def test_the_account_is_as_declared_and_people_have_yet_to_enrol(cloud, declarations):
    findings = verify(declarations, cloud.iam)
    assert {finding.severity for finding in findings} == {Severity.ADVICE}
    at_the_console = sorted(name for name, user in declarations.users.items() if user.console)
    assert [finding.message for finding in findings] == [
        f"user `{name}` has no MFA device yet" for name in at_the_console
    ]


def test_manual_changes_are_found(cloud, declarations):
    cloud.iam.create_group(GroupName="elsewhere")
    furnish(cloud, "bob", group="elsewhere", login=False)
    found = {
        finding.message for finding in verify(declarations, cloud.iam) if finding.severity is Severity.ERROR
    }
    assert found == {
        "user `bob` has credentials that are not declared",
        "user `bob` has a managed policy that its declaration does not list",
        "user `bob` has an inline policy that its declaration does not list",
        "user `bob` is a person with access keys",
        "user `bob` is in a group that its declaration does not list",
    }
