"""A stack's clean-up deletes in reverse order, tries three times, skips failures, and ends as UPDATE_COMPLETE.

What passes here because of a repair proves the repair, not AWS.
"""

import json

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.cloud import allow, inline, policy, resource, trust

RECORDING = """
import boto3, json, urllib.request

def handler(event, context):
    name = event["ResourceProperties"]["Name"]
    status = "SUCCESS"
    if event["RequestType"] == "Delete":
        left = [user["UserName"] for user in boto3.client("iam").list_users()["Users"]]
        boto3.client("ssm").put_parameter(Name="/seen", Value=",".join(left) or "nobody", Type="String", Overwrite=True)
        status = event["ResourceProperties"].get("OnDelete", "SUCCESS")
    body = {"Status": status, "Reason": "as told", "PhysicalResourceId": "keeper-" + name, "StackId": event["StackId"],
            "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"]}
    request = urllib.request.Request(event["ResponseURL"], data=json.dumps(body).encode(), method="PUT")
    urllib.request.urlopen(request)
"""


def keeper():
    """A custom resource's function that records the remaining users when it is told to delete."""
    lambdas = json.loads(policy(trust({"Service": "lambda.amazonaws.com"})))
    return {
        "KeeperRole": resource(
            "AWS::IAM::Role",
            AssumeRolePolicyDocument=lambdas,
            Policies=[inline("p", allow(["iam:ListUsers", "ssm:PutParameter"]))],
        ),
        "Keeper": resource(
            "AWS::Lambda::Function",
            Runtime="python3.12",
            Handler="index.handler",
            Code={"ZipFile": RECORDING},
            Role={"Fn::GetAtt": ["KeeperRole", "Arn"]},
        ),
    }


def kept(user, **more):
    """A user and its custom resource."""
    token = {"Fn::GetAtt": ["Keeper", "Arn"]}
    return {
        user: resource("AWS::IAM::User", UserName=user),
        f"{user}Kept": resource(
            "Custom::Kept", ServiceToken=token, Name={"Ref": user}, ServiceTimeout=60, **more
        ),
    }


def seen(cloud):
    return cloud.client("ssm").get_parameter(Name="/seen")["Parameter"]["Value"]


def test_custom_resource_that_refers_to_a_user_is_deleted_before_the_user(cloud):
    cloud.deploy({**keeper(), **kept("alice")})
    assert cloud.deploy(keeper()).status == "UPDATE_COMPLETE"
    assert seen(cloud) == "alice"
    assert cloud.iam.list_users()["Users"] == []


def test_removed_resource_is_deleted_before_the_replaced_one_it_referred_to(cloud):
    cloud.deploy({**keeper(), **kept("alice")})
    replaced = {**keeper(), "alice": resource("AWS::IAM::User", UserName="other")}
    assert cloud.deploy(replaced).status == "UPDATE_COMPLETE"
    assert "alice" in seen(cloud).split(",")
    assert [user["UserName"] for user in cloud.iam.list_users()["Users"]] == ["other"]


def test_failed_clean_up_is_tried_three_times_and_skipped_and_the_update_is_complete(cloud):
    cloud.deploy(
        {"G": resource("AWS::IAM::Group", GroupName="g"), "U": resource("AWS::IAM::User", UserName="u")}
    )
    cloud.iam.create_login_profile(UserName="u", Password="Correct-horse-1")
    outcome = cloud.deploy({"G": resource("AWS::IAM::Group", GroupName="g")})
    assert outcome.status == "UPDATE_COMPLETE"
    assert "must delete login profile first" in outcome.reasons["U"]
    events = cloud.events()
    assert events[-8:] == [
        ("stack", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        *[("U", "DELETE_IN_PROGRESS"), ("U", "DELETE_FAILED")] * 3,
        ("stack", "UPDATE_COMPLETE"),
    ]
    assert cloud.iam.get_user(UserName="u")["User"]["UserName"] == "u"
    left = cloud.client("cloudformation").describe_stack_resources(StackName="stack")["StackResources"]
    assert [each["LogicalResourceId"] for each in left] == ["G"]


def test_replaced_user_that_is_left_stays_beside_the_new_one(cloud):
    cloud.deploy({"U": resource("AWS::IAM::User", UserName="old")})
    cloud.key("old")
    outcome = cloud.deploy({"U": resource("AWS::IAM::User", UserName="new")})
    assert outcome.status == "UPDATE_COMPLETE"
    assert "must delete access keys first" in outcome.reasons["U"]
    assert sorted(user["UserName"] for user in cloud.iam.list_users()["Users"]) == ["new", "old"]


def test_failed_deletion_of_a_stack_is_delete_failed_and_can_be_tried_again(cloud):
    cloud.deploy({"U": resource("AWS::IAM::User", UserName="u")})
    [key] = [cloud.key("u")[0]]
    outcome = cloud.destroy()
    assert outcome.status == "DELETE_FAILED"
    assert "must delete access keys first" in outcome.reasons["U"]
    cloud.iam.delete_access_key(UserName="u", AccessKeyId=key)
    assert cloud.destroy().status == "DELETE_COMPLETE"


def test_untouched_resources_have_no_events(cloud):
    group = {"G": resource("AWS::IAM::Group", GroupName="g")}
    cloud.deploy(group)
    before = len(cloud.events())
    cloud.deploy({**group, "U": resource("AWS::IAM::User", UserName="u")})
    assert cloud.events()[before:] == [
        ("stack", "UPDATE_IN_PROGRESS"),
        ("U", "CREATE_IN_PROGRESS"),
        ("U", "CREATE_COMPLETE"),
        ("stack", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("stack", "UPDATE_COMPLETE"),
    ]


def test_failed_update_restores_the_previous_state(cloud):
    cloud.deploy(
        {"G": resource("AWS::IAM::Group", GroupName="g", Policies=[inline("p", allow("s3:GetObject"))])}
    )
    outcome = cloud.deploy({
        "G": resource("AWS::IAM::Group", GroupName="g", Policies=[inline("p", allow("s3:*"))]),
        "H": resource("AWS::IAM::Group", GroupName="h", DependsOn="G"),
        "U": resource("AWS::IAM::User", UserName="u", Groups=["no-such"], DependsOn="H"),
    })  # fmt: skip
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    statement = cloud.iam.get_group_policy(GroupName="g", PolicyName="p")["PolicyDocument"]["Statement"]
    assert statement[0]["Action"] == "s3:GetObject"
    with pytest.raises(ClientError, match="NoSuchEntity"):
        cloud.iam.get_group(GroupName="h")


def test_custom_resource_that_cannot_be_deleted_is_skipped(cloud):
    cloud.deploy({**keeper(), **kept("alice", OnDelete="FAILED")})
    outcome = cloud.deploy(keeper())
    assert (outcome.status, outcome.reasons) == ("UPDATE_COMPLETE", {"aliceKept": "as told"})
    assert cloud.iam.list_users()["Users"] == []
