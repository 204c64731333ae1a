"""The launch template of a workload, and optionally one instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import aws_cdk as cdk
from constructs import Construct

from access_constructs.synthesis.accepted_findings import accept_all, in_strict_packs
from access_constructs.synthesis.resources import tag_list
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk.aws_ec2 as ec2

    from access_constructs.workloads.instance_role import InstanceRole

_ACCEPTED = {
    "AwsSolutions-EC29": (
        "the stack has termination protection and retains it; EC2's own protection would block rollback and replacement"
    ),
    **in_strict_packs(
        {
            "EC2InstanceProfileAttached": "the launch template has the instance profile, which this rule does not read",
            "EC2InstancesInVPC": "the launch template names the subnet, or the default VPC is used; EC2-Classic no longer exists",
        }
    ),
}


class InstanceLaunch(Construct):
    """A launch template with the role's instance profile; with `launch="instance"` also an instance of a fixed version.

    It requires IMDSv2, with a hop limit of 1; use 2 if containers on the instance need credentials ("Use IMDSv2", Amazon
    EC2 User Guide). There is no public address and no key pair, and the root volume is encrypted; `root_device` is the
    image's root device, `/dev/xvda` for Amazon Linux (with a wrong one the launch fails, as another volume needs a size).

    The template of an instance is create-only ("AWS::EC2::Instance", CloudFormation Template Reference): an instance of
    the *latest* version would be replaced by any edit of the template. So the version is a number. An edit makes a new
    version; the instance is replaced only when `template_version` changes.

    `tags` apply to the instance and its volume; a change updates the instance in place.

    An instance has detailed monitoring. Unless `destroyable`, it is retained when its declaration is removed, without
    access once its role is deleted. It has no termination protection: EC2 would refuse CloudFormation as well, so a failed
    creation could not be rolled back and a replaced instance would keep running with the role's access.
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
        from aws_cdk.aws_ec2 import CfnLaunchTemplate  # noqa: PLC0415 - a large module, loaded only where there is a launch

        super().__init__(scope, construct_id)
        # A public address is a property of a network interface, and with an interface the subnet must be
        # named there too.
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
        # An instance that starts before its role has all its policies boots without access.
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
            # A failed creation can still be rolled back, and a replaced instance does not keep the role's access.
            instance.cfn_options.deletion_policy = cdk.CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE
            instance.cfn_options.update_replace_policy = cdk.CfnDeletionPolicy.DELETE
        return instance
