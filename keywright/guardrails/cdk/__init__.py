"""What runs inside a CDK app: the validation plugin, and the Node that CDK runs on.

`plugin` is the only module that imports CDK. Nothing else in the guardrails imports this package.
"""
