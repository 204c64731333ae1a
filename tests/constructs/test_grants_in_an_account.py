"""What a grant allows in the sandbox account, which evaluates policies independently."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from keywright.model.grants.grant import S3Level
from keywright.sandbox.account import Sandbox
from keywright.statements.grants.s3 import S3Grant
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud

pytestmark = pytest.mark.e2e

HOLDERS = {
    "lister": ("monthly/", [S3Level.LIST]),
    "reader": ("monthly/", [S3Level.READ]),
    "writer": ("monthly/", [S3Level.WRITE]),
    "putter": ("monthly/", [S3Level.PUT]),
    "cleaner": ("monthly/", [S3Level.DELETE]),
    "owner": (None, [S3Level.LIST, S3Level.READ, S3Level.WRITE, S3Level.TAGGING]),
}


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """Return an S3 client for each identity with a grant; the bucket has three objects, two of them outside the folder."""
    with Sandbox(tmp_path_factory.mktemp("sandbox"), ACCOUNT, REGION) as sandbox:
        cloud = Cloud(sandbox.environment())
        root = cloud.client("s3")
        root.create_bucket(Bucket="reports", CreateBucketConfiguration={"LocationConstraint": REGION})
        for key in ("monthly/one", "monthly-secret/one", "yearly/one"):
            root.put_object(Bucket="reports", Key=key, Body=b"text")
        yield {name: cloud.client("s3", _holder(cloud, name, *grant)) for name, grant in HOLDERS.items()}
        cloud.close()


def _holder(cloud, name, prefix, levels):
    grant = S3Grant(bucket_arn="arn:aws:s3:::reports", levels=levels, prefix=prefix)
    return cloud.user(name, *(statement.to_json() for statement in grant.statements()))


def is_allowed(call, **arguments):
    try:
        call(Bucket="reports", **arguments)
    except ClientError as refused:
        if refused.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
            return False
        raise
    return True


@pytest.mark.parametrize(
    ("holder", "operation", "arguments", "allowed"),
    [
        ("lister", "list_objects_v2", {"Prefix": "monthly/"}, True),
        ("lister", "list_objects_v2", {"Prefix": "monthly/2026/"}, True),
        ("lister", "list_objects_v2", {"Prefix": "monthly"}, False),
        ("lister", "list_objects_v2", {"Prefix": "monthly-secret/"}, False),
        ("lister", "list_objects_v2", {}, False),
        ("lister", "get_object", {"Key": "monthly/one"}, False),
        ("reader", "get_object", {"Key": "monthly/one"}, True),
        ("reader", "get_object", {"Key": "monthly-secret/one"}, False),
        ("reader", "get_object", {"Key": "yearly/one"}, False),
        ("reader", "put_object", {"Key": "monthly/one"}, False),
        ("reader", "list_objects_v2", {"Prefix": "monthly/"}, False),
        ("writer", "put_object", {"Key": "monthly/two"}, True),
        ("writer", "put_object", {"Key": "yearly/two"}, False),
        ("writer", "create_multipart_upload", {"Key": "monthly/big"}, True),
        ("writer", "create_multipart_upload", {"Key": "yearly/big"}, False),
        ("writer", "list_multipart_uploads", {}, False),
        ("writer", "get_object", {"Key": "monthly/one"}, False),
        ("writer", "delete_object", {"Key": "monthly/two"}, True),
        ("putter", "put_object", {"Key": "monthly/two"}, True),
        ("putter", "create_multipart_upload", {"Key": "monthly/big"}, True),
        ("putter", "delete_object", {"Key": "monthly/two"}, False),
        ("cleaner", "put_object", {"Key": "monthly/two"}, False),
        ("cleaner", "delete_object", {"Key": "yearly/two"}, False),
        ("cleaner", "delete_object", {"Key": "monthly/two"}, True),
        ("owner", "list_objects_v2", {}, True),
        ("owner", "get_object", {"Key": "yearly/one"}, True),
        ("owner", "list_multipart_uploads", {}, True),
        ("owner", "delete_bucket", {}, False),
        ("owner", "get_bucket_policy", {}, False),
    ],
    ids=str,
)
def test_the_identity_can(clients, holder, operation, arguments, allowed):
    assert is_allowed(getattr(clients[holder], operation), **arguments) is allowed
