"""Names and ARNs that follow from a template alone, by resource type.

Source: the "Return values" of each type in the CloudFormation template reference, and "Actions, resources, and
condition keys" (Service Authorization Reference) for the forms of ARNs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class PhysicalName:
    """How a type is named: the property that names it, its ARN, and what `Ref` and the ARN's attribute are.

    `arn` is a form whose fields are filled by the resolver: partition, region, account, path, name.
    """

    name: str
    arn: str
    ref_is_arn: bool = False
    ref_is_name: bool = True
    arn_attribute: str = "Arn"

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """Give the form's texts, and between them the names of its fields."""
        return tuple(re.split(r"\{(\w+)\}", self.arn))


_IAM = "arn:{partition}:iam::{account}:"
_LOCAL = ":{region}:{account}:"

PHYSICAL_NAMES = {
    "AWS::IAM::User": PhysicalName("UserName", _IAM + "user{path}{name}"),
    "AWS::IAM::Group": PhysicalName("GroupName", _IAM + "group{path}{name}"),
    "AWS::IAM::Role": PhysicalName("RoleName", _IAM + "role{path}{name}"),
    "AWS::IAM::ManagedPolicy": PhysicalName(
        "ManagedPolicyName", _IAM + "policy{path}{name}", ref_is_arn=True, arn_attribute="PolicyArn"
    ),
    "AWS::IAM::InstanceProfile": PhysicalName("InstanceProfileName", _IAM + "instance-profile{path}{name}"),
    "AWS::IAM::OIDCProvider": PhysicalName("Url", _IAM + "oidc-provider/{name}", ref_is_arn=True),
    "Custom::AWSCDKOpenIdConnectProvider": PhysicalName(
        "Url", _IAM + "oidc-provider/{name}", ref_is_arn=True
    ),
    "AWS::IAM::SAMLProvider": PhysicalName("Name", _IAM + "saml-provider/{name}", ref_is_arn=True),
    "AWS::S3::Bucket": PhysicalName("BucketName", "arn:{partition}:s3:::{name}"),
    "AWS::SQS::Queue": PhysicalName(
        "QueueName", "arn:{partition}:sqs" + _LOCAL + "{name}", ref_is_name=False
    ),
    "AWS::SNS::Topic": PhysicalName(
        "TopicName", "arn:{partition}:sns" + _LOCAL + "{name}", ref_is_arn=True, arn_attribute="TopicArn"
    ),
    "AWS::KMS::Key": PhysicalName("", "arn:{partition}:kms" + _LOCAL + "key/{name}"),
    "AWS::SecretsManager::Secret": PhysicalName(
        "", "arn:{partition}:secretsmanager" + _LOCAL + "secret:{name}", ref_is_arn=True, arn_attribute="Id"
    ),
    "AWS::Lambda::Function": PhysicalName(
        "FunctionName", "arn:{partition}:lambda" + _LOCAL + "function:{name}"
    ),
    "AWS::DynamoDB::Table": PhysicalName("TableName", "arn:{partition}:dynamodb" + _LOCAL + "table/{name}"),
    "AWS::Logs::LogGroup": PhysicalName(
        "LogGroupName", "arn:{partition}:logs" + _LOCAL + "log-group:{name}:*"
    ),
    "AWS::ECR::Repository": PhysicalName(
        "RepositoryName", "arn:{partition}:ecr" + _LOCAL + "repository/{name}"
    ),
    "AWS::ECS::Cluster": PhysicalName("ClusterName", "arn:{partition}:ecs" + _LOCAL + "cluster/{name}"),
    "AWS::EKS::Cluster": PhysicalName("Name", "arn:{partition}:eks" + _LOCAL + "cluster/{name}"),
    "AWS::Kinesis::Stream": PhysicalName("Name", "arn:{partition}:kinesis" + _LOCAL + "stream/{name}"),
    "AWS::StepFunctions::StateMachine": PhysicalName(
        "StateMachineName", "arn:{partition}:states" + _LOCAL + "stateMachine:{name}", ref_is_arn=True
    ),
    "AWS::CodeBuild::Project": PhysicalName("Name", "arn:{partition}:codebuild" + _LOCAL + "project/{name}"),
    "AWS::RolesAnywhere::TrustAnchor": PhysicalName(
        "",
        "arn:{partition}:rolesanywhere" + _LOCAL + "trust-anchor/{name}",
        arn_attribute="TrustAnchorArn",
    ),
    "AWS::EC2::Instance": PhysicalName("", "arn:{partition}:ec2" + _LOCAL + "instance/{name}"),
    "AWS::SSM::Parameter": PhysicalName(
        "Name", "arn:{partition}:ssm" + _LOCAL + "parameter{name}", arn_attribute=""
    ),
}
