"""A job of a CI trusted on one branch or one tag: exactly one of the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.fields.strict import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator


def mistakes_of_ref(what: str, key: str, branch: str | None, tag: str | None) -> Iterator[Mistake]:
    """Say whether it trusts everything of a project, or two things at once; `key` names the project."""
    if branch is None and tag is None:
        yield Mistake("{owner} trusts every branch and tag", f"`{key}: {what}`", "a `branch` or a `tag`", key)
    if branch is not None and tag is not None:
        yield Mistake(
            "a trust of {owner} names a branch and a tag",
            f"`{branch}`, `{tag}`",
            "one of them; two trusts for both",
            "tag",
        )
