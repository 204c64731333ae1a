"""Access that a tag decides: the tag of who asks, the tag of what is asked about, or that both are the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from access_constructs.refusal import refusal

if TYPE_CHECKING:
    from keywright.policy.statement import Conditions, Statement

USER_NAME = "${aws:username}"
"""The name of a user who asks; no session of a role has one, and there nothing matches."""
_KEY = re.compile(r"[A-Za-z0-9_.:/=+@-]{1,128}")
_VALUE = re.compile(r"[^*?$\x00-\x1f\x7f]{1,256}")


def principal_tag(key: str) -> str:
    """Give the variable that stands for a tag of who asks ("IAM policy elements: Variables and tags", IAM User Guide).

    Where the tag is missing nothing matches. In a session it is the role's tag, or the session's where the role's trust
    lets one be passed.

    Raises:
        ValueError: A key that no variable can name.
    """
    return f"${{aws:PrincipalTag/{_checked(key)}}}"


def resource_tag_condition(key: str, value: str | None = None) -> Conditions:
    """Ask for a tag of the resource with this value; without one, with the value that who asks has under the same key.

    Raises:
        ValueError: A key that no condition can name, or a value that could be more than itself.
    """
    wanted = principal_tag(key) if value is None else _literal(value)
    return {"StringEquals": {f"aws:ResourceTag/{_checked(key)}": (wanted,)}}


def principal_tag_condition(key: str, value: str) -> Conditions:
    """Ask for a tag of who asks with this value.

    Raises:
        ValueError: A key that no condition can name, or a value that could be more than itself.
    """
    return {"StringEquals": {f"aws:PrincipalTag/{_checked(key)}": (_literal(value),)}}


def is_bound_by_tag(statement: Statement) -> bool:
    """Tell whether a tag of the resource decides."""
    return any(
        key.lower().startswith("aws:resourcetag/") for key in statement.conditions.get("StringEquals", {})
    )


def _literal(value: str) -> str:
    if not _VALUE.fullmatch(value):
        raise refusal(
            "a tag's value is taken literally",
            found=f"`{value}`",
            accepted="1 to 256 characters without `*`, `?`, `$`",
        )
    return value


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise refusal(
            "a tag that decides is named by its key",
            found=f"`{key}`",
            accepted="1 to 128 letters, digits and `_.:/=+@-`",
        )
    return key
