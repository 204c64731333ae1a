"""Check and review: check, review, compare, compliance, exceptions. They refuse what is wrong or widens access.

Of the other groups nothing is imported here.
"""
