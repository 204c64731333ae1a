"""An access point is private, belongs to one bucket, and has no policy."""

from __future__ import annotations

import pytest

from access_constructs.storage.access_point import AccessPoint, access_point_arn
from tests.constructs.synthesis import new_stack, properties


def test_is_private_and_limited_to_its_vpc():
    stack = new_stack()
    AccessPoint(stack, "Door", name="night-jobs", bucket_name="acme-reports", vpc="vpc-0123abcd")
    assert properties(stack, "AWS::S3::AccessPoint") == {
        "AccessPoint0nightX2djobs": {
            "Name": "night-jobs",
            "Bucket": "acme-reports",
            "VpcConfiguration": {"VpcId": "vpc-0123abcd"},
            "PublicAccessBlockConfiguration": dict.fromkeys(
                ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
            ),
        }
    }


@pytest.mark.parametrize("name", ["ab", "Doors", "-door", "door-", "a" * 51])
def test_refuses_a_name_that_s3_refuses(name):
    with pytest.raises(ValueError, match="an access point's name is malformed; found `"):
        AccessPoint(new_stack(), "Door", name=name, bucket_name="acme-reports")


def test_is_named_literally_for_other_stacks():
    arn = access_point_arn(partition="aws", region="eu-central-1", account="111111111111", name="doors")
    assert arn == "arn:aws:s3:eu-central-1:111111111111:accesspoint/doors"
