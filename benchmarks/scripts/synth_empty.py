"""Make one empty stack by Python's CDK: what its start costs whoever comes by Python."""

import sys

import aws_cdk as cdk

app = cdk.App(outdir=sys.argv[2], analytics_reporting=False)
cdk.Stack(app, "empty", synthesizer=cdk.LegacyStackSynthesizer())
app.synth()
