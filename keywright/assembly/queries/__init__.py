"""Questions about an assembly: what a principal can do, who can do something, who can assume which role.

May import `resources`, `identities` and `templates`.
"""
