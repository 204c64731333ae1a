"""What an application on an instance does: `python -m sandbox.up.on_instance BUCKET KEY BUCKET KEY`.

It holds no key. boto3's own provider asks the metadata service, version 2, for the role's temporary credentials; then the
first object is read, and the second is tried. Prints one JSON line, without any credential in it.
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
    """Report who the instance is, what it read, and how the other object was refused."""
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
    """Ask as version 1 would, and give the HTTP status."""
    address = f"{metadata.rstrip('/')}/latest/meta-data/iam/security-credentials/"
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - the sandbox's own loopback address
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


if __name__ == "__main__":
    main(*sys.argv[1:5])
