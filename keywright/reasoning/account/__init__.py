"""The users, roles, groups and resources of an account, and on which resources a principal can perform an action.

Imports `evaluation` and `sets`.
"""
