"""Set algebra over requests: languages of patterns, intervals, sets of values, actions, principals and resources.

Every emptiness or inclusion that is answered with "yes" here is a proof. Imports `evaluation` alone (for the keys that
requests have).
"""
