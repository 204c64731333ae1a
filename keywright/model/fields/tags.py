"""`tags:` of users, roles, workloads and buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import Field

from keywright.model.fields.strict import Mistake
from keywright.model.fields.text import Shape
from keywright.policy.quotas import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Tagged(Protocol):
    """A declared thing with tags."""

    @property
    def tags(self) -> Mapping[str, str]:
        """Its tags."""


MOST = TAGS.default
_TAG = r"""^[^\x00-\x1f\x7f!"#$%&'()*,;<>?\[\]\\^`{|}~]"""
TagKey = Annotated[
    str,
    Shape(
        "a tag's key", "1 to 128 letters, digits, spaces and `_.:/=+-@`", pattern=rf"{_TAG}+$", longest=128
    ),
]
TagValue = Annotated[
    str,
    Shape(
        "a tag's value",
        "at most 256 letters, digits, spaces and `_.:/=+-@`",
        pattern=rf"{_TAG}*$",
        longest=256,
    ),
]
DecidingKey = Annotated[
    str,
    Shape(
        "a tag key for conditions",
        "1 to 128 letters, digits and `_.:/=+-@`",
        pattern=r"^[A-Za-z0-9_.:/=+@-]+$",
        longest=128,
    ),
]
"""A tag key that condition keys and policy variables can have; they ignore case."""
Tags = Annotated[dict[TagKey, TagValue], Field(default_factory=dict, max_length=MOST)]


def mistakes_of_tags(tags: Mapping[str, str]) -> Iterator[Mistake]:
    """Report reserved keys, and keys that IAM regards as equal ("Rules for tagging in IAM and AWS STS")."""
    seen: dict[str, str] = {}
    for key in tags:
        if key.lower().startswith("aws:"):
            yield Mistake(
                "a tag of {owner} is reserved for AWS", f"`{key}`", "a key without `aws:`", ("tags", key)
            )
        first = seen.setdefault(key.lower(), key)
        if first != key:
            yield Mistake(
                f"tag `{key}` of {{owner}} differs from `{first}` only by case, which IAM ignores",
                f"`{key}`",
                "keys that differ in more than case",
                ("tags", key),
            )


def all_tags(account: Tagged, thing: Tagged) -> dict[str, str]:
    """Merge the account's tags and a thing's own, which win; keys are compared without case."""
    own = {key.lower() for key in thing.tags}
    kept = {key: value for key, value in account.tags.items() if key.lower() not in own}
    return {**kept, **thing.tags}


def key_of(tags: Mapping[str, str], key: str) -> str | None:
    """Find a tag's key without regard to case, as conditions do."""
    return next((each for each in tags if each.lower() == key.lower()), None)
