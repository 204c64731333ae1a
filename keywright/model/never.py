"""`never:` - what no principal may do, whoever grants it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from keywright.model.invariant import ARN, NAMED, Invariant
from keywright.model.one_or_more import OneOrMore
from keywright.model.shape import Shape

Excepted = Annotated[
    str,
    Shape(
        "a principal",
        "`user/`, `group/`, `role/`, `workload/` or `permissionset/` and its name, an ARN, an account number in "
        "quotes, or a service such as `logging.s3.amazonaws.com`",
        pattern=rf"^((user|group|role|workload|permissionset)/{NAMED}|{ARN}|[0-9]{{12}}|[a-z0-9.-]+\.amazonaws\.com)$",
        longest=2048,
    ),
]


class Never(Invariant):
    """An invariant over all principals: none of them can do it, as itself or as a role that it can assume."""

    excepting: Annotated[OneOrMore[Excepted], Field(alias="except")] = ()
    """Who is not bound; in YAML the key is `except`."""
