"""Read policy documents from JSON, with a finding for everything that AWS would reject.

May import the modules of `policy` itself and `matching`.
"""
