"""Builders of IAM policy statements and trust policies from plain arguments, without CDK.

Constructs write these statements into templates; `validate` measures them before a synthesis. Imports the model, the
policy language and `reporting` only; may be imported by constructs, stacks and commands.
"""
