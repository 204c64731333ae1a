"""AWS's managed policies grant what they say, and a policy that does not exist cannot be attached.

AWS: "AWS Managed Policy Reference Guide"; "AttachRolePolicy" in the IAM API Reference: NoSuchEntity. The
emulator knows the documents of some two dozen, and attaches anything. The documents are those this project
packs; one that is newer than the pack does not exist here.
"""

from __future__ import annotations

import json
from typing import Any

from keywright.policy.reference.managed_policies import managed_policy_document
from sandbox.repairs.emulator import aws_managed_policies, iam, known_policy, make_aws_managed_policy
from sandbox.repairs.seams import Parameters, Refused, guard, patch, text

PREFIX = "arn:aws:iam::aws:policy/"


def register() -> None:
    """Look further than the emulator's own list, and refuse what is nowhere."""
    patch(iam, "_lookup_policy", _lookup)
    for noun in ("User", "Group", "Role"):
        guard(f"Attach{noun}Policy", _must_exist)


def _lookup(arn: str) -> Any:
    known = known_policy(arn)
    if known is not None or not arn.startswith(PREFIX):
        return known
    document = managed_policy_document(arn)
    if document is None:
        return None
    path_and_name = arn.removeprefix(PREFIX)
    aws_managed_policies[arn] = make_aws_managed_policy(path_and_name, json.dumps(document))
    return aws_managed_policies[arn]


def _must_exist(parameters: Parameters) -> None:
    arn = text(parameters, "PolicyArn")
    if _lookup(arn) is None:
        raise Refused(404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")
