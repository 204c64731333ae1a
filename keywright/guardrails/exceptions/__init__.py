"""Accepted findings: declared exceptions, exceptions in a file beside templates, and baselines.

Imports rules and results, never the engine.
"""
