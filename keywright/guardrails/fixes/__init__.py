"""Rewrites of templates that remove findings: `fixers` lists them by rule, `apply` applies them to files.

Imports rules, subjects and baselines, never the engine.
"""
