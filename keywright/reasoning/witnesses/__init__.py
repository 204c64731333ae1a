"""Concrete requests: examples that meet given constraints, and what policy evaluation says of them.

Imports `evaluation` and `sets`.
"""
