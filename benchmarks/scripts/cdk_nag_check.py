"""Print how many findings cdk-nag's AwsSolutions alone has on a template."""

import json
import os
import sys
import tempfile
from pathlib import Path

from keywright.cdk.node import use_wheel_node

use_wheel_node()
os.environ["CDK_VALIDATION"] = "false"

import aws_cdk as cdk  # noqa: E402 - jsii reads which Node to start when it is imported
from aws_cdk.cloudformation_include import CfnInclude  # noqa: E402
from cdk_nag import AwsSolutionsChecks  # noqa: E402

with tempfile.TemporaryDirectory() as out:
    app = cdk.App(
        outdir=out, analytics_reporting=False, context={"@aws-cdk/core:failSynthOnValidationErrors": False}
    )
    stack = cdk.Stack(app, "Stack")
    CfnInclude(stack, "Template", template_file=sys.argv[1])
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    report = json.loads(Path(out, "validation-report.json").read_text("utf-8"))
    print(sum(len(each.get("violations", [])) for each in report.get("pluginReports", [])))
