"""Which CloudFormation stacks the declarations become, and how they are spread over several stacks.

May import `fields`; for types also the declarations.
"""
