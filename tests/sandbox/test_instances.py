"""Instances get their role's credentials from their metadata, and roles are passed with permission only.

AWS: "Use the Instance Metadata Service to access instance metadata", "IAM roles for Amazon EC2" in the Amazon
EC2 User Guide, "Grant a user permissions to pass a role to an AWS service" in the IAM User Guide. What passes
here because of a repair proves the repair, not AWS.
"""

import json
import urllib.error
import urllib.request

import pytest
from botocore.credentials import InstanceMetadataProvider
from botocore.utils import InstanceMetadataFetcher

from keywright.sandbox.client.control import ControlRefused
from keywright.sandbox.client.metadata import serve
from tests.sandbox.cloud import (
    ACCOUNT,
    EC2_TRUST,
    REGION,
    allow,
    code_of,
    deny,
    inline,
    is_allowed,
    policy,
    resource,
    trust,
)

TTL = "X-aws-ec2-metadata-token-ttl-seconds"
LAMBDA_TRUST = trust({"Service": "lambda.amazonaws.com"})


def get(address, path="/latest/", method="GET", **headers):
    request = urllib.request.Request(address + path, method=method, headers=headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
        return response.read().decode()


def status(address, path, method="GET", **headers):
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(address, path, method, **headers)
    caught.value.close()
    return caught.value.code


def token(address, ttl="60"):
    return {"X-aws-ec2-metadata-token": get(address, "/latest/api/token", "PUT", **{TTL: ttl})}


def credentials(address):
    """What boto3's own provider finds there, None where there is nothing."""
    fetcher = InstanceMetadataFetcher(
        timeout=2, num_attempts=1, base_url=address + "/", env={"AWS_EC2_METADATA_DISABLED": "false"}
    )
    try:
        found = InstanceMetadataProvider(iam_role_fetcher=fetcher).load()
    finally:
        fetcher._session.close()
    return found and tuple(found.get_frozen_credentials())[:3]


def profile(cloud, name="web", trusting=EC2_TRUST, *statements):
    """A role in a profile of the same name."""
    cloud.role(name, trusting, *statements)
    cloud.iam.create_instance_profile(InstanceProfileName=name)
    cloud.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)


def launch(cloud, name=None, credentials=None, **more):
    """Launch one instance and give its id."""
    if name:
        more["IamInstanceProfile"] = {"Name": name}
    answer = cloud.client("ec2", credentials).run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, **more
    )
    return answer["Instances"][0]["InstanceId"]


def test_metadata_gives_credentials_of_the_role_that_sts_accepts(cloud):
    profile(cloud, "web", EC2_TRUST, allow("ssm:DescribeParameters"))
    instance = launch(cloud, "web")
    given = credentials(serve(cloud.endpoint, instance))
    arn = cloud.client("sts", given).get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{instance}"
    assert is_allowed(cloud.client("ssm", given).describe_parameters)
    assert not is_allowed(cloud.client("iam", given).list_users)


def test_metadata_requires_a_token(cloud):
    profile(cloud)
    address = serve(cloud.endpoint, launch(cloud, "web"))
    path = "/latest/meta-data/iam/security-credentials/"
    assert status(address, path) == 401
    assert status(address, path, **{"X-aws-ec2-metadata-token": "guess"}) == 401
    assert get(address, path, **token(address)) == "web"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, 400, id="no lifetime"),
        pytest.param({TTL: "0"}, 400, id="no time at all"),
        pytest.param({TTL: "21601"}, 400, id="more than six hours"),
        pytest.param({TTL: "60", "X-Forwarded-For": "10.0.0.1"}, 403, id="forwarded"),
    ],
)
def test_token_is_refused(cloud, headers, expected):
    address = serve(cloud.endpoint, launch(cloud))
    assert status(address, "/latest/api/token", "PUT", **headers) == expected


def test_instance_without_a_profile_has_no_credentials(cloud):
    address = serve(cloud.endpoint, launch(cloud))
    assert status(address, "/latest/meta-data/iam/info", **token(address)) == 404
    assert credentials(address) is None


def test_metadata_follows_the_association(cloud):
    """The Amazon EC2 API Reference "AssociateIamInstanceProfile": no restart is needed."""
    for name in ("a", "b"):
        profile(cloud, name)
    ec2, instance = cloud.client("ec2"), launch(cloud)
    address = serve(cloud.endpoint, instance)
    made = ec2.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Name": "a"})
    association = made["IamInstanceProfileAssociation"]["AssociationId"]
    assert who(cloud, address) == "a"
    ec2.replace_iam_instance_profile_association(AssociationId=association, IamInstanceProfile={"Name": "b"})
    assert who(cloud, address) == "b"
    ec2.disassociate_iam_instance_profile(AssociationId=association)
    assert credentials(address) is None


def test_credentials_outlive_the_association_until_they_are_revoked(cloud):
    """Revoke IAM role temporary security credentials; Replace an IAM role on an instance."""
    for name in ("a", "b"):
        profile(cloud, name, EC2_TRUST, allow("ssm:DescribeParameters"))
    ec2, instance = cloud.client("ec2"), launch(cloud, "a")
    address = serve(cloud.endpoint, instance)
    old = credentials(address)
    [association] = ec2.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]
    ec2.replace_iam_instance_profile_association(
        AssociationId=association["AssociationId"], IamInstanceProfile={"Name": "b"}
    )
    assert is_allowed(cloud.client("ssm", old).describe_parameters)
    tomorrow = {"DateLessThan": {"aws:TokenIssueTime": "2999-01-01T00:00:00Z"}}
    document = policy(deny("*", "*", tomorrow))
    cloud.iam.put_role_policy(RoleName="a", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document)
    assert not is_allowed(cloud.client("ssm", old).describe_parameters)
    assert is_allowed(cloud.client("ssm", credentials(address)).describe_parameters)


def who(cloud, address):
    arn = cloud.client("sts", credentials(address)).get_caller_identity()["Arn"]
    return arn.split("/")[1]


def test_change_of_the_roles_policies_reaches_credentials_already_given(cloud):
    profile(cloud)
    given = credentials(serve(cloud.endpoint, launch(cloud, "web")))
    assert not is_allowed(cloud.client("ssm", given).describe_parameters)
    document = policy(allow("ssm:DescribeParameters"))
    cloud.iam.put_role_policy(RoleName="web", PolicyName="more", PolicyDocument=document)
    assert is_allowed(cloud.client("ssm", given).describe_parameters)


def test_role_that_does_not_trust_ec2_gives_no_credentials(cloud):
    """Troubleshoot IAM and Amazon EC2: AssumeRoleUnauthorizedAccess."""
    profile(cloud, "web", LAMBDA_TRUST)
    address = serve(cloud.endpoint, launch(cloud, "web"))
    answer = json.loads(get(address, "/latest/meta-data/iam/security-credentials/web", **token(address)))
    assert answer["Code"] == "AssumeRoleUnauthorizedAccess"
    assert "SecretAccessKey" not in answer


def test_metadata_describes_the_instance(cloud):
    address = serve(
        cloud.endpoint, instance := launch(cloud, UserData="#!/bin/sh\n", InstanceType="t3.micro")
    )
    shown = token(address)
    document = json.loads(get(address, "/latest/dynamic/instance-identity/document", **shown))
    assert (document["region"], document["accountId"], document["instanceId"]) == (REGION, ACCOUNT, instance)
    assert get(address, "/latest/meta-data/placement/region", **shown) == REGION
    assert get(address, "/latest/meta-data/instance-type", **shown) == "t3.micro"
    assert get(address, "/latest/user-data", **shown) == "#!/bin/sh\n"
    assert "instance-id" in get(address, "/latest/meta-data/", **shown).split("\n")
    assert status(address, "/latest/meta-data/no-such-thing", **shown) == 404


def test_metadata_ends_with_the_instance(cloud):
    profile(cloud)
    instance = launch(cloud, "web")
    address = serve(cloud.endpoint, instance)
    assert serve(cloud.endpoint, instance) == address
    cloud.client("ec2").terminate_instances(InstanceIds=[instance])
    assert credentials(address) is None


def test_only_instances_have_metadata(cloud):
    with pytest.raises(ControlRefused, match="InvalidInstanceID"):
        serve(cloud.endpoint, "i-0123456789abcdef0")
    assert status(cloud.endpoint, "/latest/meta-data/iam/security-credentials/") == 404


def test_launch_uses_profile_and_type_of_a_template(cloud):
    """The Amazon EC2 API Reference "RunInstances": LaunchTemplate."""
    profile(cloud)
    data = {"IamInstanceProfile": {"Name": "web"}, "InstanceType": "t3.small", "ImageId": "ami-12c6146b"}
    ec2 = cloud.client("ec2")
    ec2.create_launch_template(LaunchTemplateName="lt", LaunchTemplateData=data)
    answer = ec2.run_instances(MinCount=1, MaxCount=1, LaunchTemplate={"LaunchTemplateName": "lt"})
    instance = answer["Instances"][0]
    assert instance["InstanceType"] == "t3.small"
    assert who(cloud, serve(cloud.endpoint, instance["InstanceId"])) == "web"
    unknown = {"LaunchTemplateName": "no-such"}
    assert code_of(ec2.run_instances, MinCount=1, MaxCount=1, LaunchTemplate=unknown).startswith(
        "InvalidLaunch"
    )


def test_launch_with_a_profile_that_does_not_exist_is_refused(cloud):
    refused = code_of(
        cloud.client("ec2").run_instances,
        ImageId="ami-12c6146b",
        MinCount=1,
        MaxCount=1,
        IamInstanceProfile={"Name": "nobody"},
    )
    assert refused == "InvalidParameterValue"


def template(**more):
    trusting = json.loads(policy(EC2_TRUST))
    return {
        "Role": resource(
            "AWS::IAM::Role", AssumeRolePolicyDocument=trusting, Policies=[inline("p", allow("ssm:*"))]
        ),
        "Profile": resource("AWS::IAM::InstanceProfile", Roles=[{"Ref": "Role"}]),
        "Template": resource(
            "AWS::EC2::LaunchTemplate",
            LaunchTemplateData={
                "ImageId": "ami-12c6146b",
                "IamInstanceProfile": {"Arn": {"Fn::GetAtt": ["Profile", "Arn"]}},
                "MetadataOptions": {"HttpTokens": "required"},
            },
        ),
        "Instance": resource(
            "AWS::EC2::Instance",
            LaunchTemplate={"LaunchTemplateId": {"Ref": "Template"}, "Version": "1"},
            **more,
        ),
    }


def test_instance_of_a_stack_launches_from_its_template_and_ends_with_it(cloud):
    """AWS::EC2::Instance LaunchTemplate."""
    made = cloud.deploy(template(), outputs={"Id": {"Value": {"Ref": "Instance"}}})
    address = serve(cloud.endpoint, made.outputs["Id"])
    assert is_allowed(cloud.client("ssm", credentials(address)).describe_parameters)
    assert cloud.destroy().status == "DELETE_COMPLETE"
    [reservation] = cloud.client("ec2").describe_instances()["Reservations"]
    assert reservation["Instances"][0]["State"]["Name"] == "terminated"


def test_instance_changes_profile_and_tags_in_place_and_image_by_replacement(cloud):
    """AWS::EC2::Instance: what each property's update requires."""
    profile(cloud, "other")

    def instance(**more):
        return {
            "I": resource(
                "AWS::EC2::Instance", **{"ImageId": "ami-12c6146b", "InstanceType": "t3.micro", **more}
            )
        }

    ref = {"Id": {"Value": {"Ref": "I"}}}
    first = cloud.deploy(instance(Tags=[{"Key": "a", "Value": "1"}]), outputs=ref).outputs["Id"]
    changed = instance(IamInstanceProfile="other", InstanceType="t3.small", Tags=[{"Key": "b", "Value": "2"}])
    assert cloud.deploy(changed, outputs=ref).outputs["Id"] == first
    [found] = cloud.client("ec2").describe_instances(InstanceIds=[first])["Reservations"][0]["Instances"]
    assert found["InstanceType"] == "t3.small"
    assert [tag["Key"] for tag in found["Tags"]] == ["b"]
    assert who(cloud, serve(cloud.endpoint, first)) == "other"
    assert cloud.deploy(instance(ImageId="ami-00000000"), outputs=ref).outputs["Id"] != first


REFRESH = {"AutoScalingInstanceRefresh": {"Strategy": "Rolling"}}


def grouped(kind="t3.micro", policy=REFRESH, **more):
    """A group that follows its template's latest version; `kind` is what an edit of the template changes."""
    resources = template()
    del resources["Instance"]
    resources["Template"]["Properties"]["LaunchTemplateData"]["InstanceType"] = kind
    sizes = {"MinSize": "2", "MaxSize": "3"} | more
    follows = {
        "LaunchTemplateId": {"Ref": "Template"},
        "Version": {"Fn::GetAtt": ["Template", "LatestVersionNumber"]},
    }
    group = resource("AWS::AutoScaling::AutoScalingGroup", **({"LaunchTemplate": follows} | sizes))
    return {**resources, "Group": group | ({"UpdatePolicy": policy} if policy else {})}


def running(cloud):
    found = cloud.client("ec2").describe_instances(
        Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
    )["Reservations"]
    return {each["InstanceId"]: each for reservation in found for each in reservation["Instances"]}


def test_group_launches_instances_with_the_role_and_terminates_them(cloud):
    """AWS::AutoScaling::AutoScalingGroup LaunchTemplate, MinSize."""
    assert cloud.deploy(grouped()).status == "CREATE_COMPLETE"
    known = cloud.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"]
    assert {each["InstanceId"] for each in known} == set(running(cloud))
    assert len(known) == 2
    for each in known:
        given = credentials(serve(cloud.endpoint, each["InstanceId"]))
        assert is_allowed(cloud.client("ssm", given).describe_parameters)
    cloud.destroy()
    assert running(cloud) == {}


def test_edit_of_the_template_replaces_a_groups_instances_under_its_update_policy(cloud):
    """UpdatePolicy attribute: AutoScalingInstanceRefresh."""
    cloud.deploy(grouped())
    before = running(cloud)
    address = serve(cloud.endpoint, next(iter(before)))
    taken = credentials(address)
    cloud.deploy(grouped("t3.small"))
    after = running(cloud)
    assert not before.keys() & after.keys()
    assert [each["InstanceType"] for each in after.values()] == ["t3.small"] * 2
    assert credentials(address) is None
    assert is_allowed(cloud.client("ssm", taken).describe_parameters)


def test_without_an_update_policy_old_instances_stay(cloud):
    cloud.deploy(grouped(policy=None))
    before = running(cloud)
    cloud.deploy(grouped("t3.small", policy=None))
    assert running(cloud).keys() == before.keys()


def test_size_that_scaling_has_changed_stays_within_the_declared_range(cloud):
    """AWS::AutoScaling::AutoScalingGroup DesiredCapacity."""
    cloud.deploy(grouped(MinSize="1"))
    assert len(running(cloud)) == 1
    scaling = cloud.client("autoscaling")
    [group] = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    scaling.set_desired_capacity(AutoScalingGroupName=group["AutoScalingGroupName"], DesiredCapacity=3)
    assert len(running(cloud)) == 3
    cloud.deploy(grouped(MinSize="0", MaxSize="2"))
    assert len(running(cloud)) == 2


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        pytest.param({"DesiredCapacity": "4"}, "must be between", id="more than the most"),
        pytest.param(
            {"LaunchTemplate": {"LaunchTemplateId": {"Ref": "Template"}, "Version": "$Latest"}},
            "is not supported",
            id="a version that moves",
        ),
    ],
)
def test_group_is_refused(cloud, wrong, reason):
    assert reason in cloud.deploy(grouped(**wrong)).reasons["Group"]
    assert running(cloud) == {}


def test_launching_with_a_role_needs_permission_to_pass_it(cloud):
    profile(cloud)
    role = f"arn:aws:iam::{ACCOUNT}:role/web"
    right = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    wrong = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    run = allow(["ec2:RunInstances", "ec2:AssociateIamInstanceProfile"])
    keys = {
        "right": cloud.user("right", run, allow("iam:PassRole", role, right)),
        "wrong": cloud.user("wrong", run, allow("iam:PassRole", role, wrong)),
        "none": cloud.user("none", run),
    }
    assert {
        name for name, key in keys.items() if is_allowed(launch, cloud=cloud, name="web", credentials=key)
    } == {"right"}
    launch(cloud, credentials=keys["none"])
    plain = launch(cloud)
    associate = cloud.client("ec2", keys["none"]).associate_iam_instance_profile
    assert not is_allowed(associate, InstanceId=plain, IamInstanceProfile={"Name": "web"})


def test_launch_template_does_not_bypass_pass_role(cloud):
    profile(cloud)
    data = {"IamInstanceProfile": {"Name": "web"}, "ImageId": "ami-12c6146b"}
    cloud.client("ec2").create_launch_template(LaunchTemplateName="lt", LaunchTemplateData=data)
    ec2 = cloud.client("ec2", cloud.user("alice", allow("ec2:*")))
    assert not is_allowed(
        ec2.run_instances, MinCount=1, MaxCount=1, LaunchTemplate={"LaunchTemplateName": "lt"}
    )


def test_function_needs_a_role_that_trusts_lambda_and_can_be_passed(cloud):
    """The AWS Lambda API Reference "CreateFunction"; Grant a user permissions to pass a role to an AWS service."""
    cloud.role("good", LAMBDA_TRUST)
    cloud.role("bad", EC2_TRUST)
    admin = cloud.client("lambda", cloud.user("admin", allow("lambda:*")))

    def create(client, role):
        client.create_function(
            FunctionName=role,
            Runtime="python3.12",
            Handler="index.handler",
            Role=f"arn:aws:iam::{ACCOUNT}:role/{role}",
            Code={"ZipFile": EMPTY_ZIP},
        )

    assert code_of(create, client=cloud.client("lambda"), role="bad") == "InvalidParameterValueException"
    assert not is_allowed(create, client=admin, role="good")
    assert is_allowed(create, client=cloud.client("lambda"), role="good")


EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


def test_function_of_a_template_needs_such_a_role_too(cloud):
    cloud.role("bad", EC2_TRUST)
    function = resource(
        "AWS::Lambda::Function",
        Runtime="python3.12",
        Handler="index.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/bad",
        Code={"ZipFile": "def handler(event, context): pass"},
    )
    assert "cannot be assumed by Lambda" in cloud.deploy({"F": function}).reasons["F"]


def test_actions_without_resource_are_granted_on_all_resources_only(cloud):
    """Service Authorization Reference: an action without resource types is allowed on `*` alone."""
    instance = launch(cloud)
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance}"
    narrow = cloud.client("ec2", cloud.user("narrow", allow("ec2:DescribeInstances", arn)))
    wide = cloud.client("ec2", cloud.user("wide", allow("ec2:DescribeInstances")))
    assert not is_allowed(narrow.describe_instances, InstanceIds=[instance])
    assert is_allowed(wide.describe_instances, InstanceIds=[instance])
