"""The resources of an assembly that act as a role, or keep a user's credentials.

Source: the properties and ARNs of each type in the CloudFormation template reference and the Service Authorization
Reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keywright.assembly.known import spelled
from keywright.assembly.physical import PHYSICAL, Physical
from keywright.assembly.resolve import Evaluation
from keywright.assembly.value import ABSENT, Absent, Text, as_text, readings, within
from keywright.reasoning.actor import Carrier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.template import Assembly, Resource
    from keywright.assembly.value import Value


class _Carrying(NamedTuple):
    """A type that names its role by ARN: where, and what its own ARN looks like."""

    kind: str
    role: tuple[str, ...]
    name: str
    arn: str


_HERE = "arn:{partition}:{service}:{region}:{account}:"
_TYPES = {
    "AWS::Lambda::Function": _Carrying("lambda:function", ("Role",), "FunctionName", "function:{name}"),
    "AWS::CodeBuild::Project": _Carrying("codebuild:project", ("ServiceRole",), "Name", "project/{name}"),
    "AWS::StepFunctions::StateMachine": _Carrying(
        "states:statemachine", ("RoleArn",), "StateMachineName", "stateMachine:{name}"
    ),
    "AWS::Glue::DevEndpoint": _Carrying(
        "glue:devendpoint", ("RoleArn",), "EndpointName", "devEndpoint/{name}"
    ),
    "AWS::SageMaker::NotebookInstance": _Carrying(
        "sagemaker:notebook-instance", ("RoleArn",), "NotebookInstanceName", "notebook-instance/{name}"
    ),
    "AWS::SageMaker::UserProfile": _Carrying(
        "sagemaker:user-profile", ("UserSettings", "ExecutionRole"), "UserProfileName", "user-profile/{name}"
    ),
    "AWS::AppRunner::Service": _Carrying(
        "apprunner:service", ("InstanceConfiguration", "InstanceRoleArn"), "ServiceName", "service/{name}"
    ),
    "AWS::ECS::TaskDefinition": _Carrying("ecs:task", ("TaskRoleArn",), "Family", "task/{name}"),
    "AWS::KinesisAnalyticsV2::Application": _Carrying(
        "kinesisanalytics:application", ("ServiceExecutionRole",), "ApplicationName", "application/{name}"
    ),
    "AWS::MWAA::Environment": _Carrying(
        "airflow:environment", ("ExecutionRoleArn",), "Name", "environment/{name}"
    ),
    "AWS::GameLift::Fleet": _Carrying("gamelift:fleet", ("InstanceRoleARN",), "", "fleet/{name}"),
    "AWS::BedrockAgentCore::Runtime": _Carrying(
        "bedrock-agentcore:runtime", ("RoleArn",), "", "runtime/{name}"
    ),
    "AWS::BedrockAgentCore::CodeInterpreterCustom": _Carrying(
        "bedrock-agentcore:code-interpreter", ("ExecutionRoleArn",), "", "code-interpreter-custom/{name}"
    ),
    "AWS::BedrockAgentCore::BrowserCustom": _Carrying(
        "bedrock-agentcore:browser-custom", ("ExecutionRoleArn",), "", "browser-custom/{name}"
    ),
}
_PROFILED = {
    "AWS::EC2::Instance": ("ec2:instance", ("IamInstanceProfile",), "instance/{name}"),
    "AWS::EC2::LaunchTemplate": (
        "ec2:launch-template",
        ("LaunchTemplateData", "IamInstanceProfile"),
        "launch-template/{name}",
    ),
}


def carriers(assembly: Assembly) -> tuple[Carrier, ...]:
    """Gather them; a role that is not known by name is left out, for it may be any."""
    return (*_with_role(assembly), *_with_profile(assembly), *_keeping(assembly))


def _with_role(assembly: Assembly) -> Iterator[Carrier]:
    for type_, carrying in _TYPES.items():
        for resource in assembly.of_type(type_):
            arn = _arn(resource, carrying.kind, carrying.name, carrying.arn)
            for role in _texts(resource, *carrying.role):
                yield Carrier(carrying.kind, arn, spelled(role))


def _arn(resource: Resource, kind: str, name: str, form: str) -> str:
    known = PHYSICAL.get(resource.type)
    if known is None:
        service = kind.partition(":")[0]
        known = Physical(name, _HERE.replace("{service}", service) + form)
    return spelled(Evaluation({}).arn(resource, known))


def _texts(resource: Resource, *path: str) -> Iterator[Text]:
    for value in resource.readings(*path):
        if not isinstance(value, Absent):
            yield as_text(value)


def _with_profile(assembly: Assembly) -> Iterator[Carrier]:
    roles = dict(_roles_of_profiles(assembly))
    for type_, (kind, path, form) in _PROFILED.items():
        for resource in assembly.of_type(type_):
            arn = _arn(resource, kind, "", form)
            for value in resource.readings(*path):
                for profile in _profiles(value):
                    if profile in roles:
                        yield Carrier(kind, arn, roles[profile])


def _profiles(value: Value) -> Iterator[str]:
    """Give the name or ARN that a property names a profile by."""
    for part in (value, within(value, "Name"), within(value, "Arn")):
        if isinstance(part, Text):
            yield spelled(part)


def _roles_of_profiles(assembly: Assembly) -> Iterator[tuple[str, str]]:
    """Pair the name and the ARN of each instance profile with its role's ARN."""
    arns = {
        spelled(Evaluation({}).name(role)): spelled(Evaluation({}).arn(role, PHYSICAL[role.type]))
        for role in assembly.of_type("AWS::IAM::Role")
    }
    for profile in assembly.of_type("AWS::IAM::InstanceProfile"):
        evaluation = Evaluation({})
        for value in readings(profile.properties.get("Roles", ABSENT)):
            for role in value if isinstance(value, tuple) else ():
                arn = arns.get(spelled(as_text(role)))
                if arn is not None:
                    yield spelled(evaluation.name(profile)), arn
                    yield spelled(evaluation.arn(profile, PHYSICAL[profile.type])), arn


def _keeping(assembly: Assembly) -> Iterator[Carrier]:
    """Pair secrets with the users whose access key, or first password, they hold."""
    users = {
        spelled(Evaluation({}).name(user)): spelled(Evaluation({}).arn(user, PHYSICAL[user.type]))
        for user in assembly.of_type("AWS::IAM::User")
    }
    for secret in assembly.of_type("AWS::SecretsManager::Secret"):
        arn = spelled(Evaluation({}).arn(secret, PHYSICAL[secret.type]))
        for name in _owners(assembly, secret, arn):
            if name in users:
                yield Carrier("secretsmanager:Secret", arn, users[name])


def _owners(assembly: Assembly, secret: Resource, arn: str) -> Iterator[str]:
    for text in _texts(secret, "SecretString"):
        for unknown in text.unknowns:
            key = secret.template.resources.get(unknown.reference.removesuffix(".SecretAccessKey"))
            if key is not None and key.type == "AWS::IAM::AccessKey":
                yield from map(spelled, _texts(key, "UserName"))
    for resource in assembly.of_type("Custom::FirstSignIn"):
        if arn in map(spelled, _texts(resource, "SecretId")):
            yield from map(spelled, _texts(resource, "UserName"))
