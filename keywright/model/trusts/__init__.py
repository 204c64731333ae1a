"""Who may assume a declared role, and the identity providers and trust anchors behind them.

May import `fields` and `grants`.
"""
