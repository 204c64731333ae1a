"""`never:` - what no principal may do, whoever grants it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from keywright.model.name import Reference
from keywright.model.shape import Shape
from keywright.model.strict import Strict

Who = Annotated[
    str,
    Shape(
        "a principal",
        "`everyone`, or `user/`, `group/`, `role/` or `workload/` and its name",
        pattern=r"^(everyone|(user|group|role|workload)/[A-Za-z0-9+=,.@_-]{1,64})$",
    ),
]
ActionPattern = Annotated[
    str,
    Shape(
        "an action",
        "such as `s3:DeleteObject` or `iam:*`",
        pattern=r"^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$",
        longest=128,
    ),
]
Target = Annotated[
    str,
    Shape(
        "a resource",
        "`bucket/` and a declared name, an ARN, or `*`",
        pattern=r"^(\*|bucket/[a-z][a-z0-9-]{0,39}|arn:[^\s\x00-\x1f]+)$",
        longest=2048,
    ),
]


class Never(Strict):
    """An invariant over all principals of the account's templates."""

    who: Who
    """Whom it binds: `everyone`, or one declared principal."""
    can: ActionPattern
    """The action, or a pattern of actions, that must stay out of reach."""
    on: Target
    """What it must stay away from."""
    excepting: Annotated[tuple[Reference, ...], Field(alias="except", max_length=200)] = ()
    """Declared principals that are not bound; in YAML the key is `except`."""
