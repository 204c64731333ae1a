"""The kinds of things that can be spread over several stacks. Separate from the types, so that `keywright spread --help` loads no pydantic."""

from __future__ import annotations

from typing import Literal

Kind = Literal["people", "groups", "roles", "workloads", "buckets"]
STACKS: dict[Kind, str] = {
    "people": "access-people",
    "groups": "access-groups",
    "roles": "access-roles",
    "workloads": "access-workloads",
    "buckets": "access-data",
}
"""The names of the stacks of a kind; the first has no number, and the first groups are in `access-people`."""
SECTIONS: dict[Kind, str] = {
    "people": "users",
    "groups": "groups",
    "roles": "roles",
    "workloads": "workloads",
    "buckets": "buckets",
}
"""The section of each kind."""
MOST = 500
"""The most stacks of a kind. 5,000 people need about 200 without a bootstrap bucket: 51,200 bytes have room for 45."""
