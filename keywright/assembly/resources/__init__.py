"""Resource-based policies and trust policies of an assembly.

May import `templates` and `identities`.
"""
