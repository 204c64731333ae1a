"""One synthesized stack a call, without the cloud assembly: what a construct puts into a template."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk.assertions import Template

from access_constructs.identity_keeper import IdentityKeeper
from access_constructs.policies.boundary import Boundary

ACCOUNT = "111111111111"
REGION = "eu-central-1"
PATH = "/access/"
TOKEN = IdentityKeeper.service_token("aws", REGION, ACCOUNT)
BOUNDARY = Boundary.arn_in("aws", ACCOUNT, PATH)


def new_stack(*, outdir=None):
    """Return an empty stack of the account, in an app whose findings are data."""
    context = {
        "@aws-cdk/core:enablePartitionLiterals": True,
        "@aws-cdk/core:failSynthOnValidationErrors": False,
    }
    app = cdk.App(
        analytics_reporting=False, builtin_cloud_formation_validation=False, context=context, outdir=outdir
    )
    return cdk.Stack(app, "stack", env=cdk.Environment(account=ACCOUNT, region=REGION))


def resources(stack):
    """Return the stack's resources by logical id."""
    return Template.from_stack(stack).to_json()["Resources"]


def properties(stack, kind):
    """Return the properties of the stack's resources of one type, by logical id."""
    return {name: each["Properties"] for name, each in resources(stack).items() if each["Type"] == kind}
