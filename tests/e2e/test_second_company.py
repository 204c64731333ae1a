"""A second company, unlike the sample in every name and number, from its first deployment through five small edits.

Each edit is one that a team makes every week. Every output on the way is compared with a golden file in
`tests/golden/second_company/`, which a person has read; `KEYWRIGHT_GOLDEN=write` writes them anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from contextlib import chdir
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from access_stacks import app
from keywright.model.reading import read
from keywright.sandbox.account import Sandbox
from keywright.sandbox.client import clock
from keywright.sandbox.client.issuer import Issuer
from keywright.sandbox.up.proof import prove
from tests.e2e.world import World, error_of, keys_of, refused
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.world import Keys

pytestmark = pytest.mark.e2e

ACCOUNT, REGION, HARBOUR = "604938271550", "eu-north-1", "718205539146"
GOLDEN = Path(__file__).parents[1] / "golden" / "second_company"
TODAY = date(2026, 11, 24)


@dataclass
class Company:
    """The company's repository, the account it deploys to, and all that its commands printed."""

    world: World
    folder: Path
    printed: list[str] = field(default_factory=list)
    assemblies: list[str] = field(default_factory=list)

    def run(self, *words: str, expected: int = 0) -> str:
        """Run a command in the repository and return what it prints."""
        reached = {name: None for name in os.environ if name.startswith("AWS_")}
        done = keywright(*words, folder=self.folder, environment=reached | self.world.sandbox.environment())
        text = done.output.decode()
        self.printed.append(text)
        assert done.returncode == expected, text
        return text

    def synthesize(self) -> str:
        """Synthesize as for a real account, and return the assembly's folder."""
        output = f"cdk-{len(self.assemblies)}.out"
        environment = self.world.deployment().context() | {"CDK_OUTDIR": str(self.folder / output)}
        context = json.loads(environment["CDK_CONTEXT_JSON"]) | {"access": "access", "sandbox": "false"}
        environment["CDK_CONTEXT_JSON"] = json.dumps(context)
        with chdir(self.folder):
            assert app.run(environment) == 0
        self.assemblies.append(output)
        return output

    def commit(self, subject: str) -> None:
        git = ("git", "-c", "user.name=Helga", "-c", "user.email=helga@fjordline.example")
        subprocess.run([*git, "add", "access"], cwd=self.folder, check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", subject], cwd=self.folder, check=True)

    def change(self, name: str, *, widens: bool) -> None:
        """Validate, synthesize, check, review, deploy and verify one edit; compare each output with its golden file."""
        compared(self.run("validate", "access", "--strict", *today()), f"{name}/validate.txt")
        before, after = self.assemblies[-1], self.synthesize()
        compared(self.run("check", after, "--strict", *today()), f"{name}/check.txt")
        review = self.run("review", before, after, *today(), expected=int(widens))
        compared(review, f"{name}/review.md")
        self.world.deploy()
        compared(self.run("verify", "access", *today()), f"{name}/verify.txt")
        self.commit(name)


def today() -> tuple[str, str]:
    return "--today", TODAY.isoformat()


def compared(text: str, golden: str) -> None:
    """Compare with the golden file; KEYWRIGHT_GOLDEN=write writes it anew, to be read in the difference."""
    file = GOLDEN / golden
    text = re.sub(r"cdk-\d+\.out", "cdk.out", text)
    if os.environ.get("KEYWRIGHT_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("fjordline")
    shutil.copytree(GOLDEN / "access", folder / "access")
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main"], cwd=folder, check=True)
    # The account's own state lies outside the repository, whose every file is searched for secrets.
    state = tmp_path_factory.mktemp("fjordline-account")
    with Sandbox(state, ACCOUNT, REGION) as sandbox:
        made = Company(World(sandbox, folder / "access", TODAY, path="/staff/"), folder)
        made.commit("Declare the account")
        made.synthesize()
        made.world.deploy()
        for name, key in (("manifests", "bookings/berth-7.csv"), ("manifests", "plans/hold-2.csv")):
            made.world.client("s3").put_object(Bucket=bucket(name), Key=key, Body=b"cargo")
        yield made
        made.world.close()


def bucket(declared: str) -> str:
    return f"{declared}-{ACCOUNT}-{REGION}-an"


BOOKING = {"Bucket": bucket("manifests"), "Key": "bookings/berth-7.csv"}
PLAN = {"Bucket": bucket("manifests"), "Key": "plans/hold-2.csv"}


# --- the first day -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("golden", "words"),
    [
        ("validate.txt", ("validate", "access", "--strict", *today())),
        ("check.txt", ("check", "cdk-0.out", "--strict", *today())),
        ("verify.txt", ("verify", "access", *today())),
        ("exceptions.txt", ("exceptions", "access", *today())),
        ("onboard-astrid.md", ("onboard", "astrid", *today())),
        ("onboard-gate-camera.md", ("onboard", "gate-camera", *today())),
        ("partner-harbour-authority.md", ("partner", "harbour-authority", *today())),
        ("who-can.txt", ("who-can", "s3:PutObject", "bucket/charts", "cdk-0.out")),
        ("explain-liv.txt", ("explain", "user/liv", "cdk-0.out")),
    ],
)
def test_the_first_day(company: Company, golden: str, words: tuple[str, ...]) -> None:
    compared(company.run(*words), f"first_day/{golden}")


def test_the_compliance_report(company: Company) -> None:
    compared(company.run("compliance", "cdk-0.out", *today()), "first_day/compliance.txt")


def test_the_access_map_names_everybody(company: Company) -> None:
    company.run("map", "cdk-0.out", "--output", "map.html")
    page = (company.folder / "map.html").read_text()
    assert all(name in page for name in company.world.users())


def test_instances_read_by_their_role_alone(company: Company) -> None:
    declarations = read(company.world.access, TODAY).declarations
    assert declarations is not None
    proofs = prove(declarations, company.world.sandbox)
    assert proofs
    assert [proof.sentence for proof in proofs if not proof.passed] == []


# --- roles, from inside and outside --------------------------------------------------------------------------------


def test_the_partner_assumes_its_role_by_the_external_id(company: Company) -> None:
    world = company.world
    partner = user_of(world, HARBOUR)
    assert world.client("s3", world.assume("harbour-authority", partner, ExternalId="fjordline-berths-5c21"))
    role = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/staff/harbour-authority", "RoleSessionName": "berths"}
    session = world.assume("harbour-authority", partner, ExternalId="fjordline-berths-5c21")
    assert world.client("s3", session).get_object(**BOOKING)["Body"].read() == b"cargo"
    assert refused(world.client("s3", session).get_object, **PLAN)
    assert refused(world.client("sts", partner).assume_role, **role)
    assert refused(world.client("sts", partner).assume_role, **role, ExternalId="fjordline-berths-5c22")


def user_of(world: World, account: str) -> Keys:
    """Return the keys of a user in another account who is allowed to assume every role that trusts it."""
    iam = world.client("iam", (account, world.root_keys[1]))
    iam.create_user(UserName="berths")
    document = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
    iam.put_user_policy(
        UserName="berths",
        PolicyName="assume",
        PolicyDocument=json.dumps({"Version": "2012-10-17"} | document),
    )
    key = iam.create_access_key(UserName="berths")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def test_the_pipeline_assumes_its_role_from_its_branch_alone(company: Company) -> None:
    world, issuer = company.world, Issuer("https://token.actions.githubusercontent.com")
    issuer.register(world.sandbox.endpoint)
    request = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/staff/release-charts", "RoleSessionName": "run"}

    def token(branch: str) -> str:
        subject = f"repo:fjordline@77120/charts@551903:ref:refs/heads/{branch}"
        return issuer.token(aud="sts.amazonaws.com", sub=subject)

    federate = world.client("sts", ()).assume_role_with_web_identity
    assert refused(federate, **request, WebIdentityToken=token("draft"))
    storage = world.client("s3", keys_of(federate(**request, WebIdentityToken=token("main"))))
    assert storage.put_object(Bucket=bucket("charts"), Key="released/north-sea.s57", Body=b"x")
    assert refused(storage.get_object, **BOOKING)


def test_a_captain_repairs_the_account_in_an_emergency(company: Company) -> None:
    world = company.world
    session = world.assume("emergency", world.complete_onboarding("astrid"))
    assert world.client("iam", session).list_users()["Users"]


def test_a_membership_ends_by_the_clock(company: Company) -> None:
    """An authenticator never shows a code again, so only Ivar lives through this winter."""
    world = company.world
    assert world.client("s3", world.complete_onboarding("ivar")).get_object(**PLAN)
    clock.set_time(world.sandbox.endpoint, datetime(2027, 3, 1, 0, 0, 1, tzinfo=UTC))
    try:
        assert refused(world.client("s3", world.sign_in("ivar")).get_object, **PLAN)
    finally:
        clock.unset(world.sandbox.endpoint)


# --- five small edits ----------------------------------------------------------------------------------------------


def test_a_person_joins(company: Company) -> None:
    company.world.edit(
        "crew.yaml",
        "  magnus:\n",
        "  nils:\n    person: {email: nils@fjordline.example}\n    groups: [navigators]\n    console: true\n  magnus:\n",
    )
    company.change("joins", widens=True)
    assert company.world.complete_onboarding("nils")


def test_a_person_leaves_a_group(company: Company) -> None:
    world = company.world
    session = world.complete_onboarding("jorunn")
    assert world.client("s3", session).get_object(**PLAN)
    world.edit("crew.yaml", "groups: [people-office, cargo-planners]", "groups: [people-office]")
    company.change("leaves_a_group", widens=False)
    assert refused(world.client("s3", session).get_object, **PLAN)


def test_a_person_leaves_the_company(company: Company) -> None:
    world = company.world
    session = world.complete_onboarding("knut")
    lines = (
        "  knut:\n    person: {email: knut@fjordline.example}\n    groups: [navigators]\n    console: true\n"
    )
    world.edit("crew.yaml", lines, "")
    company.change("leaves", widens=False)
    assert "knut" not in world.users()
    assert error_of(world.client("s3", session).list_buckets)


def test_a_key_rotates(company: Company) -> None:
    compared(company.run("rotate", "gate-camera", *today()), "rotates/rotate.txt")
    company.change("rotates", widens=True)  # a second credential
    keys = company.world.secret("keywright/access-key/gate-camera/2")
    camera = company.world.client("s3", (keys["access_key_id"], keys["secret_access_key"]))
    assert camera.put_object(Bucket=bucket("telemetry"), Key="gate/1.jpg", Body=b"x")


def test_the_prefix_of_a_workload_changes(company: Company) -> None:
    company.world.edit(
        "ships.yaml", "bucket: charts, prefix: incoming/}", "bucket: charts, prefix: surveys/}"
    )
    company.change("prefix", widens=True)


def test_all_five_edits_fit_on_a_screen(company: Company) -> None:
    review = company.run("review", company.assemblies[0], company.assemblies[-1], *today(), expected=1)
    compared(review, "five_edits.md")
    assert len(visible(review)) <= 40
    assert len(review.split("<details>")[0].strip().splitlines()) <= 15


def visible(page: str) -> list[str]:
    """Return the lines that a reader sees before opening anything: `<details>` show their summary."""
    shown, depth = [], 0
    for line in page.splitlines():
        if line.strip() and depth == 0:
            shown.append(line)
        depth += line.count("<details>") - line.count("</details>")
    return shown


# --- secrets -------------------------------------------------------------------------------------------------------


def test_no_secret_is_anywhere_outside_the_account(company: Company) -> None:
    """Neither in templates, reports and git, nor in stack events, outputs and logs of the account."""
    world = company.world
    manager = world.client("secretsmanager")
    names = [each["Name"] for each in manager.list_secrets()["SecretList"]]
    held = [world.secret(name) for name in names]
    values = [each.get("password") or each["secret_access_key"] for each in held]
    assert len(values) == len(set(values)) == 12 + 3
    formation, logs = world.client("cloudformation"), world.client("logs")
    shown = [*company.printed, world.sandbox.log_file.read_text()]
    shown += [path.read_text(errors="replace") for path in company.folder.rglob("*") if path.is_file()]
    history = subprocess.run(
        ["git", "log", "--patch", "--all"], cwd=company.folder, check=True, capture_output=True, text=True
    )
    shown.append(history.stdout)
    for stack in formation.describe_stacks()["Stacks"]:
        shown.append(json.dumps(stack, default=str))
        shown.append(json.dumps(formation.describe_stack_events(StackName=stack["StackName"]), default=str))
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    shown += [json.dumps(logs.filter_log_events(logGroupName=name)["events"]) for name in groups]
    assert not [value for value in values if any(value in text for text in shown)]
