"""The kinds of declared grants: S3, access levels of services, exact statements, role sessions, managed policies.

May import `fields`.
"""
