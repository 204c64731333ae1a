"""What CloudFormation's registry says about resource types and their handlers, and our additions to it.

Imports nothing of the deployer.
"""
