"""Operate the account: up, down, deploy, onboard, rotate, verify, partner, deployer, first-pass.

Of the other groups nothing is imported here.
"""
