"""Helpers for tests of the sandbox: clients for any credentials, stacks, policies in one line."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from keywright.sandbox.client.control import reset

ACCOUNT = "111111111111"
OTHER_ACCOUNT = "222222222222"
REGION = "eu-central-1"


@dataclass(frozen=True)
class Outcome:
    """The result of a stack operation: status, failure reasons by logical id, outputs."""

    status: str
    reasons: dict = field(default_factory=dict)
    outputs: dict = field(default_factory=dict)


class Cloud:
    """One sandbox, seen from the outside, in a region."""

    def __init__(self, environment, region=REGION):
        self.environment = environment
        self.endpoint = environment["AWS_ENDPOINT_URL"]
        self.root = (environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
        self.other_root = (OTHER_ACCOUNT, self.root[1])
        self._session = boto3.Session(region_name=region)
        self._clients = {}

    def client(self, service, credentials=None, endpoint=None):
        """Return a client; credentials are the root's, a (key id, secret[, token]) tuple, or "nobody"."""
        chosen = self.root if credentials is None else credentials
        if (service, chosen, endpoint) not in self._clients:
            options = {"retries": {"max_attempts": 1}, "proxies": {}}
            if chosen == "nobody":
                options["signature_version"], chosen_keys = UNSIGNED, ()
            else:
                chosen_keys = chosen
            names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            self._clients[service, chosen, endpoint] = self._session.client(
                service,
                endpoint_url=endpoint or self.endpoint,
                config=Config(**options),
                **dict(zip(names, chosen_keys, strict=False)),
            )
        return self._clients[service, chosen, endpoint]

    def close(self):
        for client in self._clients.values():
            client.close()

    def reset(self):
        """Start over, with the same clients where they are the root's."""
        for key in [key for key in self._clients if key[1] != self.root]:
            self._clients.pop(key).close()
        reset(self.endpoint)

    @property
    def iam(self):
        return self.client("iam")

    def user(self, name, *statements, **more):
        """Make a user with an inline policy and a key, and give its long-term credentials."""
        self.iam.create_user(UserName=name, **more)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="grants", PolicyDocument=policy(*statements))
        return self.key(name)

    def key(self, name):
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def role(self, name, trust, *statements, **more):
        """Make a role and give its ARN."""
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust), **more)["Role"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="grants", PolicyDocument=policy(*statements))
        return role["Arn"]

    def deploy(self, resources, stack="stack", *, outputs=None, **more):
        """Create the stack, or update it if it exists, and wait for the end."""
        body = {"Resources": resources, **({"Outputs": outputs} if outputs else {})}
        formation = self.client("cloudformation")
        exists = any(each["StackName"] == stack for each in formation.describe_stacks()["Stacks"])
        (formation.update_stack if exists else formation.create_stack)(
            StackName=stack, TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_NAMED_IAM"], **more
        )
        return self.outcome(stack)

    def destroy(self, stack="stack"):
        formation = self.client("cloudformation")
        stack_id = formation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
        formation.delete_stack(StackName=stack)
        return self.outcome(stack_id)

    def outcome(self, stack):
        formation = self.client("cloudformation")
        while True:
            found = formation.describe_stacks(StackName=stack)["Stacks"][0]
            if not found["StackStatus"].endswith("IN_PROGRESS"):
                break
            time.sleep(0.01)
        outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
        return Outcome(found["StackStatus"], self._reasons(stack), outputs)

    def events(self, stack="stack"):
        """Return the stack's events, first one first, as (logical id, status)."""
        events = self.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
        return [(each["LogicalResourceId"], each["ResourceStatus"]) for each in reversed(events)]

    def _reasons(self, stack):
        events = self.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
        return {
            each["LogicalResourceId"]: each.get("ResourceStatusReason", "")
            for each in reversed(events)
            if each["ResourceStatus"].endswith("_FAILED") and each["LogicalResourceId"] != each["StackName"]
        }


def policy(*statements):
    """Write a policy document of (effect, actions, resources[, conditions]) tuples or whole statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement(each) for each in statements]})


def statement(each):
    if isinstance(each, dict):
        return each
    effect, action, resource, *condition = each
    return {
        "Effect": effect,
        "Action": action,
        "Resource": resource,
        **({"Condition": condition[0]} if condition else {}),
    }


def trust(principal, action="sts:AssumeRole", condition=None):
    """Write a trust statement."""
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        **({"Condition": condition} if condition else {}),
    }


EC2_TRUST = trust({"Service": "ec2.amazonaws.com"})


def resource(kind, /, **properties):
    """Write a resource of a template; `DependsOn` and the policies are written beside the properties."""
    beside = {
        name: properties.pop(name)
        for name in ("DependsOn", "DeletionPolicy", "UpdateReplacePolicy")
        if name in properties
    }
    return {"Type": kind, "Properties": properties, **beside}


def inline(name, *statements):
    """Write one entry of a `Policies` property."""
    return {"PolicyName": name, "PolicyDocument": json.loads(policy(*statements))}


def allow(action, resource="*", condition=None):
    return ("Allow", action, resource, *([condition] if condition else []))


def deny(action, resource="*", condition=None):
    return ("Deny", action, resource, *([condition] if condition else []))


def is_allowed(call, **arguments):
    """Return whether a call is allowed; any error but a denial is a mistake of the test."""
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] in REFUSALS:
            return False
        raise
    return True


REFUSALS = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
}


def code_of(call, **arguments):
    """Return the error code a call is refused with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]
