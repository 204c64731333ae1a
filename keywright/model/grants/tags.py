"""Attribute-based access: prefixes and conditions by tags of the principal and the resource."""

from collections.abc import Iterator
from typing import Literal

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.tags import DecidingKey, TagValue


class PrefixBy(Strict):
    """A folder for each holder, named by a principal tag or the user name."""

    tag: DecidingKey | None = None
    """The tag of the user or role whose value is the folder's name."""
    user_name: Literal[True] | None = None
    """The user name is the folder's name; for users only, since role sessions have no user name."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report both or neither of `tag` and `user_name`."""
        if (self.tag is None) == (self.user_name is None):
            yield Mistake(
                "`prefix_by` of {owner} must have exactly one of `tag` and `user_name`",
                "neither" if self.tag is None else "both",
                "`tag: …`, or `user_name: true`",
            )


class Where(Strict):
    """Limits access to resources with a tag: with the holder's own value of the tag, or a fixed value."""

    resource_tag: DecidingKey
    """The tag of the resource."""
    equals: Literal["principal_tag"] | None = None
    """The tag must equal the principal's tag of the same key."""
    value: TagValue | None = None
    """The tag must have this value."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report both or neither of `equals` and `value`."""
        if (self.equals is None) == (self.value is None):
            yield Mistake(
                "`where` of {owner} must have exactly one of `equals` and `value`",
                "neither" if self.equals is None else "both",
                "`equals: principal_tag`, or `value` with a tag's value",
            )
        if self.value == "":
            yield Mistake("`where` of {owner} has an empty tag value", "nothing", "a tag's value", "value")
