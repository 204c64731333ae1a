"""Access by tag: one grant for everybody, which gives each what their own tag names."""

from collections.abc import Iterator
from typing import Literal

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.tags import DecidingKey, TagValue


class PrefixBy(Strict):
    """The folder that is called as the holder is: by a tag of theirs, or by their user name."""

    tag: DecidingKey | None = None
    """The tag of user or role whose value is the folder's name."""
    user_name: Literal[True] | None = None
    """That the folder is called by the user's name; for users alone, sessions of roles have none."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it names two folders, or none."""
        if (self.tag is None) == (self.user_name is None):
            yield Mistake(
                "`prefix_by` of {owner} has not exactly one of `tag` and `user_name`",
                "neither" if self.tag is None else "both",
                "`tag: …`, or `user_name: true`",
            )


class Where(Strict):
    """Resources with a certain tag only: the holder's own value of that tag, or one for all."""

    resource_tag: DecidingKey
    """The resource's tag that decides."""
    equals: Literal["principal_tag"] | None = None
    """That it equals the tag of the same key on user or role."""
    value: TagValue | None = None
    """That it has this value."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it asks for two values, or for none."""
        if (self.equals is None) == (self.value is None):
            yield Mistake(
                "`where` of {owner} has not exactly one of `equals` and `value`",
                "neither" if self.equals is None else "both",
                "`equals: principal_tag`, or `value` with a tag's value",
            )
        if self.value == "":
            yield Mistake("`where` of {owner} asks for an empty tag", "nothing", "a tag's value", "value")
