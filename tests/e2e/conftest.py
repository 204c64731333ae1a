"""One sandbox and one deployment for the whole story."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from keywright.model.reading import read
from keywright.sandbox.account import Sandbox
from keywright.sandbox.up.existing import create_existing
from tests.e2e.world import ACCOUNT, REGION, World, bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

NEWCOMERS = """  hugo:
    person: {email: hugo@acme.example}
    groups: [analysts, {name: operators, until: 2027-01-31}]
    console: true
  erin:
    person: {email: erin@acme.example}
    groups: [analysts]
    grants: [{s3: [read], bucket: archive, prefix: 2025/}]
    because: she answers for the old archive until it is closed
    console: true
"""


DELEGATED = """\
delegations:
  team-a: {to: [role/operate], grants: [{s3: [read], bucket: reports, prefix: monthly/}]}
"""


@pytest.fixture(scope="module")
def world(root: Path, today: date, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An account that has things in it already, with the sample and two people more deployed into it."""
    folder = tmp_path_factory.mktemp("story")
    access = shutil.copytree(root / "access", folder / "access")
    with Sandbox(folder / "sandbox", ACCOUNT, REGION) as sandbox:
        made = World(sandbox, access, today)
        made.edit("people.yaml", "users:\n", f"users:\n{NEWCOMERS}")
        (access / "delegations.yaml").write_text(DELEGATED)
        declarations = read(access, today).declarations
        assert declarations is not None
        create_existing(declarations, sandbox.environment())
        _undeclared_resources(made)
        made.deploy()
        _objects(made)
        yield made
        made.close()


def _undeclared_resources(world: World) -> None:
    """Create an administrator, a group and a bucket without declaration, as every account has."""
    iam = world.client("iam")
    iam.create_user(UserName="old-admin")
    iam.attach_user_policy(UserName="old-admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.create_group(GroupName="old-group")
    iam.add_user_to_group(GroupName="old-group", UserName="old-admin")


def _objects(world: World) -> None:
    storage = world.client("s3")
    for name, key in (
        (bucket("reports"), "monthly/november.csv"),
        (bucket("reports"), "drafts/secret.csv"),
        (bucket("inbox"), "scans/one.pdf"),
        ("acme-legacy-archive", "2025/old.csv"),
    ):
        storage.put_object(Bucket=name, Key=key, Body=b"figures")
