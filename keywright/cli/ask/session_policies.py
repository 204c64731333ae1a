"""`--session-policy`: a question about the session of a role that was begun with policies of its own, which only narrow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.cli.ask.answers import ReadQuestion, UnusableError
from keywright.policy.parsing.documents import read_document
from keywright.reasoning.account.actors import ActorKind

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.cli.ask.question import Typed
    from keywright.policy.statement import Document
    from keywright.reasoning.account.actors import Actor

LONGEST = 2048
"""Characters that STS takes of a session policy ("AssumeRole", AWS STS API Reference)."""
_MOST = 11
"""One given as text, and ten managed ones."""


def narrowed(asked: ReadQuestion, actor: Actor, typed: Typed) -> tuple[ReadQuestion, Actor]:
    """Give the question about an actor's session with the policies that were named.

    Raises:
        UnusableError: A file is no policy, or who is asked about is no role.
    """
    if not typed.session_policies:
        return asked, actor
    if actor.kind is not ActorKind.ROLE:
        raise UnusableError(
            f"a session policy narrows the session of a role; found `{actor.name}`; accepted: a role"
        )
    if len(typed.session_policies) > _MOST:
        raise UnusableError(
            f"a session has too many policies; found {len(typed.session_policies)}; accepted: at most {_MOST}"
        )
    policies = {actor.arn: tuple(map(_document, typed.session_policies))}
    return replace(asked, question=replace(asked.question, session_policies=policies)), actor


def _document(path: Path) -> Document:
    try:
        with path.open("rb") as stream:
            text = stream.read(4 * LONGEST + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UnusableError(f"{path}: the file can't be read: {(reason or str(error)).lower()}") from error
    if len(text) > LONGEST:
        raise UnusableError(
            f"{path}:1:1: a session policy is too long; found {len(text)} characters or more; accepted: at most {LONGEST}"
        )
    document, findings = read_document(text, str(path))
    if findings:
        raise UnusableError("\n".join(map(str, findings)))
    return document
