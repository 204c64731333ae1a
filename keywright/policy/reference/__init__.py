"""Data that AWS publishes: actions and resource types, AWS managed policies, service principals.

May import `matching`.
"""
