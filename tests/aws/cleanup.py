"""Removes what a run creates: the stacks, then what they retain on purpose. Nothing that is in none of our stacks is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import ClientError, WaiterError

STACKS = ("access-workloads", "access-roles", "access-people", "access-data", "access-account")
"""The stacks of the sample, in the order of their deletion."""
_GONE = {
    "404",
    "KMSInvalidStateException",  # a key that is to be deleted already
    "NoSuchBucket",
    "NotFoundException",
    "ResourceNotFoundException",
}

ClientOf = Callable[[str], Any]
"""Gives the client of a service in the account."""


@dataclass
class CleanUp:
    """What was removed, and what is left with the reason."""

    removed: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)

    def attempt(self, name: str, step: Callable[[], object]) -> None:
        """Take a step; a failure is recorded and stops no other step."""
        try:
            step()
        except (ClientError, WaiterError) as error:
            if code_of(error) not in _GONE:
                self.left[name] = str(error)[:300]
        else:
            self.removed.append(name)


def code_of(error: Exception) -> str:
    """Return the code of an error of AWS; empty for any other."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""


def stacks_in(client: ClientOf) -> list[str]:
    """List our stacks that exist, in the order of their deletion."""
    pages = client("cloudformation").get_paginator("describe_stacks").paginate()
    found = {stack["StackName"] for page in pages for stack in page["Stacks"]}
    return [each for each in STACKS if each in found]


def users_in(client: ClientOf, path: str = "/access/") -> set[str]:
    """List the users under our path."""
    pages = client("iam").get_paginator("list_users").paginate(PathPrefix=path)
    return {user["UserName"] for page in pages for user in page["Users"]}


def clean_up(client: ClientOf) -> CleanUp:
    """Remove everything, as far as possible, and report the rest."""
    done = CleanUp()
    stacks = stacks_in(client)
    resources = [each for stack in stacks for each in _resources(client, stack)]
    for stack in stacks:
        done.attempt(f"stack {stack}", partial(_delete_stack, client("cloudformation"), stack))
    for kind, identifier in resources:
        if kind in _REMOVE:
            done.attempt(f"{kind} {identifier}", partial(_REMOVE[kind], client, identifier))
    for stack in stacks_in(client):
        done.left.setdefault(f"stack {stack}", "it still exists")
    for user in users_in(client):
        done.left.setdefault(f"user {user}", "it still exists")
    return done


def _resources(client: ClientOf, stack: str) -> Iterator[tuple[str, str]]:
    pages = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    for each in (each for page in pages for each in page["StackResourceSummaries"]):
        if each.get("PhysicalResourceId"):
            yield each["ResourceType"], each["PhysicalResourceId"]


def _delete_stack(formation: Any, stack: str) -> None:
    formation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    formation.delete_stack(StackName=stack)
    formation.get_waiter("stack_delete_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 5, "MaxAttempts": 240}
    )


def _delete_bucket(client: ClientOf, bucket: str) -> None:
    storage = client("s3")
    for page in storage.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            storage.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
    storage.delete_bucket(Bucket=bucket)


def _delete_log_group(client: ClientOf, group: str) -> None:
    client("logs").delete_log_group(logGroupName=group)


def _delete_secret(client: ClientOf, secret: str) -> None:
    client("secretsmanager").delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)


def _delete_key(client: ClientOf, key: str) -> None:
    client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)


_REMOVE: Mapping[str, Callable[[ClientOf, str], None]] = {
    "AWS::S3::Bucket": _delete_bucket,
    "AWS::Logs::LogGroup": _delete_log_group,
    "AWS::SecretsManager::Secret": _delete_secret,
    "AWS::KMS::Key": _delete_key,
}
"""How to remove what a stack may retain."""
