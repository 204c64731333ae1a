"""Declarations of an account that exists: what its policies mean as grants and trusts, and the proof that they mean the same.

Reads a snapshot (`keywright.account`); nothing here calls AWS or the CDK.
"""
