"""A small assembly from its resources alone, as `cdk synth` would write it."""

from __future__ import annotations

import json

from keywright.assembly.templates.reader import read_assembly

ACCOUNT, REGION = "111111111111", "eu-central-1"
IAM = f"arn:aws:iam::{ACCOUNT}"


def assembly(folder, resources, *, stack="stack", account=ACCOUNT, region=REGION, **sections):
    """Write one stack with its manifest, and read it."""
    (folder / f"{stack}.template.json").write_text(json.dumps({"Resources": resources, **sections}))
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{account or 'unknown-account'}/{region or 'unknown-region'}",
        "properties": {"templateFile": f"{stack}.template.json", "stackName": stack},
    }
    manifest = {"version": "48.0.0", "artifacts": {stack: artifact}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return read_assembly(folder)


def resource(kind, /, **properties):
    """Give a resource as a template has it."""
    return {"Type": kind, "Properties": properties}


def trusting(service):
    """Give a trust policy for one service."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def allowing(*actions, on="*", effect="Allow", **more):
    """Give a policy document of one statement."""
    statement = {"Effect": effect, "Action": list(actions), "Resource": on, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


HOLDING = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:*", "Resource": "*"},
    ],
}
"""A boundary under which nobody changes an identity."""


def boundary(name="limit", document=HOLDING):
    """Give a managed policy that may serve as a boundary, under `/team/`."""
    return resource("AWS::IAM::ManagedPolicy", ManagedPolicyName=name, Path="/team/", PolicyDocument=document)


def role(name, **more):
    """Give a role under `/team/` with that boundary."""
    given = {
        "AssumeRolePolicyDocument": trusting("lambda.amazonaws.com"),
        "Path": "/team/",
        "PermissionsBoundary": {"Ref": "Limit"},
        "RoleName": name,
    }
    kept = {key: value for key, value in {**given, **more}.items() if value is not None}
    return resource("AWS::IAM::Role", **kept)
