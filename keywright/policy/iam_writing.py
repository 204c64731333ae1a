"""IAM's own actions, by what they do to identities and policies."""

from __future__ import annotations

WRITING = tuple(f"iam:{start}*" for start in ("A", "C", "D", "E", "P", "R", "Se", "T", "U"))
"""How names of IAM actions begin that do more than look ("Actions defined by AWS Identity and Access Management"); those
that look begin with `Generate`, `Get`, `List` and `Simulate`."""
