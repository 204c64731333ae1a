"""The permissions that CloudFormation needs for an assembly: actions, ARNs and conditions, resource by resource.

May import `handlers`.
"""
