"""How a workload's instance starts: a launch template, and perhaps one instance of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import aws_cdk as cdk
from constructs import Construct

from access_constructs.shared.accepted_findings import accept_all, in_strict_packs
from access_constructs.shared.resources import tag_list
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk.aws_ec2 as ec2

    from access_constructs.workloads.instance_role import InstanceRole

_ACCEPTED = {
    "AwsSolutions-EC29": (
        "its stack is protected and keeps it; EC2's own protection refuses CloudFormation's roll back and replacement"
    ),
    **in_strict_packs(
        {
            "EC2InstanceProfileAttached": "the launch template attaches the role's profile, where this rule does not look",
            "EC2InstancesInVPC": "the launch template names the subnet, or the default VPC's is taken: there is no EC2 without",
        }
    ),
}


class InstanceLaunch(Construct):
    """A launch template with the role's profile; with `launch="instance"` also an instance of one fixed version of it.

    Metadata version 2 only, and one hop: 2 where containers on the instance ask for credentials ("Use IMDSv2", Amazon
    EC2 User Guide). No public address, no key pair, an encrypted root volume; `root_device` is the image's root device,
    `/dev/xvda` for Amazon Linux (a wrong one fails the launch, for a further volume would need a size).

    The template of an instance is create-only ("AWS::EC2::Instance", CloudFormation Template Reference): an instance of
    the *latest* version is replaced by any edit of the template. So the version is a number that is written down. An
    edit makes a new version; the instance stays as it is until `template_version` says otherwise, which replaces it.

    `tags` are the instance's and its volume's; the instance follows when they change, without a new one.

    An instance is watched in detail, and stays when its declaration goes, without access once its role is gone; unless
    `destroyable`. It has no termination protection of its own: EC2 would refuse CloudFormation too, so that a creation
    that fails could not be rolled back and an instance that is replaced would live on with the role's access.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        role: InstanceRole,
        launch: Literal["template", "instance"],
        image: str,
        instance_type: str,
        subnet: str | None = None,
        hop_limit: int = 1,
        root_device: str = "/dev/xvda",
        template_version: int = 1,
        destroyable: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        from aws_cdk.aws_ec2 import CfnLaunchTemplate  # noqa: PLC0415 - a large module, for who launches alone

        super().__init__(scope, construct_id)
        interface: dict[str, Any] = {"deviceIndex": 0, "associatePublicIpAddress": False}
        data = {
            "imageId": image,
            "instanceType": instance_type,
            "iamInstanceProfile": {"arn": role.profile_arn},
            "metadataOptions": {
                "httpEndpoint": "enabled",
                "httpTokens": "required",
                "httpPutResponseHopLimit": hop_limit,
            },
            "networkInterfaces": [interface | ({"subnetId": subnet} if subnet else {})],
            "blockDeviceMappings": [
                {"deviceName": root_device, "ebs": {"encrypted": True, "deleteOnTermination": True}}
            ],
            "monitoring": {"enabled": True},
            "tagSpecifications": [
                {"resourceType": kind, "tags": tag_list({"Name": name, **(tags or {})})}
                for kind in ("instance", "volume")
            ],
        }
        self.template = CfnLaunchTemplate(self, "Template", launch_template_data=data)
        self.template.override_logical_id(logical_id("LaunchTemplate", name))
        for policy in role.policies:
            self.template.add_resource_dependency(policy)
        self.instance = None
        if launch == "instance":
            self.instance = self._instance(name, template_version, tags, destroyable=destroyable)

    def _instance(
        self, name: str, version: int, tags: Mapping[str, str] | None, *, destroyable: bool
    ) -> ec2.CfnInstance:
        from aws_cdk.aws_ec2 import CfnInstance  # noqa: PLC0415 - see above

        instance = CfnInstance(
            self,
            "Instance",
            launch_template={"launchTemplateId": self.template.ref, "version": str(version)},
            monitoring=True,
            tags=tag_list(tags),
        )
        instance.override_logical_id(logical_id("Instance", name))
        accept_all(instance, _ACCEPTED)
        if not destroyable:
            instance.cfn_options.deletion_policy = cdk.CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE
            instance.cfn_options.update_replace_policy = cdk.CfnDeletionPolicy.DELETE
        return instance
