"""The sample in every partition of the CDK, with the ARNs, addresses and bucket names of the partition."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from keywright.model.reading import read
from keywright.model.sheets.sign_in import sign_in_sheet
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from keywright.model.declarations import Declarations

PARTITIONS = {
    "eu-central-1": ("aws", "signin.aws.amazon.com"),
    "cn-north-1": ("aws-cn", "signin.amazonaws.cn"),
    "us-gov-west-1": ("aws-us-gov", "signin.amazonaws-us-gov.com"),
}
SERVICES = {"ec2.amazonaws.com", "lambda.amazonaws.com", "logging.s3.amazonaws.com"}
"""The same in every partition, as CDK's `standardizedServicePrincipals` has them."""


def templates(
    root: Path, folder: Path, today: date, region: str, audiences: str = ""
) -> tuple[Any, Declarations]:
    import aws_cdk as cdk

    from access_stacks.compose import compose
    from access_stacks.inputs import StackInputs

    access = shutil.copytree(root / "access", folder / "access")
    account, federation = access / "account.yaml", access / "federation.yaml"
    account.write_text(account.read_text().replace("eu-central-1", region))
    federation.write_text(federation.read_text().replace("{oidc: github}", f"{{oidc: github{audiences}}}"))
    reading = read(access, today)
    assert reading.declarations is not None, "\n".join(map(str, reading.findings))
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(folder / "cdk.out"),
        context=json.loads((root / "cdk.json").read_text())["context"],
    )
    compose(app, StackInputs(reading.declarations, access, lock=reading.lock))
    return {stack.stack_name: stack.template for stack in app.synth().stacks}, reading.declarations


@pytest.mark.parametrize("region", PARTITIONS)
def test_everything_is_in_the_partition_of_the_region(
    root: Path, tmp_path: Path, today: date, region: str
) -> None:
    partition, host = PARTITIONS[region]
    found, declarations = templates(root, tmp_path, today, region)
    text = json.dumps(found)
    assert set(re.findall(r"arn:([a-z-]+):", text)) == {partition}
    assert set(re.findall(r'"Service": "([^"]+)"', text)) == SERVICES
    assert set(re.findall(r"https://[^\"]*signin[^\"]*", text)) == {
        f"https://{host}/saml",
        f"https://{region}.{host}/saml",
    }
    assert set(re.findall(r"[a-z]+-[0-9]{12}-([a-z0-9-]+)-an", text)) == {region}
    assert set(re.findall(r"arn:[a-z-]+:[a-z0-9]+:([a-z]+-[a-z0-9-]+):", text)) == {region}
    assert f"https://acme-reporting.{host}/console" in sign_in_sheet("alice", declarations)


def test_trusts_workflows_with_the_declared_audiences(root: Path, tmp_path: Path, today: date) -> None:
    """Workflows in China request tokens for `sts.amazonaws.com.cn`."""
    for_china = ", audiences: [sts.amazonaws.com.cn]"
    found, _ = templates(root, tmp_path, today, "cn-north-1", for_china)
    roles = found["access-roles"]["Resources"]
    (statement,) = roles["Role0deployer"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    issuer = "token.actions.githubusercontent.com"
    assert statement["Condition"]["StringEquals"][f"{issuer}:aud"] == "sts.amazonaws.com.cn"
    (provider,) = (each for each in roles.values() if each["Type"] == "AWS::IAM::OIDCProvider")
    assert provider["Properties"]["ClientIdList"] == ["sts.amazonaws.com.cn"]


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-central-1", "aws"),
        ("cn-northwest-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_a_region_determines_its_partition(region: str, partition: str) -> None:
    assert partition_of(region) == partition
