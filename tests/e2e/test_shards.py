"""An account over several stacks: it grows without moving users, and a group with members in other stacks can be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from keywright.cli.main import app
from keywright.live.passes.deployed import existing_stacks, stacks_by_name
from keywright.live.verification.verify import verify
from keywright.model.reading import read
from keywright.reporting.finding import Severity
from keywright.sandbox.account import Sandbox
from keywright.sandbox.deployment import StepFailed
from tests.e2e.world import ACCOUNT, REGION, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

pytestmark = pytest.mark.e2e

TEAM = [f"member-{number}" for number in range(6)]
FIRST = f"""
account: {{id: "{ACCOUNT}", region: {REGION}, handover: readers}}
buckets:
  reports: {{}}
  drafts: {{}}
groups:
  readers: {{grants: [{{s3: [read], bucket: reports}}]}}
  writers: {{grants: [{{s3: [write], bucket: reports}}]}}
policies:
  shared: {{grants: [{{s3: [list], bucket: reports}}]}}
roles:
  operate:
    trusts: [{{group: readers}}]
    grants: [{{s3: [read], bucket: reports}}]
    policies: [{{managed: policy/shared, because: several list the same bucket}}]
  relay:
    trusts: [{{role: watch}}]
    grants: [{{s3: [read], bucket: drafts}}]
  watch:
    trusts: [{{group: readers}}]
    policies: [{{managed: policy/shared, because: whoever watches lists it too}}]
"""
SHARED = f"arn:aws:iam::{ACCOUNT}:policy/access/shared"


@pytest.fixture(scope="module")
def world(today: date, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Six people over four stacks, their groups over two."""
    folder = tmp_path_factory.mktemp("shards")
    access = folder / "access"
    access.mkdir()
    (access / "account.yaml").write_text(FIRST)
    (access / "people.yaml").write_text(people(TEAM, "[readers, writers]"))
    for kind, stacks in (("people", "4"), ("groups", "2"), ("roles", "2"), ("buckets", "2")):
        assert spread(kind, stacks, access, today) == 0
    declared = read(access, today)
    assert declared.declarations is not None, declared.findings
    with Sandbox(folder / "sandbox", ACCOUNT, REGION) as sandbox:
        made = World(sandbox, access, today)
        made.deploy()
        yield made
        made.close()


def people(names: list[str], groups: str) -> str:
    lines = (
        f"  {name}: {{person: {{email: {name}@acme.example}}, groups: {groups}, console: true}}\n"
        for name in names
    )
    return f"users:\n{''.join(lines)}"


def spread(kind: str, stacks: str, access: Path, today: date, **environment: str) -> int:
    """Spread; with an environment, by what is deployed in the account."""
    words = ["spread", kind, stacks, str(access), "--today", str(today), *(["--live"] if environment else [])]
    return CliRunner(env=environment).invoke(app, words).exit_code


def stacks_of(world: World, kind: str = "AWS::IAM::User") -> dict[str, str]:
    """Return the stack of each user, or of each resource of another kind, that CloudFormation made."""
    formation = world.client("cloudformation")
    return {
        resource["PhysicalResourceId"]: stack["StackName"]
        for stack in formation.describe_stacks()["Stacks"]
        for resource in formation.list_stack_resources(StackName=stack["StackName"])["StackResourceSummaries"]
        if resource["ResourceType"] == kind
    }


def unique_ids(world: World) -> dict[str, str]:
    return {user["UserName"]: user["UserId"] for user in world.client("iam").list_users()["Users"]}


def differences(world: World) -> list[Any]:
    declared = read(world.access, world.today).declarations
    assert declared is not None
    return [each for each in verify(declared, world.client("iam")) if each.severity is Severity.ERROR]


def test_a_shared_policy_is_attached_as_declared(world: World) -> None:
    held = world.client("iam").list_attached_role_policies(RoleName="operate")["AttachedPolicies"]
    assert [each["PolicyArn"] for each in held] == [SHARED]


def test_users_declared_before_stay_in_the_first_stack(world: World) -> None:
    assert set(stacks_of(world).values()) == {"access-people"}
    assert differences(world) == []


def test_new_users_are_created_in_the_new_stacks_and_nobody_moves(world: World) -> None:
    before = unique_ids(world)
    newcomers = [f"newcomer-{number}" for number in range(8)]
    (world.access / "people.yaml").write_text(people(TEAM + newcomers, "[readers, writers]"))
    world.deploy()
    live, stacks = unique_ids(world), stacks_of(world)
    assert {name: live[name] for name in before} == before
    assert {stacks[name] for name in newcomers} <= {"access-people-1", "access-people-2", "access-people-3"}
    assert {stacks[name] for name in TEAM} == {"access-people"}
    assert differences(world) == []


def test_a_first_sign_in_works_in_every_stack(world: World) -> None:
    assert world.complete_onboarding("newcomer-0")
    assert world.complete_onboarding("member-0")


def changed_at(world: World, stack: str) -> datetime:
    (found,) = world.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return found["LastUpdatedTime"]


def test_users_removed_from_the_list_do_not_move(world: World) -> None:
    shards, before = (world.access / "shards.yaml").read_text(), unique_ids(world)
    world.edit("shards.yaml", '        - "member-3"\n', "")
    with pytest.raises(StepFailed, match="user/member-3"):
        world.deploy()
    (world.access / "shards.yaml").write_text(shards)
    assert unique_ids(world) == before


def test_adding_another_stack_moves_nobody(world: World) -> None:
    before, stacks = unique_ids(world), stacks_of(world)
    world.edit("account.yaml", "shared: {grants: [{s3: [list], ", "shared: {grants: [{s3: [list, read], ")
    world.edit(
        "account.yaml",
        "    policies: [{managed: policy/shared, because: whoever watches lists it too}]\n",
        "    grants: [{s3: [list], bucket: reports}]\n",
    )
    text = (world.access / "people.yaml").read_text()
    last = people([f"late-{number}" for number in range(4)], "[readers]").removeprefix("users:\n")
    (world.access / "people.yaml").write_text(text + last)
    assert spread("people", "6", world.access, world.today, **world.sandbox.environment()) == 0
    world.deploy()
    now = stacks_of(world)
    assert {name: now[name] for name in stacks} == stacks
    assert {now[f"late-{number}"] for number in range(4)} <= {"access-people-4", "access-people-5"}
    assert {name: unique_ids(world)[name] for name in before} == before
    assert differences(world) == []


def test_detaches_a_shared_policy_before_the_policy_gains(world: World) -> None:
    """The previous deployment has both changes: its first pass makes the one, its second the other."""
    attached = world.client("iam").list_attached_role_policies(RoleName="watch")["AttachedPolicies"]
    assert attached == []
    stack = stacks_of(world, "AWS::IAM::Role")["watch"]
    assert changed_at(world, stack) < changed_at(world, "access-data")


def test_deletes_a_group_and_a_shared_policy_that_others_used(world: World) -> None:
    before = unique_ids(world)
    text = (world.access / "people.yaml").read_text()
    (world.access / "people.yaml").write_text(text.replace("[readers, writers]", "[readers]"))
    world.edit("account.yaml", "  writers: {grants: [{s3: [write], bucket: reports}]}\n", "")
    world.edit("account.yaml", "policies:\n  shared: {grants: [{s3: [list, read], bucket: reports}]}\n", "")
    world.edit(
        "account.yaml",
        "    policies: [{managed: policy/shared, because: several list the same bucket}]\n",
        "",
    )
    world.deploy()
    with pytest.raises(ClientError, match="NoSuchEntity"):
        world.client("iam").get_group(GroupName="writers")
    with pytest.raises(ClientError, match="NoSuchEntity"):
        world.client("iam").get_policy(PolicyArn=SHARED)
    assert unique_ids(world) == before
    assert differences(world) == []


def test_deletes_a_bucket_and_a_role_that_others_used(world: World) -> None:
    """Also a removed user, and everybody in the last stacks, which stay empty."""
    text = (world.access / "people.yaml").read_text()
    kept = [
        line for line in text.splitlines(keepends=True) if "newcomer-0:" not in line and "late-" not in line
    ]
    (world.access / "people.yaml").write_text("".join(kept))
    before, stacks = unique_ids(world), stacks_of(world)
    world.edit("account.yaml", "  drafts: {}\n", "")
    world.edit(
        "account.yaml",
        "    trusts: [{role: watch}]\n    grants: [{s3: [read], bucket: drafts}]\n",
        "    trusts: [{group: readers}]\n    grants: [{s3: [read], bucket: reports}]\n",
    )
    world.edit(
        "account.yaml",
        "  watch:\n    trusts: [{group: readers}]\n    grants: [{s3: [list], bucket: reports}]\n",
        "",
    )
    world.deploy()
    gone = {"newcomer-0", *(f"late-{number}" for number in range(4))}
    assert unique_ids(world) == {name: each for name, each in before.items() if name not in gone}
    assert set(stacks_of(world, "AWS::IAM::Role")) >= {"operate", "relay"}
    assert "watch" not in stacks_of(world, "AWS::IAM::Role")
    emptied = {stacks[name] for name in gone} - set(stacks_of(world).values())
    assert emptied
    assert emptied <= set(existing_stacks(world.client("cloudformation")))
    assert set(stacks_by_name("people", world.client("cloudformation")).values()).isdisjoint(emptied)
    assert differences(world) == []
