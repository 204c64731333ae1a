"""Which IAM users of an account could be roles, or people in IAM Identity Center: in what order, why, and the declaration of each.

Reads a snapshot (`keywright.account`); nothing here calls AWS.
"""
