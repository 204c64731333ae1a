"""Compare the identities that exist in an account with the declared ones. Reads only.

Imports nothing else of `live`.
"""
