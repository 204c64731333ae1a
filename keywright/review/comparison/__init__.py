"""Compare policies: an assembly as a snapshot, pairs of policies before and after, and the statements that change access.

Imports nothing of the review but `result`.
"""
