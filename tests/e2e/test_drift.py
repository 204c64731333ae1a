"""One deployed account that somebody changes by hand, and what `keywright drift` reports of each change."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from keywright.sandbox.account import Sandbox
from tests.e2e.world import World
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e

ACCOUNT, REGION, PATH = "111111111111", "eu-central-1", "/access/"
DECLARED = """
account: {id: "111111111111", region: eu-central-1, handover: writers, password_policy: {}}
buckets:
  reports: {}
groups:
  readers:
    grants: [{s3: [list, read], bucket: reports, prefix: monthly/}]
  writers:
    grants: [{s3: [write], bucket: reports, prefix: monthly/}]
users:
  alice:
    person: {email: alice@acme.example}
    groups: [readers]
    console: true
  bob:
    person: {email: bob@acme.example}
    groups: [readers]
  carol:
    person: {email: carol@acme.example}
  scanner:
    application: {because: the machine cannot assume a role, review: 2027-05-01}
    access_keys: [{serial: 1, issued: 2026-11-01}]
    grants: [{s3: [list, read], bucket: reports, prefix: scans/}]
  printer:
    application: {because: the machine cannot assume a role, review: 2027-05-01}
    access_keys: [{serial: 1, issued: 2026-11-01}]
    grants: [{s3: [list, read], bucket: reports, prefix: scans/}]
  archiver:
    application: {because: the machine cannot assume a role, review: 2027-05-01}
    access_keys: [{serial: 1, issued: 2026-11-01}]
    grants: [{s3: [list, read], bucket: reports, prefix: scans/}]
  counter:
    application: {because: the machine cannot assume a role, review: 2027-05-01}
    access_keys: [{serial: 1, issued: 2026-11-01}]
    grants: [{s3: [list, read], bucket: reports, prefix: scans/}]
roles:
  auditor:
    trusts: [{group: readers, mfa: {within: 1h}}]
    grants: [{s3: [list], bucket: reports}]
workloads:
  web: {ec2: {launch: none}, grants: [{s3: [read], bucket: reports, prefix: web/}]}
"""


@dataclass
class Company:
    """The world, and what the command says about it."""

    world: World

    @property
    def iam(self) -> Any:
        return self.world.client("iam")

    def drift(self, code: int, *words: str) -> str:
        reached = {name: None for name in os.environ if name.startswith("AWS_")}
        assembly = self.world.sandbox.state / "cdk.out"
        done = keywright(
            "drift", str(assembly), *words, environment=reached | self.world.sandbox.environment()
        )
        assert done.returncode == code, done.output.decode()
        return done.stdout.decode()

    def found(self) -> dict[str, tuple[str, str]]:
        """Give the direction of each drift, and everything that is said about it."""
        report = json.loads(self.drift(1, "--format", "json"))
        assert report["undecided"] == []
        return {each["name"]: (each["direction"], json.dumps(each)) for each in report["drift"]}

    def grants(self, user: str) -> Any:
        return self.iam.get_user_policy(UserName=user, PolicyName="grants")["PolicyDocument"]

    def write(self, user: str, statements: list[Any]) -> None:
        document = json.dumps({"Statement": statements, "Version": "2012-10-17"}, indent=3)
        self.iam.put_user_policy(UserName=user, PolicyName="grants", PolicyDocument=document)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("drift")
    (folder / "access").mkdir()
    (folder / "access" / "access.yaml").write_text(DECLARED)
    with Sandbox(tmp_path_factory.mktemp("drift-account"), ACCOUNT, REGION) as sandbox:
        world = World(sandbox, folder / "access", date(2026, 11, 24))
        world.deploy()
        yield Company(world)
        world.close()


def test_changes_by_hand_are_told_with_their_direction(company: Company) -> None:
    iam = company.iam
    assert "none" in company.drift(0)

    declared = {name: company.grants(name) for name in ("scanner", "printer", "archiver")}
    statements = [
        {**each, "Action": [each["Action"]] if isinstance(each["Action"], str) else each["Action"][::-1]}
        for each in reversed(declared["scanner"]["Statement"])
    ]
    more = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::other/*"}
    # The same meaning in other words, more, and less.
    company.write("archiver", [*statements])
    company.write("scanner", [*declared["scanner"]["Statement"], more])
    company.write("printer", declared["printer"]["Statement"][:1])
    iam.add_user_to_group(UserName="alice", GroupName="writers")
    iam.remove_user_from_group(UserName="bob", GroupName="mfa-guard")
    boundary = iam.get_user(UserName="carol")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    iam.delete_user_permissions_boundary(UserName="carol")
    trust = iam.get_role(RoleName="auditor")["Role"]["AssumeRolePolicyDocument"]
    other = {"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "sts:AssumeRole"}
    wider_trust = {**trust, "Statement": [*trust["Statement"], other]}
    iam.update_assume_role_policy(RoleName="auditor", PolicyDocument=json.dumps(wider_trust))
    key = iam.create_access_key(UserName="counter")["AccessKey"]["AccessKeyId"]
    iam.create_user(UserName="mallory", Path=PATH)
    iam.add_user_to_group(UserName="mallory", GroupName="writers")

    expected = {
        "user/scanner": ("can do more", "s3:PutObject"),
        "user/printer": ("can do less", "--revert-drift"),
        "user/alice": ("can do more", "remove-user-from-group --user-name alice --group-name writers"),
        "user/bob": ("can do more", "add-user-to-group --user-name bob --group-name mfa-guard"),
        "user/carol": ("is no longer limited", boundary),
        "role/auditor": ("can do more", "999999999999"),
        "user/counter": ("can do more", key),
        "user/mallory": ("is not declared", "s3:PutObject"),
    }
    found = company.found()
    assert {name: direction for name, (direction, _) in found.items()} == {
        name: direction for name, (direction, _) in expected.items()
    }
    assert all(says in found[name][1] for name, (_, says) in expected.items())
    # A deployment of the same templates undoes none of it.
    company.world.deploy()
    assert company.found().keys() == expected.keys()
    # What was only edited in the declarations is told apart: that the next deployment changes.
    company.world.edit("access.yaml", "prefix: web/", "prefix: pages/")
    company.world.deployment().synthesize()
    pending = {name for name, (_, said) in company.found().items() if '"is_pending": true' in said}
    assert [name.rpartition("/")[2] for name in pending] == ["web"]
