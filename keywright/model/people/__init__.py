"""Declared users, groups and access keys. May import `fields` and `grants`."""
