"""The rules: one module each, found by its file name; the docstring is the rule's page in `docs/rules/`.

Imports `subjects/` and `reference/`; `rule.py` lists the rules.
"""
