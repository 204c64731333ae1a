"""What declared things may be called."""

from __future__ import annotations

from typing import Annotated

from keywright.model.shape import Shape

LITERAL_BUT_SLASH = r"\x20-\x23\x25-\x29\x2b-\x2e\x30-\x3e\x40-\x7e\xa0-\xff"
LITERAL = rf"{LITERAL_BUT_SLASH}/"
"""The characters that a policy takes and takes literally: Latin 1 without `*`, `?` and `$` ("CreatePolicy", IAM API
Reference), as a regular expression has them between brackets."""

IdentityName = Annotated[
    str,
    Shape(
        "a name that IAM takes",
        "1 to 64 letters, digits and `+=,.@_-`",
        pattern=r"^[A-Za-z0-9+=,.@_-]{1,64}$",
    ),
]
"""A user's, group's or role's name ("IAM and AWS STS quotas", IAM User Guide)."""

DeclaredName = Annotated[
    str,
    Shape(
        "a name of this language",
        "1 to 40 lower-case letters, digits and hyphens, a letter first",
        pattern=r"^[a-z][a-z0-9-]{0,39}$",
    ),
]
"""A bucket's, workload's or provider's name."""

AccountId = Annotated[
    str,
    Shape("an account number", 'twelve digits in quotes, such as `"111111111111"`', pattern=r"^[0-9]{12}$"),
]

Reason = Annotated[
    str,
    Shape("a reason", "a sentence of 10 to 500 characters", shortest=10, longest=500, strip=True),
]
"""Why an exception to good practice is made; a sentence for the reviewer."""

Reference = Annotated[
    str,
    Shape(
        "a declared thing",
        "`user/`, `group/`, `role/`, `workload/`, `policy/`, `bucket/`, `provider/` or `permissionset/` and its name",
        pattern=r"^(user|group|role|workload|policy|bucket|provider|permissionset)/[A-Za-z0-9+=,.@_-]{1,64}$",
    ),
]
"""A declared thing by kind and name, such as `role/break-glass`."""
