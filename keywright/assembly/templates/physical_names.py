"""Names and ARNs that follow from a template alone, by resource type.

Source: the "Return values" of each type in the CloudFormation template reference, and "Actions, resources, and
condition keys" (Service Authorization Reference) for the forms of ARNs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Physical:
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

PHYSICAL = {
    "AWS::IAM::User": Physical("UserName", _IAM + "user{path}{name}"),
    "AWS::IAM::Group": Physical("GroupName", _IAM + "group{path}{name}"),
    "AWS::IAM::Role": Physical("RoleName", _IAM + "role{path}{name}"),
    "AWS::IAM::ManagedPolicy": Physical(
        "ManagedPolicyName", _IAM + "policy{path}{name}", ref_is_arn=True, arn_attribute="PolicyArn"
    ),
    "AWS::IAM::InstanceProfile": Physical("InstanceProfileName", _IAM + "instance-profile{path}{name}"),
    "AWS::IAM::OIDCProvider": Physical("Url", _IAM + "oidc-provider/{name}", ref_is_arn=True),
    "Custom::AWSCDKOpenIdConnectProvider": Physical("Url", _IAM + "oidc-provider/{name}", ref_is_arn=True),
    "AWS::IAM::SAMLProvider": Physical("Name", _IAM + "saml-provider/{name}", ref_is_arn=True),
    "AWS::S3::Bucket": Physical("BucketName", "arn:{partition}:s3:::{name}"),
    "AWS::SQS::Queue": Physical("QueueName", "arn:{partition}:sqs" + _LOCAL + "{name}", ref_is_name=False),
    "AWS::SNS::Topic": Physical(
        "TopicName", "arn:{partition}:sns" + _LOCAL + "{name}", ref_is_arn=True, arn_attribute="TopicArn"
    ),
    "AWS::KMS::Key": Physical("", "arn:{partition}:kms" + _LOCAL + "key/{name}"),
    "AWS::SecretsManager::Secret": Physical(
        "", "arn:{partition}:secretsmanager" + _LOCAL + "secret:{name}", ref_is_arn=True, arn_attribute="Id"
    ),
    "AWS::Lambda::Function": Physical("FunctionName", "arn:{partition}:lambda" + _LOCAL + "function:{name}"),
    "AWS::DynamoDB::Table": Physical("TableName", "arn:{partition}:dynamodb" + _LOCAL + "table/{name}"),
    "AWS::Logs::LogGroup": Physical("LogGroupName", "arn:{partition}:logs" + _LOCAL + "log-group:{name}:*"),
    "AWS::ECR::Repository": Physical("RepositoryName", "arn:{partition}:ecr" + _LOCAL + "repository/{name}"),
    "AWS::ECS::Cluster": Physical("ClusterName", "arn:{partition}:ecs" + _LOCAL + "cluster/{name}"),
    "AWS::EKS::Cluster": Physical("Name", "arn:{partition}:eks" + _LOCAL + "cluster/{name}"),
    "AWS::Kinesis::Stream": Physical("Name", "arn:{partition}:kinesis" + _LOCAL + "stream/{name}"),
    "AWS::StepFunctions::StateMachine": Physical(
        "StateMachineName", "arn:{partition}:states" + _LOCAL + "stateMachine:{name}", ref_is_arn=True
    ),
    "AWS::CodeBuild::Project": Physical("Name", "arn:{partition}:codebuild" + _LOCAL + "project/{name}"),
    "AWS::RolesAnywhere::TrustAnchor": Physical(
        "",
        "arn:{partition}:rolesanywhere" + _LOCAL + "trust-anchor/{name}",
        arn_attribute="TrustAnchorArn",
    ),
    "AWS::EC2::Instance": Physical("", "arn:{partition}:ec2" + _LOCAL + "instance/{name}"),
    "AWS::SSM::Parameter": Physical(
        "Name", "arn:{partition}:ssm" + _LOCAL + "parameter{name}", arn_attribute=""
    ),
}
