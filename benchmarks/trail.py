"""Trails: what ten million events show, beside a loop in Python that counts the same."""

from __future__ import annotations

import gzip
import json
import os
import random
import sys
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Competitor, Row, run_interleaved
from benchmarks.peers import BIN, ROOT

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111111111111"
EVENTS = 10_000_000
_IN_FILE = 2_000
_DIFFERENT = 100
"""Files with content of their own; the others are links to them, which saves the time of writing, not that of reading."""
_NAMES = (
    ("ec2", "DescribeInstances"), ("ec2", "RunInstances"), ("s3", "GetBucketPolicy"), ("s3", "ListBuckets"), ("sts", "AssumeRole"),
    ("lambda", "GetFunction20150331v2"), ("dynamodb", "DescribeTable"), ("kms", "Decrypt"), ("ssm", "GetParameter"),
    ("logs", "CreateLogStream"), ("monitoring", "DescribeAlarms"), ("iam", "GetRole"),
)  # fmt: skip


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Measure `tighten` and the loop on the same files, in the same run."""
    number = 20_000 if quick else EVENTS
    logs = folder / "AWSLogs"
    write(logs, number)
    template = folder / "roles.template.json"
    template.write_text(json.dumps({"Resources": {}}))
    ours = Competitor(
        "keywright tighten",
        [BIN / "keywright", "tighten", template, "--trail", logs, "--format", "json"],
        _events,
        "events",
    )
    loop = Competitor(
        "loop in Python", [sys.executable, ROOT / "benchmarks/scripts/trail_loop.py", logs], int, "events"
    )
    return run_interleaved(
        "trail", f"{number:,} events in {number // _IN_FILE:,} files", [ours, loop], rounds=1
    )


def _events(printed: str) -> int:
    return int(json.loads(printed)["trail"]["events"])


def write(logs: Path, number: int) -> None:
    """Write so many events into the folders that CloudTrail writes."""
    chance = random.Random(7)
    originals: list[Path] = []
    for index in range(number // _IN_FILE):
        day = f"2026/{index % 12 + 1:02}/{index % 28 + 1:02}"
        folder = logs / ACCOUNT / "CloudTrail" / "eu-central-1" / day
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{ACCOUNT}_CloudTrail_eu-central-1_{index:06}.json.gz"
        if index < _DIFFERENT:
            events = [_event(chance) for _ in range(_IN_FILE)]
            file.write_bytes(gzip.compress(json.dumps({"Records": events}).encode(), 6))
            originals.append(file)
        else:
            os.link(originals[index % _DIFFERENT], file)


def _event(chance: random.Random) -> dict[str, Any]:
    """Make an event with the fields of a real one, most of which nobody asks about."""
    source, name = chance.choice(_NAMES)
    role = f"role-{chance.randrange(400)}"
    day = f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}T{chance.randrange(24):02}:00:00Z"
    unique = f"{chance.getrandbits(128):032x}"
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROA{unique[:17].upper()}:session",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/session-{unique[:8]}",
            "accountId": ACCOUNT,
            "accessKeyId": f"ASIA{unique[:16].upper()}",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": f"AROA{unique[:17].upper()}",
                    "arn": f"arn:aws:iam::{ACCOUNT}:role/access/{role}",
                    "accountId": ACCOUNT,
                    "userName": role,
                },
                "attributes": {"creationDate": day, "mfaAuthenticated": "false"},
            },
        },
        "eventTime": day,
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": f"10.{chance.randrange(256)}.0.{chance.randrange(256)}",
        "userAgent": "Boto3/1.43 md/Botocore#1.43 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.12 cfg/retry-mode#standard",
        **({"errorCode": "AccessDenied", "errorMessage": "not authorized"} if chance.random() < 0.02 else {}),  # noqa: PLR2004
        "requestParameters": {"bucketName": f"bucket-{chance.randrange(50)}", "instancesSet": {}, "filterSet": {}},
        "responseElements": None,
        "requestID": unique,
        "eventID": f"{unique[:8]}-{unique[8:12]}-{unique[12:16]}-{unique[16:20]}-{unique[20:]}",
        "readOnly": name.startswith(("Describe", "Get", "List")),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": f"{source}.eu-central-1.amazonaws.com"},
    }  # fmt: skip
