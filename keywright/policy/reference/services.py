"""The services of AWS that roles are trusted to: whether they say for whom they act, and in which words.

One table for both who writes such a trust and who judges one. Where a service's guide shows `aws:SourceAccount` or
`aws:SourceArn` in a trust policy, it says for whom it acts. Where none does, a condition would shut it out, and who may
hand it the role is guarded by `iam:PassRole` alone. A service has one principal in every partition and region.

Sources: of each row, the page of the service's guide that it names; else its "Cross-service confused deputy prevention".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DOMAIN = ".amazonaws.com"
CONFUSED_DEPUTY = "Cross-service confused deputy prevention"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePrincipal:
    """A service that assumes roles.

    `acts` is what of it acts, in words. `runs` says that it runs what its owner set up and handed the role to. `resources`
    are the kinds of resource that it may be held to, with the ARNs that it then sends; `always` those it sends anyway.
    `instead` is what to declare where the service has a trust of its own.
    """

    acts: str
    says_for_whom: bool = True
    runs: bool = False
    resources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    always: tuple[str, ...] = ()
    source: str = CONFUSED_DEPUTY
    instead: str = ""


SERVICES: Mapping[str, ServicePrincipal] = {
    "airflow": ServicePrincipal(acts="environments of Managed Airflow", runs=True),
    "airflow-env": ServicePrincipal(acts="tasks of Managed Airflow", runs=True),
    "apigateway": ServicePrincipal(
        acts="API Gateway, for its logs and integrations",
        says_for_whom=False,
        source="Set up CloudWatch logging for REST APIs in API Gateway",
    ),
    "appsync": ServicePrincipal(
        acts="APIs of AppSync",
        runs=True,
        resources={"api": ("appsync:{region}:{account}:apis/{name}",)},
        source="Attaching a data source in AWS AppSync",
    ),
    "autoscaling": ServicePrincipal(acts="lifecycle hooks of Auto Scaling", runs=True),
    "backup": ServicePrincipal(acts="AWS Backup", says_for_whom=False, source="IAM service roles"),
    "batch": ServicePrincipal(
        acts="compute environments of Batch",
        runs=True,
        resources={
            "compute_environment": (
                "batch:{region}:{account}:compute-environment/{name}",
                "batch:{region}:{account}:job/*",
            )
        },
    ),
    "bedrock": ServicePrincipal(
        acts="agents, knowledge bases and jobs of Bedrock",
        resources={
            "agent": ("bedrock:{region}:{account}:agent/{name}",),
            "knowledge_base": ("bedrock:{region}:{account}:knowledge-base/{name}",),
        },
        source="Create a service role for Amazon Bedrock Agents",
    ),
    "cloudformation": ServicePrincipal(
        acts="stacks of CloudFormation", says_for_whom=False, source="CloudFormation service role"
    ),
    "cloudtrail": ServicePrincipal(
        acts="trails of CloudTrail, for their logs",
        resources={"trail": ("cloudtrail:{region}:{account}:trail/{name}",)},
    ),
    "codebuild": ServicePrincipal(
        acts="builds of CodeBuild",
        runs=True,
        resources={"project": ("codebuild:{region}:{account}:project/{name}",)},
        source="Allow CodeBuild to interact with other AWS services",
    ),
    "codedeploy": ServicePrincipal(
        acts="deployments of CodeDeploy",
        runs=True,
        resources={"application": ("codedeploy:{region}:{account}:deploymentgroup:{name}/*",)},
    ),
    "codepipeline": ServicePrincipal(
        acts="pipelines of CodePipeline",
        says_for_whom=False,
        source="Create the CodePipeline service role (CLI)",
    ),
    "cognito-idp": ServicePrincipal(acts="user pools, for their messages", runs=True),
    "comprehend": ServicePrincipal(acts="jobs of Comprehend"),
    "config": ServicePrincipal(
        acts="AWS Config", source="Permissions for the IAM Role Assigned to AWS Config"
    ),
    "databrew": ServicePrincipal(acts="jobs of DataBrew", runs=True),
    "datasync": ServicePrincipal(acts="tasks of DataSync"),
    "dlm": ServicePrincipal(acts="policies of Data Lifecycle Manager"),
    "dms": ServicePrincipal(acts="endpoints and tasks of Database Migration Service, from 3.4.7", runs=True),
    "ec2": ServicePrincipal(
        acts="instances of EC2",
        says_for_whom=False,
        source="IAM roles for Amazon EC2",
        instead="a workload under `workloads`, whose instance has the role",
    ),
    "ecs-tasks": ServicePrincipal(
        acts="tasks of ECS",
        runs=True,
        always=("ecs:{region}:{account}:*",),
        source="Amazon ECS task IAM role",
    ),
    "elasticmapreduce": ServicePrincipal(acts="clusters of EMR", runs=True),
    "emr-serverless": ServicePrincipal(acts="applications of EMR Serverless", runs=True),
    "events": ServicePrincipal(
        acts="rules of EventBridge",
        runs=True,
        resources={"rule": ("events:{region}:{account}:rule/{name}",)},
    ),
    "firehose": ServicePrincipal(
        acts="streams of Data Firehose",
        runs=True,
        resources={"delivery_stream": ("firehose:{region}:{account}:deliverystream/{name}",)},
    ),
    "fis": ServicePrincipal(acts="experiments of Fault Injection Service"),
    "glue": ServicePrincipal(acts="jobs and crawlers of Glue", runs=True),
    "greengrass": ServicePrincipal(acts="groups of Greengrass", runs=True),
    "imagebuilder": ServicePrincipal(
        acts="lifecycle policies of Image Builder",
        says_for_whom=False,
        source="Manage image lifecycle policies for Image Builder",
    ),
    "iot": ServicePrincipal(acts="rules and role aliases of IoT", runs=True),
    "kendra": ServicePrincipal(acts="indexes of Kendra"),
    "kinesisanalytics": ServicePrincipal(acts="applications of Managed Flink", runs=True),
    "lambda": ServicePrincipal(
        acts="functions of Lambda",
        says_for_whom=False,
        source="Defining Lambda function permissions with an execution role",
    ),
    "lex": ServicePrincipal(acts="bots of Lex", runs=True),
    "lexv2": ServicePrincipal(acts="bots of Lex V2", runs=True),
    "logs": ServicePrincipal(acts="subscriptions of CloudWatch Logs"),
    "memorydb": ServicePrincipal(acts="MemoryDB"),
    "monitoring.rds": ServicePrincipal(acts="enhanced monitoring of RDS", runs=True),
    "osis": ServicePrincipal(acts="pipelines of OpenSearch Ingestion"),
    "personalize": ServicePrincipal(acts="jobs of Personalize"),
    "pipes": ServicePrincipal(
        acts="pipes of EventBridge", resources={"pipe": ("pipes:{region}:{account}:pipe/{name}",)}
    ),
    "pods.eks": ServicePrincipal(
        acts="pods of EKS",
        runs=True,
        source="Create IAM role with trust policy required by EKS Pod Identity",
        instead="`eks: {cluster: …, namespace: …, service_account: …}`",
    ),
    "polly": ServicePrincipal(acts="tasks of Polly"),
    "rds": ServicePrincipal(acts="databases of RDS", runs=True),
    "rekognition": ServicePrincipal(acts="stream processors of Rekognition"),
    "resources.cloudformation": ServicePrincipal(acts="extensions of CloudFormation", runs=True),
    "rolesanywhere": ServicePrincipal(
        acts="machines with a certificate",
        runs=True,
        source="The IAM Roles Anywhere trust model",
        instead="`trust_anchor: …` with `common_name`",
    ),
    "sagemaker": ServicePrincipal(acts="jobs, endpoints and notebooks of SageMaker", runs=True),
    "scheduler": ServicePrincipal(
        acts="schedules of EventBridge Scheduler",
        resources={"schedule_group": ("scheduler:{region}:{account}:schedule-group/{name}",)},
        source="Confused deputy prevention in EventBridge Scheduler",
    ),
    "ssm": ServicePrincipal(acts="automations and hybrid nodes of Systems Manager", runs=True),
    "states": ServicePrincipal(
        acts="state machines of Step Functions",
        runs=True,
        resources={"state_machine": ("states:{region}:{account}:stateMachine:{name}",)},
        source="Creating an IAM role for your state machine in Step Functions",
    ),
    "textract": ServicePrincipal(acts="jobs of Textract"),
    "transcribe": ServicePrincipal(acts="jobs of Transcribe"),
    "transfer": ServicePrincipal(
        acts="servers and users of Transfer Family",
        runs=True,
        resources={
            "server": (
                "transfer:{region}:{account}:server/{name}",
                "transfer:{region}:{account}:user/{name}/*",
            )
        },
    ),
    "translate": ServicePrincipal(acts="jobs of Translate"),
    "vpc-flow-logs": ServicePrincipal(
        acts="flow logs of a VPC", runs=True, source="IAM role for publishing flow logs to CloudWatch Logs"
    ),
}
"""By the name that a principal has before `.amazonaws.com`."""

DECLARABLE = tuple(name for name, service in SERVICES.items() if not service.instead)
"""Services that a role is simply trusted to; the others have a trust of their own."""
KINDS = tuple(dict.fromkeys(kind for service in SERVICES.values() for kind in service.resources))
"""Kinds of resource that a service may be held to."""


def source_arns(
    service: ServicePrincipal, named: Mapping[str, str], *, partition: str, region: str, account: str
) -> tuple[str, ...]:
    """Give the ARNs, or patterns of such, that a service sends for the named resources, or for any of the account."""
    forms = [form for kind, name in named.items() for form in _filled(service.resources[kind], name)]
    return tuple(
        f"arn:{partition}:{form.format(region=region, account=account)}" for form in forms or service.always
    )


def _filled(forms: tuple[str, ...], name: str) -> list[str]:
    return [form.replace("{name}", name) for form in forms]
