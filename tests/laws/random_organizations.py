"""Random organizations as templates: a few small accounts whose roles and resources let each other's principals in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("hub", "one", "two", "three")
IDS = {name: str(number) * 12 for number, name in enumerate(NAMES, 1)}
USERS, ROLES = ("ann", "bob"), ("alpha", "beta", "gamma")
ACTIONS = ("s3:GetObject", "s3:*", "sts:AssumeRole", "sts:*", "iam:CreateAccessKey", "*")


def arn(account: str, name: str) -> str:
    """Give the ARN of a user or role of an account."""
    kind = "user" if name in USERS else "role"
    return f"arn:aws:iam::{IDS[account]}:{kind}/{name}"


_IDENTITIES = st.builds(arn, st.sampled_from(NAMES), st.sampled_from((*USERS, *ROLES)))
_ROOTS = st.sampled_from([f"arn:aws:iam::{each}:root" for each in IDS.values()])
_SERVICES = st.just({"Service": "lambda.amazonaws.com"})
_PRINCIPALS = st.one_of(
    _SERVICES,
    _SERVICES,
    st.builds(lambda each: {"AWS": each}, st.one_of(_ROOTS, _ROOTS, _IDENTITIES)),
    st.just("*"),
)
_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
_CONDITIONS = st.sampled_from([{}, {}, {}, {"Condition": _MFA}])
_RESOURCES = st.one_of(
    st.just("*"),
    st.builds(arn, st.sampled_from(NAMES), st.sampled_from(ROLES)),
    st.sampled_from([f"arn:aws:s3:::{name}-files/*" for name in NAMES]),
)


def _statement(effect: str, action: str, more: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, **given, **more}


_ALLOWS = st.sampled_from(["Allow", "Allow", "Allow", "Deny"])
GRANTS = st.lists(
    st.builds(_statement, _ALLOWS, st.sampled_from(ACTIONS), _CONDITIONS, Resource=_RESOURCES), max_size=2
)
_TRUSTS = st.lists(
    st.builds(_statement, _ALLOWS, st.just("sts:AssumeRole"), _CONDITIONS, Principal=_PRINCIPALS),
    min_size=1,
    max_size=2,
)


def document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    """Make a policy document."""
    return {"Version": "2012-10-17", "Statement": statements}


def _bucket_policy(account: str, statements: list[dict[str, Any]]) -> dict[str, Any]:
    on = [{**each, "Resource": f"arn:aws:s3:::{account}-files/*"} for each in statements]
    return _resource("S3::BucketPolicy", Bucket={"Ref": "Files"}, PolicyDocument=document(on))


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


@st.composite
def accounts(draw: st.DrawFn, account: str) -> dict[str, Any]:
    """Draw the resources of an account's template."""
    found: dict[str, Any] = {"Files": _resource("S3::Bucket", BucketName=f"{account}-files")}
    found["Team"] = _resource("IAM::Group", GroupName="team", Policies=_inline(draw(GRANTS)))
    for name in draw(st.lists(st.sampled_from(USERS), unique=True)):
        found[name] = _resource("IAM::User", UserName=name, Policies=_inline(draw(GRANTS)))
        if draw(st.booleans()):
            found[name]["Properties"]["Groups"] = [{"Ref": "Team"}]
        if draw(st.booleans()):
            found[f"{name}key"] = _resource("IAM::AccessKey", UserName={"Ref": name})
            secret = {"Fn::GetAtt": [f"{name}key", "SecretAccessKey"]}
            found[f"{name}secret"] = _resource("SecretsManager::Secret", SecretString=secret)
    for name in draw(st.lists(st.sampled_from(ROLES), unique=True)):
        trust = document(draw(_TRUSTS))
        found[name] = _resource("IAM::Role", RoleName=name, AssumeRolePolicyDocument=trust)
        users = [{"Ref": each} for each in USERS if each in found and draw(st.booleans())]
        more = _resource("IAM::Policy", PolicyName="p", Roles=[{"Ref": name}], Users=users)
        found[f"{name}policy"] = more
        more["Properties"]["PolicyDocument"] = document(
            draw(GRANTS) or [_statement("Deny", "a4b:*", {}, Resource="*")]
        )
    if draw(st.booleans()):
        rules = st.builds(
            _statement, _ALLOWS, st.sampled_from(ACTIONS[:2]), _CONDITIONS, Principal=_PRINCIPALS
        )
        found["FilesPolicy"] = _bucket_policy(account, draw(st.lists(rules, min_size=1, max_size=2)))
    return found


def _inline(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"PolicyName": "inline", "PolicyDocument": document(statements)}] if statements else []


ORGANIZATIONS = st.fixed_dictionaries({name: accounts(name) for name in NAMES})


def write_organization(folder: Path, organization: dict[str, dict[str, Any]]) -> Path:
    """Write an organization as one cloud assembly with one nested for each account."""
    for name, resources in organization.items():
        write_account(folder / f"assembly-{name}", IDS.get(name, ""), resources)
    nested = {
        name: {"type": "cdk:cloud-assembly", "properties": {"directoryName": f"assembly-{name}"}}
        for name in organization
    }
    return _write(folder, nested)


def write_account(folder: Path, number: str, resources: dict[str, Any]) -> Path:
    """Write the assembly of one account."""
    folder.mkdir(parents=True)
    (folder / "access.template.json").write_text(json.dumps({"Resources": resources}, indent=1), "utf-8")
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{number}/eu-central-1",
        "properties": {"templateFile": "access.template.json"},
    }
    return _write(folder, {"access": stack})


def _write(folder: Path, artifacts: dict[str, Any]) -> Path:
    (folder / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}), "utf-8")
    return folder
