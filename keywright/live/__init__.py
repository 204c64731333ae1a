"""Everything that talks to an AWS account: verification after a deployment, and the order of a deployment's passes.

The only package that imports boto3.
"""
