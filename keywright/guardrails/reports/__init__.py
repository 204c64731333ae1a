"""Results of the guardrails as text, JSON, GitHub annotations, JUnit XML and SARIF, and the pages of the rules.

Imports rules, results and baselines, never the engine.
"""
