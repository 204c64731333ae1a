"""Constructs for users, groups, roles and what they need, usable in any CDK app.

They take typed, keyword-only arguments and read nothing from disk. They may import `keywright.statements`, the policy
and reporting packages, and nothing of the declarations' file format.
"""
