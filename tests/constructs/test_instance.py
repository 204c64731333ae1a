"""EC2 workloads: a role that only EC2 assumes, and launches without the usual holes."""

from __future__ import annotations

import pytest

from access_constructs.workloads.instance_role import InstanceRole
from access_constructs.workloads.launch import InstanceLaunch
from keywright.model.grants.grant import AccessLevel
from keywright.statements.grants.s3 import S3Grant

BOUNDARY = "arn:aws:iam::111111111111:policy/access/keywright-boundary"
READING = S3Grant(
    bucket_arn="arn:aws:s3:::reports", levels=(AccessLevel.READ,), prefix="monthly/"
).statements()


def instance_role(stack, name="report-service", statements=READING):
    return InstanceRole(
        stack, f"role-{name}", name=name, path="/access/", boundary_arn=BOUNDARY, statements=statements
    )


def launched(stack, launch="instance", **arguments):
    return InstanceLaunch(
        stack,
        "launch",
        name="report-service",
        role=instance_role(stack),
        launch=launch,
        image="ami-0abcdef1234567890",
        instance_type="t3.micro",
        **arguments,
    )


def test_role_trusts_only_ec2_and_has_generated_names(stack, resources):
    instance_role(stack)
    template = resources()
    role = template["InstanceRole0reportX2dservice"]["Properties"]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
    assert "RoleName" not in role
    assert role["PermissionsBoundary"] == BOUNDARY
    assert template["InstanceProfile0reportX2dservice"]["Properties"] == {
        "Path": "/access/",
        "Roles": [{"Ref": "InstanceRole0reportX2dservice"}],
    }


def test_template_requires_imdsv2_encrypts_disks_and_gives_no_public_address(stack, resources):
    launched(stack, "template", subnet="subnet-0abcdef1234567890")
    data = resources()["LaunchTemplate0reportX2dservice"]["Properties"]["LaunchTemplateData"]
    assert data["MetadataOptions"] == {
        "HttpEndpoint": "enabled",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
    }
    assert data["NetworkInterfaces"] == [
        {"DeviceIndex": 0, "AssociatePublicIpAddress": False, "SubnetId": "subnet-0abcdef1234567890"}
    ]
    assert [device["Ebs"]["Encrypted"] for device in data["BlockDeviceMappings"]] == [True]
    assert not {"KeyName", "UserData"} & set(data)


def test_template_alone_launches_no_instance(stack, resources):
    assert launched(stack, "template").instance is None
    assert "AWS::EC2::Instance" not in {each["Type"] for each in resources().values()}


def test_containers_get_one_more_metadata_hop(stack, resources):
    launched(stack, hop_limit=2)
    data = resources()["LaunchTemplate0reportX2dservice"]["Properties"]["LaunchTemplateData"]
    assert data["MetadataOptions"]["HttpPutResponseHopLimit"] == 2


def test_instance_never_boots_before_its_access_exists(stack, resources):
    launched(stack)
    template = resources()["LaunchTemplate0reportX2dservice"]
    assert template["DependsOn"] == ["InstanceProfile0reportX2dservice", "InstanceRole0reportX2dservice"]
    instance = resources()["Instance0reportX2dservice"]
    assert instance["Properties"]["LaunchTemplate"]["LaunchTemplateId"] == {
        "Ref": "LaunchTemplate0reportX2dservice"
    }


@pytest.mark.parametrize(
    "edit",
    [{"hop_limit": 2}, {"subnet": "subnet-0abcdef1234567890"}, {"root_device": "/dev/sda1"}],
    ids=lambda edit: next(iter(edit)),
)
def test_no_edit_of_the_template_replaces_the_instance(stack, resources, edit):
    launched(stack, **edit)
    assert resources()["Instance0reportX2dservice"]["Properties"]["LaunchTemplate"]["Version"] == "1"


def test_uses_a_later_version_by_number(stack, resources):
    launched(stack, template_version=2)
    assert resources()["Instance0reportX2dservice"]["Properties"]["LaunchTemplate"]["Version"] == "2"


@pytest.mark.parametrize(
    ("destroyable", "policies"),
    [
        pytest.param(False, ("RetainExceptOnCreate", "Delete"), id="kept"),
        pytest.param(True, (None, None), id="sandbox"),
    ],
)
def test_instance_is_retained_on_removal_but_not_on_rollback_or_replacement(
    stack, resources, destroyable, policies
):
    launched(stack, destroyable=destroyable)
    instance = resources()["Instance0reportX2dservice"]
    assert (instance.get("DeletionPolicy"), instance.get("UpdateReplacePolicy")) == policies
    assert "DisableApiTermination" not in instance["Properties"]
