"""What declarations become: boundaries, trust statements, and whether those documents fit IAM's quotas.

May be imported by stacks and `validate`; imports the other modules of `keywright.statements`.
"""
