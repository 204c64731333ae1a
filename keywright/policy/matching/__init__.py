"""Patterns of the policy language: wildcards, variables, ARNs, and the request context that they are matched against.

Imports nothing else of the policy room.
"""
