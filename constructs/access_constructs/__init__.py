"""Constructs for users, groups, roles and what they need, usable in any CDK app.

They take typed, keyword-only arguments and read nothing from disk. They may import `keywright.statements`, the policy
and reporting packages, and nothing of the declarations' file format.
"""

from importlib.util import find_spec

if find_spec("aws_cdk") is None:
    message = 'the CDK is not installed; found no package `aws_cdk`; accepted: `pip install "keywright[cdk]"`'
    raise ImportError(message)
