"""Managed policies: permissions boundaries, delegated administration, grants that several identities share."""
