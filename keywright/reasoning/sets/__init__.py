"""Set algebra over requests: languages of patterns, intervals, sets of values, actions, principals and resources.

Every emptiness or inclusion that is answered with "yes" here is a proof. What cannot be decided within the budget
raises `PatternsTooComplexError`, `StatementsTooComplexError`, `TooManyActionsError` or `TooManyPrincipalsError`, from
any function here. Imports `evaluation` alone (for the keys that requests have).
"""
