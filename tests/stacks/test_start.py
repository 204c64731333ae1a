"""What a synthesis waits for before it begins: modules of the CDK are large, and only some are needed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = {"aws_accessanalyzer", "aws_events", "aws_iam", "aws_kms", "aws_s3"}
"""Each takes some hundredths of a second; `aws_secretsmanager` and `aws_lambda` bring `aws_ec2`, and take fifths."""

LISTING = """
import stacks.synthesis, sys
print(*{name.split(".")[1] for name in sys.modules if name.startswith("aws_cdk.aws_")})
"""


def test_no_large_module_of_the_cdk_is_imported_for_nothing(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LISTING], cwd=root, capture_output=True, text=True, check=True
    )
    assert {"aws_iam"} <= set(done.stdout.split()) <= NEEDED
