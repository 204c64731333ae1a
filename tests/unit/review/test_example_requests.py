"""Example requests have the account, region and names of the assembly where these are known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from keywright.review.review import review
from tests.unit.review.templates import TODAY, allow, deny, document, given, managed, resource, to, user

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.review.result import Review

ACCOUNT, REGION = "604938271550", "eu-north-1"
HERE = f"{REGION}:{ACCOUNT}"


def deployed(folder: Path, resources: dict[str, Any]) -> Path:
    """Write an assembly of one stack that states its account and region."""
    folder.mkdir()
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{ACCOUNT}/{REGION}",
        "properties": {"templateFile": "a.template.json"},
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {"a": stack}}))
    (folder / "a.template.json").write_text(json.dumps({"Resources": resources}))
    return folder


def reviewed(folder: Path, base: dict[str, Any], head: dict[str, Any]) -> Review:
    return review(given(deployed(folder / "base", base)), given(deployed(folder / "head", head)), TODAY)


def secret(*statements: dict[str, Any]) -> dict[str, Any]:
    policy = resource(
        "SecretsManager::ResourcePolicy", SecretId={"Ref": "Secret"}, ResourcePolicy=document(*statements)
    )
    return {"Secret": resource("SecretsManager::Secret"), "Policy": policy}


def queue(*statements: dict[str, Any]) -> dict[str, Any]:
    policy = resource("SQS::QueuePolicy", Queues=[{"Ref": "Queue"}], PolicyDocument=document(*statements))
    return {"Queue": resource("SQS::Queue", QueueName="jobs"), "Policy": policy}


def bounded(*statements: dict[str, Any]) -> dict[str, Any]:
    edge = managed(*statements, name="edge")
    return {"Edge": edge, "Alice": user(allow("s3:GetObject"), PermissionsBoundary={"Ref": "Edge"})}


READS = to({"AWS": "222222222222"}, "secretsmanager:GetSecretValue", "*")
SENDS = to("*", "sqs:SendMessage", "*")
EXAMPLES = {
    "what a user gains": (
        {"Alice": user()},
        {"Alice": user(allow("sqs:SendMessage", f"arn:aws:sqs:*:{ACCOUNT}:*"))},
        f"arn:aws:sqs:{HERE}:example",
    ),
    "in a region of a policy alone": (
        {"Alice": user()},
        {"Alice": user(allow("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:*"))},
        f"arn:aws:sqs:us-east-1:{ACCOUNT}:example",
    ),
    "not in the stack's region": (
        {"Alice": user()},
        {
            "Alice": user(
                allow("sqs:SendMessage", f"arn:aws:sqs:*:{ACCOUNT}:*"),
                deny("sqs:*", f"arn:aws:sqs:{REGION}:*:*"),
            )
        },
        f"arn:aws:sqs:us-east-1:{ACCOUNT}:example",
    ),
    "a secret": (
        secret(deny("secretsmanager:DeleteSecret", Principal="*")),
        secret(READS, deny("secretsmanager:DeleteSecret", Principal="*")),
        f"arn:aws:secretsmanager:{HERE}:secret:example",
    ),
    "a denial of a secret that goes": (
        secret(deny("secretsmanager:GetSecretValue", Principal="*")),
        secret(deny("secretsmanager:DeleteSecret", Principal="*")),
        f"arn:aws:secretsmanager:{HERE}:secret:example",
    ),
    "a queue by its name": (
        queue(to("*", "sqs:ReceiveMessage", "*")),
        queue(SENDS, to("*", "sqs:ReceiveMessage", "*")),
        f"arn:aws:sqs:{HERE}:jobs",
    ),
    "a denial of a queue that goes": (
        queue(deny("sqs:SendMessage", Principal="*")),
        queue(deny("sqs:ReceiveMessage", Principal="*")),
        f"arn:aws:sqs:{HERE}:jobs",
    ),
}


@pytest.mark.parametrize(("base", "head", "example"), EXAMPLES.values(), ids=EXAMPLES)
def test_an_example_is_of_this_account(base: Any, head: Any, example: str, tmp_path: Path) -> None:
    found = reviewed(tmp_path, base, head)
    assert {step.witness.resource for each in found.gains for step in each.gains} == {example}


def test_the_example_of_a_boundary_is_of_this_account(tmp_path: Path) -> None:
    found = reviewed(tmp_path, bounded(allow("s3:*")), bounded(allow("s3:*"), allow("sqs:*")))
    (fact,) = [each for each in found.facts if each.about == "boundary"]
    assert f"`arn:aws:sqs:{HERE}:example`" in fact.says


def test_another_account_stays_another_one(tmp_path: Path) -> None:
    """The account of examples is replaced in resources, and never in who calls."""
    found = reviewed(tmp_path, queue(SENDS | {"Principal": {"AWS": ACCOUNT}}), queue(SENDS))
    (step,) = found.gains[0].gains
    assert ACCOUNT not in step.witness.principal
