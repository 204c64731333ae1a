"""Drift: what of an account differs from a synthesized assembly by meaning, who can do more first.

Read-only, and without a connection: the account is given as a snapshot. `compare` is the entry.
"""
