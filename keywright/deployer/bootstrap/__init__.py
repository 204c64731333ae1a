"""The bootstrap: its two execution roles, their permissions boundary, the caller's policy, and checks of an earlier one.

May import `requirements` and `handlers`.
"""
