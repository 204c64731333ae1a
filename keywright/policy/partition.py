"""AWS partitions: separate sets of regions with their own ARNs and sign-in addresses."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1024)
def partition_of(region: str) -> str:
    """Tell a region's partition, the second field of its ARNs ("Amazon Resource Names (ARNs)", IAM User Guide)."""
    prefixes = {
        "cn-": "aws-cn",
        "us-gov-": "aws-us-gov",
        "us-iso-": "aws-iso",
        "us-isob-": "aws-iso-b",
        "eu-isoe-": "aws-iso-e",
        "us-isof-": "aws-iso-f",
        "eusc-": "aws-eusc",
    }
    return next((partition for prefix, partition in prefixes.items() if region.startswith(prefix)), "aws")
