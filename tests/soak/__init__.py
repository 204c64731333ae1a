"""Deployments that are disturbed from outside, and random edits one after the other, for as long as somebody wants.

`make soak` runs it; tests/e2e/test_disturbed_deployments.py plays a short form. docs/reliability.md has what was seen.
"""
