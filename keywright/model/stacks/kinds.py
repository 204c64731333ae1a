"""What can be spread over several stacks. Apart from the types, so that `keywright spread --help` loads no pydantic."""

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
"""How the stacks of a kind are called; the first has no number, and the first one's groups are in `access-people`."""
SECTIONS: dict[Kind, str] = {
    "people": "users",
    "groups": "groups",
    "roles": "roles",
    "workloads": "workloads",
    "buckets": "buckets",
}
"""The section of the declarations that holds the things of a kind."""
MOST = 500
"""Five thousand people without a bootstrap bucket take some two hundred: a template of 51,200 bytes holds about 45."""
