"""AWS partitions: separate sets of regions with their own ARNs and sign-in addresses."""

from __future__ import annotations


def partition_of(region: str) -> str:
    """Tell a region's partition, the second field of its ARNs ("Amazon Resource Names (ARNs)", IAM User Guide)."""
    prefixes = {
        "cn-": "aws-cn",
        "us-gov-": "aws-us-gov",
        "us-iso-": "aws-iso",
        "us-isob-": "aws-iso-b",
        "eusc-": "aws-eusc",
    }
    return next((partition for prefix, partition in prefixes.items() if region.startswith(prefix)), "aws")
