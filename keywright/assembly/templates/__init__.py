"""Templates and their resources as values: intrinsic functions, conditions, names, policy documents.

May import `sources`.
"""
