"""While key readers change in a deployment, nobody reads a key who can read it neither before nor after.

Simulated over the order of a deployment, and judged by policy evaluation: boundaries, groups, roles, the
policy of each secret.
"""

from __future__ import annotations

import json
import shutil
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from keywright.assembly.identities.principals import principals_of
from keywright.assembly.queries.lookup import find_resource
from keywright.assembly.queries.question import Question, may_be_allowed
from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.reasoning.account.actors import ActorKind
from keywright.statements.handover import HANDOVER_TAG
from tests.laws.deployment_order import Deployment, Live
from tests.laws.random_declarations import templates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.laws.random_declarations import Resources

ACCOUNT = "1" * 12
SECRET, KEY = "AccessKeySecret0scannerXSerial1", "KmsKey0accessX2dkeys"
ARN = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:keywright/access-key/scanner/1-AbCdEf"
ON_BEHALF = {
    "kms:viaservice": ("secretsmanager.eu-central-1.amazonaws.com",),
    "kms:encryptioncontext:secretarn": (ARN,),
    "kms:calleraccount": (ACCOUNT,),
}
READ_ALL = {"allow": {"service": "secretsmanager", "levels": ("read",), "resources": ("secret:*",)}}
PERSON = {"person": {"email": "a@example.com"}, "console": True}
DECLARED = {
    "account": {"id": ACCOUNT, "region": "eu-central-1", "handover": "helpers"},
    "groups": {"helpers": {}, "readers": {}, "curious": {"grants": (READ_ALL,)}},
    "users": {
        "helper": PERSON | {"groups": ("helpers",)},
        "reader": PERSON | {"groups": ("readers",)},
        "curious": PERSON | {"groups": ("curious",)},
        "scanner": {
            "application": {"because": "the scanner cannot assume a role", "review": "2027-05-01"},
            "access_keys": ({"serial": 1, "issued": "2026-11-01"},),
        },
    },
    "roles": {
        "reading": {"trusts": ({"group": "readers"},), "grants": (READ_ALL,)},
        "looking": {"trusts": ({"group": "readers"},), "grants": (READ_ALL,)},
    },
}


def reading_by(*readers: str) -> dict[str, Any]:
    scanner = DECLARED["users"]["scanner"]
    said = {**scanner, "application": {**scanner["application"], "readers": readers}}
    return {**DECLARED, "users": {**DECLARED["users"], "scanner": said}}


def without_policies_of_keys(resources: Resources) -> Resources:
    """Give an account as it was before keys had a KMS key and policies of their own: AWS's key, and nobody named."""
    kept: Resources = {}
    for (stack, name), each in resources.items():
        if each["Type"] not in {"AWS::KMS::Key", "AWS::KMS::Alias", "AWS::SecretsManager::ResourcePolicy"}:
            properties = {
                key: value for key, value in each.get("Properties", {}).items() if key != "KmsKeyId"
            }
            kept[stack, name] = {**each, "Properties": properties}
    return kept


class Judges:
    """Say who may read the key, of any state of the account."""

    def __init__(self, assembly: Path) -> None:
        self._assembly, self._count = assembly, 0

    def readers(self, resources: Resources) -> set[str]:
        """Name everybody who may read it, for certain or for all that is known; MFA is used."""
        self._count += 1
        folder = self._assembly.with_name(str(self._count))
        shutil.copytree(self._assembly, folder)
        for file in folder.glob("*.template.json"):
            own = {
                name: each
                for (stack, name), each in resources.items()
                if file.name == f"{stack}.template.json"
            }
            text = json.dumps({"Resources": own})
            file.write_text(text.replace(json.dumps({"Ref": SECRET}), json.dumps(ARN)))
        assembly = read_assembly(folder)
        people = principals_of(assembly, ACCOUNT)
        return {
            actor.name
            for actor in people.account.actors
            if actor.kind in {ActorKind.USER, ActorKind.ROLE}
            and all(
                may_be_allowed(each.answer(actor).verdict)
                for each in _questions(assembly, people, resources, actor)
            )
        }


def _questions(assembly: Any, people: Any, resources: Resources, actor: Any) -> Iterator[Question]:
    """Ask for the secret's value, and where a KMS key keeps it for its decryption, which Secrets Manager asks on behalf."""
    spelling, context = Spelling(ACCOUNT), {"aws:multifactorauthpresent": ("true",), **_tag(resources, actor)}
    yield Question(assembly, people, "secretsmanager:GetSecretValue", ARN, context, spelling)
    if "KmsKeyId" in resources["access-people", SECRET]["Properties"]:
        key = find_resource(f"key/{KEY}", "kms:Decrypt", assembly, spelling).arn
        yield Question(assembly, people, "kms:Decrypt", key, {**context, **ON_BEHALF}, spelling)


def _tag(resources: Resources, actor: Any) -> dict[str, tuple[str, ...]]:
    """Give what the user's tag says of reading; roles have none."""
    tags = (
        tag["Value"]
        for each in resources.values()
        if actor.kind is ActorKind.USER and each.get("Properties", {}).get("UserName") == actor.user_name
        for tag in each["Properties"].get("Tags", ())
        if tag["Key"] == HANDOVER_TAG
    )
    return {f"aws:principaltag/{HANDOVER_TAG}".lower(): tuple(tags)}


@pytest.mark.parametrize(
    "readers",
    [
        pytest.param(("group/readers",), id="a group"),
        pytest.param(("role/reading",), id="a role"),
        pytest.param(("group/readers", "role/reading"), id="both"),
    ],
)
def test_no_key_reader_added_while_readers_change(readers: tuple[str, ...], tmp_path: Path) -> None:
    old = without_policies_of_keys(templates(DECLARED, tmp_path / "before"))
    new = templates(reading_by(*readers), tmp_path / "after")
    judges = Judges(tmp_path / "after")
    before, after = judges.readers(old), judges.readers(new)
    assert before == {"user/helper"}
    assert after == {each.replace("group/readers", "user/reader") for each in readers}
    moments: list[set[str]] = []
    for seed in range(2):
        Deployment(old, new, Random(seed), lambda live: moments.append(judges.readers(live.resources))).run()
    assert len(moments) > 3
    assert all(each <= before | after for each in moments), moments


def test_no_key_reader_added_in_a_first_deployment(tmp_path: Path) -> None:
    new = templates(reading_by("group/readers", "role/reading"), tmp_path / "after")
    judges = Judges(tmp_path / "after")
    after = judges.readers(new)
    moments: list[set[str]] = []

    def look(live: Live) -> None:
        if ("access-people", SECRET) in live.resources:
            moments.append(judges.readers(live.resources))

    Deployment({}, new, Random(1), look).run()
    assert moments
    assert all(each <= after for each in moments), moments
