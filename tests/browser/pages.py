"""Pages to look at: a review of a small account, one with hostile names, a map of many principals."""

from __future__ import annotations

import json
from contextlib import chdir
from pathlib import Path

from typer.testing import CliRunner

from keywright.cli.main import app

HERE = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}
OBJECTS = "arn:aws:s3:::acme-reports/*"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
LONG_PATH = f"/{'departments/' * 42}x/"
HOSTILE = {
    "a script": "<script>window.hacked=1</script>",
    "the end of the data": "</script><script>window.hacked=1</script><!--",
    "an image": "<img src=x onerror=window.hacked=1>",
    "quotes": '"\'`onmouseover=window.hacked=1 x="',
    "right to left": "\u202eevil\u2066resu\u2069",
    "hebrew": "משתמש אחד",
    "invisible": "a\u200bb\ufeffc\u2028d",
    "a template": "${window.hacked=1}{{hacked}}",
    "a verdict": "\n# No new access",
    "emoji": "👩‍💻 ünïcødé",
    "long": "x" * 512,
    "a prototype": "__proto__",
}


def allow(action, on="*", **elements):
    return {"Effect": "Allow", "Action": action, "Resource": on} | elements


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def resource(kind, **properties):
    return {"Type": f"AWS::{kind}", "Properties": properties}


def inline(*statements):
    return [{"PolicyName": "grants", "PolicyDocument": document(*statements)}]


def user(name, *statements, **properties):
    return resource("IAM::User", UserName=name, Policies=inline(*statements), **properties)


def bucket_policy(principal):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": OBJECTS}
    return resource("S3::BucketPolicy", Bucket="acme-reports", PolicyDocument=document(statement))


def role(name, principal, *statements):
    trusted = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    return resource(
        "IAM::Role", RoleName=name, AssumeRolePolicyDocument=trusted, Policies=inline(*statements)
    )


READ = allow("s3:GetObject", OBJECTS)
BASE = {
    "Analysts": resource("IAM::Group", GroupName="analysts", Policies=inline(READ)),
    "Alice": resource("IAM::User", UserName="alice", Groups=[{"Ref": "Analysts"}]),
    "Bob": resource("IAM::User", UserName="bob", Groups=[{"Ref": "Analysts"}]),
    "Carol": user("carol", allow("ssm:StartSession", "arn:aws:ec2:*:*:instance/*")),
    "Worker": role("worker", {"Service": "ec2.amazonaws.com"}, READ),
    "Admin": role("admin", {"AWS": HERE}, allow("*")),
    "Policy": bucket_policy({"AWS": "222222222222"}),
}
HEAD = BASE | {
    "Analysts": resource(
        "IAM::Group",
        GroupName="analysts",
        Policies=inline(READ, allow("s3:PutObject", "arn:aws:s3:::acme-reports/monthly/*", Condition=MFA)),
    ),
    "Carol": resource("IAM::User", UserName="carol"),
    "Worker": role("worker", {"Service": "ec2.amazonaws.com"}, READ, allow("iam:PutRolePolicy", "*")),
    "Dave": resource(
        "IAM::User", UserName="dave", ManagedPolicyArns=["arn:aws:iam::111111111111:policy/else"]
    ),
    "Policy": bucket_policy("*"),
    "Key": resource("IAM::AccessKey", UserName="bob"),
}


def hostile(name):
    return {
        "Alice": user(name, allow(["s3:PutObject", name], [OBJECTS, name]) | {"Sid": name}, Path=LONG_PATH),
        "Worker": role(name, {"AWS": name}, READ),
        "Group": resource("IAM::Group", GroupName=name),
        "Policy": resource(
            "S3::BucketPolicy", Bucket=name, PolicyDocument=document(READ | {"Principal": name})
        ),
        name: resource("IAM::AccessKey", UserName=name),
    }


def many(number):
    people = {
        f"User{n}": user(f"user-{n:04}", allow("s3:GetObject", f"arn:aws:s3:::home/{n}/*"))
        for n in range(number)
    }
    return people | {"Admin": role("admin", {"AWS": HERE}, allow("*"))}


def write(file, resources):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        json.dumps({"Resources": resources} if isinstance(resources, dict) else resources, indent=1)
    )
    return file


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)


def review_page(folder, base, head):
    with chdir(folder):
        one, other = write(Path("base", "t.json"), base), write(Path("head", "t.json"), head)
        page = run("review", one, other, "--format", "html", "--today", "2026-11-24").stdout
    return _written(folder / "review.html", page)


def map_page(folder, resources):
    with chdir(folder):
        return _written(
            folder / "map.html", run("map", write(Path("t.json"), resources), "--output", "-").stdout
        )


def _written(file, page):
    file.write_text(page)
    return file
