"""The access map: a table of principals and resources with the access levels that policies allow.

May import `comparison` and `result`; draws nothing.
"""
