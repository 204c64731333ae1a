"""What rules read: policies, statements, trust policies, users, resource settings and their conditions.

`kinds` lists the types that a rule can ask for. Imports `reference/` and `invariants/`, never rules.
"""
