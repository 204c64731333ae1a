"""The application that `keywright up` runs on an instance: `python -m keywright.sandbox.up.on_instance BUCKET KEY BUCKET KEY`.

It has no access key. boto3 gets the role's temporary credentials from the instance metadata service, version 2. Then it reads
the first object and tries the second. It prints one JSON line without credentials.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request

import boto3
from botocore.exceptions import ClientError


def main(allowed_bucket: str, allowed_key: str, other_bucket: str, other_key: str) -> None:
    """Report the source of the credentials, what was read, and the error for the other object."""
    session = boto3.Session()
    credentials = session.get_credentials()
    found = {
        "credentials_by": credentials.method if credentials else "none",
        "without_token": _without_token(os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"]),
        "read": _read(session, allowed_bucket, allowed_key),
        "other": _read(session, other_bucket, other_key),
    }
    sys.stdout.write(json.dumps(found) + "\n")


def _read(session: boto3.Session, bucket: str, key: str) -> str:
    try:
        body = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return f"{len(body)} bytes"


def _without_token(metadata: str) -> int:
    """Make a request as in version 1, and give the HTTP status."""
    address = f"{metadata.rstrip('/')}/latest/meta-data/iam/security-credentials/"
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - the sandbox's own loopback address
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


if __name__ == "__main__":
    main(*sys.argv[1:5])
