"""Principals that no change affects can be left out.

Review and guardrails give the same result as for the whole.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.assembly.templates.changed_parts import changed_parts
from keywright.assembly.templates.reader import read_assembly
from keywright.guardrails.comparison import check_both
from keywright.guardrails.engine import check_assembly
from keywright.review.report.as_json import as_json
from keywright.review.review import Given, review

TODAY = date(2026, 11, 1)
NAMES = ["ann", "bea", "cem", "dan", "eve"]
WHAT = ["s3:GetObject", "s3:PutObject", "s3:Get*", "sqs:SendMessage"]
WHERE = ["arn:aws:s3:::reports/*", {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}, "*"]
HERE = "arn:aws:iam::111111111111:"


def document(action: str, where: Any, effect: str = "Allow") -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": effect, "Action": action, "Resource": where}],
    }


DOCUMENTS = st.builds(
    document, st.sampled_from(WHAT), st.sampled_from(WHERE), st.sampled_from(["Allow", "Allow", "Deny"])
)
INLINE = st.lists(DOCUMENTS, max_size=2).map(
    lambda several: [{"PolicyName": f"p{at}", "PolicyDocument": each} for at, each in enumerate(several)]
)


def named(name: str) -> Any:
    return st.sampled_from([name, {"Ref": f"User{name}"}, {"Fn::Sub": f"${{User{name}}}"}])


GROUPS = st.lists(st.sampled_from(["readers", {"Ref": "Writers"}, "absent"]), max_size=2, unique_by=str)
MANAGED = st.lists(
    st.sampled_from([{"Ref": "Shared"}, f"{HERE}policy/limit", "arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    max_size=2,
    unique_by=str,
)


@st.composite
def user(draw: Any, name: str) -> dict[str, Any]:
    found = {
        "UserName": name,
        "Groups": draw(GROUPS),
        "Policies": draw(INLINE),
        "ManagedPolicyArns": draw(MANAGED),
        "PermissionsBoundary": draw(st.sampled_from([None, f"{HERE}policy/limit", {"Ref": "Shared"}])),
        "LoginProfile": draw(st.sampled_from([None, {"Password": "x"}])),
    }
    return {"Type": "AWS::IAM::User", "Properties": {key: each for key, each in found.items() if each}}


@st.composite
def hanging(draw: Any, name: str) -> dict[str, Any]:
    who, policy = draw(named(name)), draw(DOCUMENTS)
    kinds = {
        "AWS::IAM::UserPolicy": {"UserName": who, "PolicyName": "own", "PolicyDocument": policy},
        "AWS::IAM::Policy": {"Users": [who], "PolicyName": "default", "PolicyDocument": policy},
        "AWS::IAM::UserToGroupAddition": {
            "GroupName": draw(st.sampled_from(["readers", {"Ref": "Writers"}])),
            "Users": [who, draw(st.sampled_from(NAMES))],
        },
        "AWS::IAM::AccessKey": {"UserName": who, "Serial": draw(st.integers(1, 2))},
        "Custom::FirstSignIn": {"UserName": who, "ServiceToken": "x"},
        "AWS::IAM::ManagedPolicy": {"Users": [who], "ManagedPolicyName": "limit", "PolicyDocument": policy},
        "AWS::S3::BucketPolicy": {
            "Bucket": "reports",
            "PolicyDocument": {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "s3:GetObject",
                        "Resource": "*",
                        "Principal": {"AWS": f"{HERE}user/{name}"},
                    }
                ]
            },
        },
    }
    kind = draw(st.sampled_from(sorted(kinds)))
    return {"Type": kind, "Properties": kinds[kind]}


@st.composite
def shared(draw: Any) -> dict[str, Any]:
    def properties(kind: str, **given: Any) -> dict[str, Any]:
        return {"Type": f"AWS::{kind}", "Properties": given}

    trusted = draw(st.sampled_from([f"{HERE}root", f"{HERE}user/ann", "*"]))
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": trusted}}]}
    return {
        "Bucket": properties("S3::Bucket", BucketName=draw(st.sampled_from(["reports", "others"]))),
        "Readers": properties("IAM::Group", GroupName="readers", Policies=draw(INLINE)),
        "Writers": properties("IAM::Group", GroupName="writers", ManagedPolicyArns=draw(MANAGED)),
        "Shared": properties(
            "IAM::ManagedPolicy", ManagedPolicyName="shared", PolicyDocument=draw(DOCUMENTS)
        ),
        "Operate": properties(
            "IAM::Role", RoleName="operate", AssumeRolePolicyDocument=trust, Policies=draw(INLINE)
        ),
    }


@st.composite
def resources(draw: Any) -> dict[str, Any]:
    found = draw(shared()) | {f"User{name}": draw(user(name)) for name in NAMES}
    return found | {f"Hanging{name}": draw(hanging(name)) for name in draw(st.sets(st.sampled_from(NAMES)))}


@st.composite
def changes(draw: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give a template's resources, and those after some were made anew, put in, or taken away."""
    was, other = draw(resources()), draw(resources())
    touched = draw(st.sets(st.sampled_from(sorted({*was, *other})), max_size=2))
    now = {key: each for key, each in was.items() if key not in touched}
    return was, now | {key: other[key] for key in sorted(touched) if key in other and draw(st.booleans())}


def given_of(folder: Path, found: dict[str, Any]) -> Given:
    folder.mkdir()
    people = {
        key: each
        for key, each in found.items()
        if key.startswith("Hanging") and "Ref" not in str(each) and "${" not in str(each)
    }
    rest = {key: each for key, each in found.items() if key not in people}
    (folder / "a.template.json").write_text(json.dumps({"Resources": rest}))
    (folder / "b.template.json").write_text(json.dumps({"Resources": people}))
    return Given(read_assembly(folder), str(folder))


@settings(max_examples=12, deadline=None)
@given(changes())
def test_the_changed_parts_show_everything(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        base, head = (
            given_of(Path(folder, snapshot), each)
            for snapshot, each in zip(("was", "now"), both, strict=True)
        )
    parts = changed_parts(base.assembly, head.assembly, (base.root, head.root))
    of_parts = check_both(base.assembly, head.assembly, parts)
    whole = [
        replace(snapshot, findings=check_assembly(snapshot.assembly, own=False).findings)
        for snapshot in (base, head)
    ]
    part = [
        replace(snapshot, findings=found, part=each)
        for snapshot, found, each in zip((base, head), of_parts, (parts.base, parts.head), strict=True)
    ]
    assert as_json(review(*part, TODAY, left_out=parts.left_out)) == as_json(review(*whole, TODAY))


def test_unchanged_principals_are_left_out(tmp_path: Path) -> None:
    plain = {f"User{name}": {"Type": "AWS::IAM::User", "Properties": {"UserName": name}} for name in NAMES}
    more = plain | {"Userann": {"Type": "AWS::IAM::User", "Properties": {"UserName": "ann", "Groups": ["x"]}}}
    base, head = given_of(tmp_path / "was", plain), given_of(tmp_path / "now", more)
    parts = changed_parts(base.assembly, head.assembly, (base.root, head.root))
    assert parts.left_out == len(NAMES) - 1
    assert [each.logical_id for each in parts.head.resources] == ["Userann"]


def test_findings_in_changed_parts_are_reported(tmp_path: Path) -> None:
    left = {"Userann": {"Type": "AWS::IAM::User", "Properties": {"UserName": "ann"}}}
    spare = document("s3:GetObject", "arn:aws:s3:::a/*")
    spare["Statement"] *= 2
    policies = [{"PolicyName": "spare", "PolicyDocument": spare}]
    more = {"Userbob": {"Type": "AWS::IAM::User", "Properties": {"UserName": "bob", "Policies": policies}}}
    base, head = given_of(tmp_path / "was", left), given_of(tmp_path / "now", left | more)
    parts = changed_parts(base.assembly, head.assembly, (base.root, head.root))
    assert parts.left_out == 1
    assert "POL011" in {each.rule for each in check_both(base.assembly, head.assembly, parts)[1]}
