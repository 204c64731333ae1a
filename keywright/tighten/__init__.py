"""Narrower grants from what was used: CloudTrail's events, and the edits of declarations that they support."""

__all__: list[str] = []
