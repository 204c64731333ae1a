"""Clients of the sandbox for what AWS has no API for: its clock, the console sign-in, token issuers, instance metadata.

These modules run in the caller's process and import nothing of `sandbox.patches`.
"""
