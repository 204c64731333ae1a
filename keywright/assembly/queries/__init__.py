"""Questions about an assembly: may a principal do something, who can, who comes to act as which role.

May import `resources`, `identities` and `templates`.
"""
