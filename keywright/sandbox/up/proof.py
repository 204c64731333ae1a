"""Checks on the deployed instances: each reads its S3 object with its role's credentials, and is denied another one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.model.grants.grant import S3Grant, S3Level
from keywright.sandbox.client import metadata
from keywright.sandbox.up.existing import session_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_ec2.type_defs import DescribeInstancesResultTypeDef

    from keywright.model.declarations import Declarations
    from keywright.sandbox.account import Sandbox

FIGURES = b"month,sold\nnovember,42\n"
SECRET = b"for nobody on an instance\n"


@dataclass(frozen=True)
class Proof:
    """One check, described in a sentence, and whether it passed."""

    sentence: str
    passed: bool


@dataclass(frozen=True)
class _Trial:
    workload: str
    instance: str
    allowed: tuple[str, str]
    other: tuple[str, str]


def prove(declarations: Declarations, sandbox: Sandbox) -> list[Proof]:
    """Let each instance of a workload with a read grant read one object that the grant covers, and one that it does not."""
    return [proof for trial in _trials(declarations, sandbox) for proof in _checks(trial, sandbox)]


def _trials(declarations: Declarations, sandbox: Sandbox) -> Iterator[_Trial]:
    session = session_of(sandbox.environment())
    storage = session.client("s3", endpoint_url=sandbox.endpoint)
    instances = _instances(session.client("ec2", endpoint_url=sandbox.endpoint).describe_instances())
    for name, workload in declarations.workloads.items():
        grant = next((each for each in workload.grants if _is_read_grant(each)), None)
        if name not in instances or not isinstance(grant, S3Grant):
            continue
        allowed = (_physical(grant.bucket, declarations), f"{grant.prefix or ''}november.csv")
        other = (allowed[0], "board/minutes.txt") if grant.prefix else (_logs(declarations), "minutes.txt")
        storage.put_object(Bucket=allowed[0], Key=allowed[1], Body=FIGURES)
        # The second object exists, so that a denial cannot be a missing object.
        storage.put_object(Bucket=other[0], Key=other[1], Body=SECRET)
        yield _Trial(name, instances[name], allowed, other)


def _is_read_grant(grant: object) -> bool:
    return isinstance(grant, S3Grant) and S3Level.READ in grant.s3


def _instances(answer: DescribeInstancesResultTypeDef) -> dict[str, str]:
    """Give the running instances by their name tag."""
    running = [
        each
        for reservation in answer["Reservations"]
        for each in reservation["Instances"]
        if each["State"]["Name"] == "running"
    ]
    return {
        tag["Value"]: each["InstanceId"] for each in running for tag in each["Tags"] if tag["Key"] == "Name"
    }


def _physical(bucket: str, declarations: Declarations) -> str:
    account, declared = declarations.account, declarations.buckets[bucket]
    return declared.existing or declared.name or f"{bucket}-{account.id}-{account.region}-an"


def _logs(declarations: Declarations) -> str:
    return f"access-logs-{declarations.account.id}-{declarations.account.region}-an"


def _checks(trial: _Trial, sandbox: Sandbox) -> Iterator[Proof]:
    found = _run_on_instance(trial, sandbox)
    place = f"{trial.workload} ({trial.instance})"
    yield Proof(
        f"{place} has temporary credentials from IMDSv2 and no access key; a request without a token gets HTTP {found['without_token']}",
        found["credentials_by"] == "iam-role" and found["without_token"] == 401,  # noqa: PLR2004 - HTTP's Unauthorized
    )
    yield Proof(
        f"{place} read s3://{'/'.join(trial.allowed)} with its role: {found['read']}",
        found["read"] == f"{len(FIGURES)} bytes",
    )
    yield Proof(
        f"{place} was denied s3://{'/'.join(trial.other)}: {found['other']}",
        found["other"] == "AccessDenied",
    )


def _run_on_instance(trial: _Trial, sandbox: Sandbox) -> dict[str, str | int]:
    """Run the application with what an instance has: the endpoint of its metadata service, and no credentials."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "AWS_ENDPOINT_URL": sandbox.endpoint,
        "AWS_REGION": sandbox.region,
        "AWS_DEFAULT_REGION": sandbox.region,
        "AWS_CONFIG_FILE": os.devnull,
        # Credentials of whoever runs `keywright up` would make the check pass without the role.
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.serve(sandbox.endpoint, trial.instance),
        "NO_PROXY": "127.0.0.1,localhost",
    }
    command = [sys.executable, "-m", "keywright.sandbox.up.on_instance", *trial.allowed, *trial.other]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own module
    found: dict[str, str | int] = json.loads(done.stdout)
    return found
