"""What the permission sets allow in the sandbox account, which evaluates policies independently."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from keywright.live.verification.verify import verify
from keywright.model.identity_center import Assignment
from keywright.model.reading import read
from keywright.sandbox.account import Sandbox
from keywright.sandbox.client import clock
from keywright.sandbox.client.console import choose
from keywright.sandbox.client.control import ControlRefused
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud
from tests.stacks.guardrail_reports import checked_synthesis
from tests.stacks.test_identity_center import DECLARED, STACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from keywright.model.declarations import Declarations

pytestmark = pytest.mark.e2e

ANALYSTS = "906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
EVE = "906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f51"
ALICE = "906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f59"
BUCKET = f"reports-{ACCOUNT}-{REGION}-an"
TWIN = "Analyst.2027-01-31"


@pytest.fixture(scope="module")
def live(
    root: Path, today: date, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Cloud, dict[str, Any]]]:
    """Return the account with boundary, policies, bucket, permission sets, and the resources of the last."""
    folder = tmp_path_factory.mktemp("center")
    stacks = checked_synthesis(root / DECLARED, root, today, folder / "cdk.out")["stacks"]
    resources = {
        stack: {name: each for name, each in template["Resources"].items() if name != "Kept"}
        for stack, template in stacks.items()
    }
    boundaries = {
        name: each
        for name, each in resources["access-account"].items()
        if name.startswith("ManagedPolicy0keywrightX2dboundary")
    }
    with Sandbox(folder, ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        s3 = cloud.client("s3")
        assert cloud.deploy(boundaries, "access-account").status == "CREATE_COMPLETE"
        assert cloud.deploy(resources["access-data"], "access-data").status == "CREATE_COMPLETE"
        for key in ("monthly/one", "yearly/one", "shared/one"):
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"text")
        assert cloud.deploy(resources[STACK], STACK).status == "CREATE_COMPLETE"
        yield cloud, resources[STACK]
        cloud.close()


def client(cloud: Cloud, service: str, permission_set: str, user: str, *groups: str) -> Any:
    chosen = choose(cloud.endpoint, permission_set, account=ACCOUNT, user=user, groups=groups)
    return cloud.client(service, (chosen.access_key_id, chosen.secret_access_key, chosen.session_token))


def is_allowed(call: Any, **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as refused:
        assert refused.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        return False
    return True


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "allowed"),
    [
        ("s3", "get_object", {"Bucket": BUCKET, "Key": "monthly/one"}, True),
        ("s3", "get_object", {"Bucket": BUCKET, "Key": "shared/one"}, True),
        ("s3", "get_object", {"Bucket": BUCKET, "Key": "yearly/one"}, False),
        ("s3", "put_object", {"Bucket": BUCKET, "Key": "drafts/one"}, True),
        ("s3", "delete_object", {"Bucket": BUCKET, "Key": "monthly/one"}, False),
        ("iam", "create_user", {"UserName": "mallory"}, False),
        ("sqs", "list_queues", {}, False),
    ],
    ids=str,
)
def test_an_analyst_can(
    live: tuple[Cloud, Any], service: str, operation: str, arguments: dict[str, Any], allowed: bool
) -> None:
    found = client(live[0], service, "Analyst", ALICE, ANALYSTS)
    assert is_allowed(getattr(found, operation), **arguments) is allowed


def test_a_user_without_groups_has_no_assignments(live: tuple[Cloud, Any]) -> None:
    for name in ("Analyst", TWIN, "Auditor", "Elsewhere"):
        with pytest.raises(ControlRefused, match="ForbiddenException"):
            client(live[0], "s3", name, ALICE)


def test_an_assignment_expires_and_the_others_stay(live: tuple[Cloud, Any]) -> None:
    cloud = live[0]
    ending, going_on = client(cloud, "s3", TWIN, EVE), client(cloud, "s3", "Analyst", ALICE, ANALYSTS)
    asked = {"Bucket": BUCKET, "Key": "monthly/one"}
    assert is_allowed(ending.get_object, **asked)
    clock.set_time(cloud.endpoint, datetime(2027, 2, 1, tzinfo=UTC))
    try:
        assert not is_allowed(ending.get_object, **asked)
        assert is_allowed(going_on.get_object, **asked)
    finally:
        clock.unset(cloud.endpoint)


def test_account_denials_apply_without_the_boundary(live: tuple[Cloud, Any]) -> None:
    auditor = client(live[0], "iam", "Auditor", EVE)
    assert is_allowed(auditor.list_users)
    auditor.meta.events.register("before-sign.iam", _without_tls)
    assert not is_allowed(auditor.list_users)


def _without_tls(request: Any, **_: Any) -> None:
    request.headers["x-forwarded-proto"] = "http"


def findings(
    cloud: Cloud, root: Path, today: date, edit: Callable[[Declarations], dict[str, Any]]
) -> list[str]:
    """Return the permission sets that change with an edit of the declarations."""
    declared = read(root / DECLARED, today).declarations
    assert declared is not None
    found = verify(declared.model_copy(update=edit(declared)), cloud.iam)
    return sorted(f"{each.severity}: {each.message}" for each in found if "permission set `" in each.message)


def test_the_assigned_principals_are_the_declared_ones(
    live: tuple[Cloud, Any], root: Path, today: date
) -> None:
    """Removing a section removes its stack from the assembly, but nothing deletes the deployed stack."""
    assert findings(live[0], root, today, lambda _: {}) == []
    gone = {"identity_center": None, "permission_sets": {}, "assignments": ()}
    left = [
        f"permission set `{name}` is assigned in this account, but nothing here declares the assignment"
        for name in ("Analyst", TWIN)
    ]
    assert findings(live[0], root, today, lambda _: gone) == sorted(f"advice: {each}" for each in left)
    emptied = {key: each for key, each in gone.items() if key != "identity_center"}
    assert findings(live[0], root, today, lambda _: emptied) == sorted(f"error: {each}" for each in left)
    here = Assignment(permission_set="Elsewhere", groups=("analysts",))
    assert findings(live[0], root, today, lambda each: {"assignments": (*each.assignments, here)}) == [
        "error: permission set `Elsewhere` is assigned in this account but has no role in it"
    ]


def test_removing_a_line_removes_the_access(live: tuple[Cloud, Any]) -> None:
    cloud, resources = live
    without = {name: each for name, each in resources.items() if ANALYSTS.replace("-", "X2d") not in name}
    assert len(without) < len(resources)
    assert cloud.deploy(without, STACK).status == "UPDATE_COMPLETE"
    with pytest.raises(ControlRefused, match="ForbiddenException"):
        client(cloud, "s3", "Analyst", ALICE, ANALYSTS)
    assert is_allowed(client(cloud, "s3", TWIN, EVE).get_object, Bucket=BUCKET, Key="monthly/one")
