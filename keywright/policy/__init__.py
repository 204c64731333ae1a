"""The IAM policy language: statements, conditions, principals, how they are read and written.

Everything in Keywright may import it; it imports only `keywright.reporting`.
"""
