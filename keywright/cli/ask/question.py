"""The question of `can` and `who-can`: as it was typed, and read into what the policy engine answers."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.assembly.cluster import HERE
from keywright.assembly.identities.unresolved_attachments import all_principals
from keywright.assembly.queries.excerpt import Sought
from keywright.assembly.queries.lookup import UnusableNameError, find_resource
from keywright.assembly.queries.question import Question
from keywright.assembly.templates.reader import read_accounts
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.cli.errors import CommandError, unreadable
from keywright.cli.options import ASSEMBLY, day
from keywright.cli.organization import read_for
from keywright.cli.terminal import print_error
from keywright.policy.parsing.documents import read_document
from keywright.policy.principals import ACCOUNT_ID
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.evaluation.verdict import Undecided
from keywright.reporting.exit_codes import UNUSABLE
from keywright.reporting.finding import Outcome

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from keywright.assembly.cluster import Spread
    from keywright.assembly.queries.lookup import NamedResource
    from keywright.assembly.queries.question import Answer
    from keywright.assembly.templates.template import Assembly
    from keywright.policy.matching.context import Values
    from keywright.policy.statement import Document
    from keywright.reasoning.account.actors import Actor

_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9-]+")
_KEY = re.compile(r"[^:\s]+:\S+")
_ACCOUNT = re.compile(rf":({ACCOUNT_ID.pattern})(?::|$)")
_LONGEST_SESSION_POLICY = 2048
"""Characters of a session policy ("AssumeRole", AWS STS API Reference)."""
_MOST_SESSION_POLICIES = 11
"""One inline policy and ten managed policies ("AssumeRole", AWS STS API Reference)."""


@dataclass(frozen=True)
class TypedQuestion:
    """A question as it was typed; further commands are made from it."""

    action: str
    resource: str
    assemblies: tuple[Path, ...]
    context: tuple[str, ...]
    absent: tuple[str, ...]
    today: datetime | None
    session_policies: tuple[Path, ...] = ()
    spread: Spread = HERE

    @property
    def _where(self) -> list[str]:
        return [] if self.assemblies == (ASSEMBLY,) else list(map(str, self.assemblies))

    def can(self, principal: str, more: tuple[str, ...] = ()) -> str:
        """Write the `can` command for one principal."""
        options = [part for each in self.context for part in ("--context", each)]
        options += [part for each in self.absent for part in ("--absent", each)]
        options += [part for each in self.session_policies for part in ("--session-policy", str(each))]
        options += ["--today", f"{self.today:%Y-%m-%d}"] if self.today else []
        words = ["keywright", "can", principal, self.action, self.resource, *self._where, *options, *more]
        return shlex.join(words)

    def explain(self, principal: str) -> str:
        """Write the `explain` command for one principal."""
        return shlex.join(["keywright", "explain", principal, *self._where])

    def without(self, keys: tuple[str, ...]) -> TypedQuestion:
        """Leave out the options about some condition keys."""
        lowered = {key.lower() for key in keys}
        return replace(
            self,
            context=tuple(each for each in self.context if each.partition("=")[0].lower() not in lowered),
            absent=tuple(each for each in self.absent if each.lower() not in lowered),
        )


@dataclass(frozen=True)
class ReadQuestion:
    """A question for the policy engine, and the resource as it was named.

    `doubts` name the parts of the templates that can't be read. Answers are then undecided, whatever the rest allows.
    """

    question: Question
    resource: NamedResource
    doubts: tuple[str, ...] = ()

    def with_doubts(self, answer: Answer) -> Answer:
        """Make an answer undecided where a part of the templates can't be read."""
        if not self.doubts:
            return answer
        because = f"{self.doubts[0]}; as written: {answer.verdict.name}"
        return replace(answer, verdict=Undecided(because))


def read_question(typed: TypedQuestion, *, principal: str = "") -> ReadQuestion:
    """Read the assembly and the arguments.

    Raises:
        CommandError: One of them can't be used.
    """
    if not _ACTION.fullmatch(typed.action):
        raise CommandError(f"not an action; found `{typed.action}`; accepted: one such as `s3:GetObject`")
    context = default_context(day(typed.today)) | _context(typed)
    sought = Sought(typed.action, typed.resource, principal)
    assembly, doubts = read_with_doubts(*typed.assemblies, sought=sought, spread=typed.spread)
    # If no template states the account, the one in the question is used, so that its ARNs match.
    account = _ACCOUNT.search(principal) or _ACCOUNT.search(typed.resource)
    spelling = Spelling(account[1] if account else "")
    try:
        resource = find_resource(typed.resource, typed.action, assembly, spelling)
    except UnusableNameError as error:
        raise CommandError(error) from error
    people = all_principals(assembly, spelling)
    question = Question(assembly, people, typed.action, resource.arn, context, spelling)
    return ReadQuestion(question, resource, doubts)


def read_with_doubts(
    *paths: Path, sought: Sought | None = None, spread: Spread = HERE
) -> tuple[Assembly, tuple[str, ...]]:
    """Read an assembly, or those of several accounts as one, and name the parts of it that can't be read.

    Of several accounts, what can't be used at all is such a part too, and is printed: the others are still read. With
    `sought`, what the question does not need may be left out.

    Raises:
        CommandError: A file of a single assembly can't be used at all.
    """
    assembly = read_accounts(paths) if sought is None else read_for(paths, sought, spread)
    faults = [each for each in assembly.findings if each.outcome is not Outcome.UNDECIDED]
    # A part that depends on the deployment makes answers undecided; a broken file makes them unusable.
    if faults and not (assembly.is_of_several_accounts and assembly.templates):
        raise CommandError("\n".join(map(str, assembly.findings)))
    print_error(*faults)
    return assembly, tuple(map(str, assembly.findings))


def exit_code_of(assembly: Assembly, otherwise: int) -> int:
    """Give the exit code for unusable input if a part of the assembly can't be used, or the other one."""
    return UNUSABLE if any(each.outcome is not Outcome.UNDECIDED for each in assembly.findings) else otherwise


def default_context(today: date) -> dict[str, Values]:
    """Give the context of a request unless the options say otherwise: over TLS, at noon."""
    return {"aws:securetransport": ("true",), "aws:currenttime": (f"{today}T12:00:00Z",)}


def _context(typed: TypedQuestion) -> dict[str, Values]:
    values: dict[str, Values] = {}
    for each in typed.context:
        key, equals, value = each.partition("=")
        if not equals or not _KEY.fullmatch(key):
            raise CommandError(f"not a key and a value; found `{each}`; accepted: `aws:SourceIp=192.0.2.1`")
        values[key.lower()] = (*values.get(key.lower(), ()), value)
    for key in typed.absent:
        if not _KEY.fullmatch(key):
            raise CommandError(f"not a condition key; found `{key}`; accepted: one such as `aws:SourceVpce`")
        if key.lower() in values:
            raise CommandError(f"the key is absent and has a value; found `{key}`; accepted: one of the two")
        values[key.lower()] = ()
    return values


def with_session_policies(asked: ReadQuestion, actor: Actor, files: tuple[Path, ...]) -> ReadQuestion:
    """Restrict a role's session by session policies.

    Raises:
        CommandError: A file is not a policy, or the principal is not a role.
    """
    if not files:
        return asked
    if actor.kind is not ActorKind.ROLE:
        raise CommandError(f"only a role has session policies; found `{actor.name}`; accepted: a role")
    if len(files) > _MOST_SESSION_POLICIES:
        raise CommandError(
            f"too many session policies; found {len(files)}; accepted: at most {_MOST_SESSION_POLICIES}"
        )
    policies = {actor.arn: tuple(map(_session_policy, files))}
    return replace(asked, question=replace(asked.question, session_policies=policies))


def _session_policy(path: Path) -> Document:
    try:
        with path.open("rb") as stream:
            # A character has at most four bytes in UTF-8; reading ends there, because a file of any size can
            # be named.
            text = stream.read(4 * _LONGEST_SESSION_POLICY + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error
    if len(text) > _LONGEST_SESSION_POLICY:
        raise CommandError(
            f"{path}:1:1: a session policy is too long; found {len(text)} characters or more; "
            f"accepted: at most {_LONGEST_SESSION_POLICY}"
        )
    document, findings = read_document(text, str(path))
    if findings:
        raise CommandError("\n".join(map(str, findings)))
    return document
