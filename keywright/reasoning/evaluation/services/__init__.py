"""Rules of single services that differ from the general rules of policy evaluation.

One module per service.
"""
