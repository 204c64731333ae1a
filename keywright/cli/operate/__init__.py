"""Operate the account: onboard, rotate, verify, partner, deployer, first-pass.

Of the other groups nothing is imported here.
"""
