"""Rewrites of templates that remove a finding: one kind of rewrite per `fix_` module, found by its `CODES`.

Imports rules, subjects and baselines, never the engine.
"""
