"""Comparison of policies: a proof that a change gives no new access, or a request that it newly allows.

Imports `evaluation`, `sets` and `witnesses`.
"""
