"""Templates before and after a change, reduced to what each case is about."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from keywright.assembly.templates.reader import read_assembly
from keywright.review.review import Given, review, root_of
from tests.unit.cli.access import allow, document, inline, resource, trust

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.review.result import Review

TODAY = date(2026, 11, 24)
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
HERE = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}
OBJECTS = "arn:aws:s3:::acme-reports/*"
GITHUB = {"Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"}
SUBJECT, AUDIENCE = "token.actions.githubusercontent.com:sub", "token.actions.githubusercontent.com:aud"

__all__ = ["MFA", "allow", "deny", "document", "inline", "resource", "reviewed", "trust", "user"]


def deny(action: str | list[str], on: Any = "*", **elements: Any) -> dict[str, Any]:
    return allow(action, on, **elements) | {"Effect": "Deny"}


def user(*statements: dict[str, Any], name: str = "alice", **properties: Any) -> dict[str, Any]:
    policies = {"Policies": inline(*statements)} if statements else {}
    return resource("IAM::User", UserName=name, **policies, **properties)


def role(trusted: dict[str, Any], *statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    policies = {"Policies": inline(*statements)} if statements else {}
    given = {"RoleName": "worker", "AssumeRolePolicyDocument": trusted} | policies | properties
    return resource("IAM::Role", **given)


def group(*statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return resource("IAM::Group", GroupName="analysts", Policies=inline(*statements), **properties)


def managed(*statements: dict[str, Any], name: str = "grants", **properties: Any) -> dict[str, Any]:
    given = {"ManagedPolicyName": name, "PolicyDocument": document(*statements)} | properties
    return resource("IAM::ManagedPolicy", **given)


def bucket_policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return resource("S3::BucketPolicy", Bucket="acme-reports", PolicyDocument=document(*statements))


def to(principal: Any, action: str = "s3:GetObject", on: Any = OBJECTS, **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": on} | elements


def web_identity(**conditions: Any) -> dict[str, Any]:
    return trust(GITHUB, Action="sts:AssumeRoleWithWebIdentity", Condition=conditions)


def write(file: Path, resources: dict[str, Any], **sections: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**sections, "Resources": resources}, indent=1))
    return file


def given(path: Path) -> Given:
    return Given(read_assembly(path), root_of(path))


def reviewed(
    folder: Path, base: dict[str, Any], head: dict[str, Any], *, before: Any = None, after: Any = None
) -> Review:
    """Review two templates; `before` and `after` are their other sections, the same where one is not given."""
    one = write(folder / "base.template.json", base, **(before or {}))
    other = write(folder / "head.template.json", head, **(before if after is None else after) or {})
    return review(given(one), given(other), TODAY)
