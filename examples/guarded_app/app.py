"""An ordinary CDK app, without Keywright's constructs, whose synthesis Keywright's guardrails check.

Pictures arrive in a bucket, a function makes thumbnails of them, and a table lists these.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from keywright.cdk.node import use_wheel_node

use_wheel_node()

import aws_cdk as cdk  # noqa: E402 - jsii reads which Node to start when it is imported
from aws_cdk import aws_dynamodb as dynamodb  # noqa: E402
from aws_cdk import aws_events as events  # noqa: E402
from aws_cdk import aws_events_targets as targets  # noqa: E402
from aws_cdk import aws_iam as iam  # noqa: E402
from aws_cdk import aws_lambda as lambda_  # noqa: E402
from aws_cdk import aws_lambda_event_sources as sources  # noqa: E402
from aws_cdk import aws_s3 as s3  # noqa: E402
from aws_cdk import aws_s3_notifications as notifications  # noqa: E402
from aws_cdk import aws_sqs as sqs  # noqa: E402

from keywright.guardrails.cdk.plugin import attach, conclude  # noqa: E402

if TYPE_CHECKING:
    from constructs import Construct

CODE = """\
def handler(event, context):
    return event
"""


class ThumbnailsStack(cdk.Stack):
    """Ordinary constructs of the CDK with the grants that they write."""

    def __init__(self, scope: Construct, name: str, **more: Any) -> None:
        super().__init__(scope, name, **more)
        logs = s3.Bucket(
            self,
            "Logs",
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.OBJECT_WRITER,
        )
        pictures = s3.Bucket(
            self,
            "Pictures",
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            server_access_logs_bucket=logs,
        )
        failed = sqs.Queue(self, "Failed", enforce_ssl=True)
        arrived = sqs.Queue(
            self,
            "Arrived",
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(queue=failed, max_receive_count=3),
        )
        pictures.add_event_notification(s3.EventType.OBJECT_CREATED, notifications.SqsDestination(arrived))
        table = dynamodb.TableV2(
            self,
            "Thumbnails",
            partition_key=dynamodb.Attribute(name="picture", type=dynamodb.AttributeType.STRING),
        )
        resize = self._function("Resize")
        resize.add_event_source(sources.SqsEventSource(arrived))
        pictures.grant_read(resize)
        table.grant_write_data(resize)
        self._clean(pictures)
        self._publisher(pictures)

    def _clean(self, pictures: s3.Bucket) -> None:
        clean = self._function("Clean")
        pictures.grant_delete(clean, "thumbnails/*")
        nightly = events.Schedule.cron(hour="3", minute="0")
        events.Rule(self, "Nightly", schedule=nightly, targets=[targets.LambdaFunction(clean)])

    def _publisher(self, pictures: s3.Bucket) -> None:
        """Let the agency's account upload pictures."""
        publisher = iam.Role(
            self,
            "Publisher",
            assumed_by=iam.AccountPrincipal("222222222222"),
            external_ids=["thumbnails-4711"],
        )
        pictures.grant_put(publisher, "incoming/*")

    def _function(self, name: str) -> lambda_.Function:
        return lambda_.Function(
            self,
            name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline(CODE),
        )


def compose(app: cdk.App) -> ThumbnailsStack:
    """Make the one stack."""
    return ThumbnailsStack(
        app,
        "thumbnails",
        env=cdk.Environment(account="111111111111", region="eu-central-1"),
    )


def main() -> int:
    """Synthesize; exit code 1 for findings that are errors."""
    app = cdk.App(analytics_reporting=False)
    compose(app)
    attach(app, packs=())
    return conclude(app)


if __name__ == "__main__":
    sys.exit(main())
