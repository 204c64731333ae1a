"""Users, groups, roles and permission sets of an assembly, with every policy and membership attached to them.

May import `sources` and `templates`.
"""
