"""A change set of type IMPORT adopts what exists, changes nothing of it, and is refused for what AWS refuses."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.cloud import ACCOUNT

TRUST = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
}
READS = {"Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
ARN = f"arn:aws:iam::{ACCOUNT}:"
RESOURCES = {
    "User": ("AWS::IAM::User", {"UserName": "alva", "Path": "/team/"}, ("UserName", "alva")),
    "Group": ("AWS::IAM::Group", {"GroupName": "readers"}, ("GroupName", "readers")),
    "Role": (
        "AWS::IAM::Role",
        {"RoleName": "web", "AssumeRolePolicyDocument": TRUST},
        ("RoleName", "web"),
    ),
    "Profile": (
        "AWS::IAM::InstanceProfile",
        {"InstanceProfileName": "web-profile", "Roles": ["web"]},
        ("InstanceProfileName", "web-profile"),
    ),
    "Policy": (
        "AWS::IAM::ManagedPolicy",
        {"ManagedPolicyName": "reads", "Path": "/team/", "PolicyDocument": READS},
        ("PolicyArn", f"{ARN}policy/team/reads"),
    ),
    "Provider": (
        "AWS::IAM::OIDCProvider",
        {"Url": "https://id.example", "ClientIdList": ["app"]},
        ("Arn", f"{ARN}oidc-provider/id.example"),
    ),
}


def template(*names, policy="Retain", **more):
    found = {
        name: {
            "Type": RESOURCES[name][0],
            "Properties": RESOURCES[name][1],
            **({"DeletionPolicy": policy} if policy else {}),
        }
        for name in names
    }
    return {"Resources": found | more}


def identified(*names):
    return [
        {
            "ResourceType": RESOURCES[name][0],
            "LogicalResourceId": name,
            "ResourceIdentifier": dict([RESOURCES[name][2]]),
        }
        for name in names
    ]


def imported(cloud, body, resources, stack="adopted"):
    """Make the change set and run it; return its status and the reason."""
    formation = cloud.client("cloudformation")
    made = formation.create_change_set(
        StackName=stack,
        ChangeSetName=f"import-{len(body['Resources'])}",
        ChangeSetType="IMPORT",
        ResourcesToImport=resources,
        TemplateBody=json.dumps(body),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    found = formation.describe_change_set(ChangeSetName=made["Id"])
    if found["ExecutionStatus"] == "AVAILABLE":
        formation.execute_change_set(ChangeSetName=made["Id"])
        formation.get_waiter("stack_import_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
        )
    return found["Status"], found.get("StatusReason", "")


@pytest.fixture
def existing(cloud):
    iam = cloud.iam
    iam.create_user(UserName="alva", Path="/team/")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(UserName="alva", GroupName="readers")
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName="web-profile")
    iam.add_role_to_instance_profile(InstanceProfileName="web-profile", RoleName="web")
    iam.create_policy(PolicyName="reads", Path="/team/", PolicyDocument=json.dumps(READS))
    iam.attach_user_policy(UserName="alva", PolicyArn=f"{ARN}policy/team/reads")
    iam.create_open_id_connect_provider(Url="https://id.example", ClientIDList=["app"])
    return cloud


def details(cloud):
    found = cloud.iam.get_account_authorization_details()
    found.pop("ResponseMetadata")
    return found


def test_an_import_changes_nothing_and_a_later_update_changes_in_place(existing):
    before = details(existing)
    assert imported(existing, template(*RESOURCES), identified(*RESOURCES))[0] == "CREATE_COMPLETE"
    assert details(existing) == before
    formation = existing.client("cloudformation")
    later = template(*RESOURCES)
    later["Resources"]["User"]["Properties"] |= {
        "Groups": ["readers"],
        "Tags": [{"Key": "team", "Value": "a"}],
    }
    formation.update_stack(
        StackName="adopted", TemplateBody=json.dumps(later), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    formation.get_waiter("stack_update_complete").wait(
        StackName="adopted", WaiterConfig={"Delay": 1, "MaxAttempts": 20}
    )
    (user,) = details(existing)["UserDetailList"]
    assert user["UserId"] == before["UserDetailList"][0]["UserId"]
    assert user["Tags"] == [{"Key": "team", "Value": "a"}]
    assert user["AttachedManagedPolicies"] == before["UserDetailList"][0]["AttachedManagedPolicies"]


@pytest.mark.parametrize("name", RESOURCES)
def test_what_does_not_exist_fails_the_change_set(cloud, name):
    status, reason = imported(cloud, template(name), identified(name))
    assert status == "FAILED"
    assert "Service: Iam, Status Code: 404" in reason


def test_what_is_in_another_stack_fails_the_change_set(existing):
    imported(existing, template("User"), identified("User"), stack="first")
    status, reason = imported(existing, template("User"), identified("User"), stack="second")
    assert status == "FAILED"
    assert reason.startswith("alva already exists in stack ")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            template("User", policy=""),
            "must have DeletionPolicy attribute specified in the template",
            id="no deletion policy",
        ),
        pytest.param(
            template("User", New={"Type": "AWS::IAM::Group"}),
            "is missing from ResourceToImport list",
            id="something new",
        ),
        pytest.param(
            {**template("User"), "Outputs": {"Name": {"Value": "alva"}}},
            "you cannot modify or add [Outputs]",
            id="an output",
        ),
    ],
)
def test_other_changes_are_refused(existing, body, message):
    with pytest.raises(ClientError, match=message.replace("[", r"\[")):
        imported(existing, body, identified("User"))


def test_what_a_stack_has_already_stays_as_it_is_during_an_import(existing):
    imported(existing, template("User"), identified("User"))
    body = template("User", "Group")
    body["Resources"]["User"]["Properties"] = {"UserName": "alva", "Path": "/team/", "Groups": ["readers"]}
    with pytest.raises(ClientError, match="You have modified resources"):
        imported(existing, body, identified("Group"))
