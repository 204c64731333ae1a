"""Invariants (`never:` and `always:`): how they are declared, recorded and read, and how they are proved of templates.

Imports `reference/` and the basics of the guardrails, never rules.
"""
