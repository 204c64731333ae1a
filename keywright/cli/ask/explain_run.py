"""The work of `keywright explain`."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from keywright.assembly.queries.excerpt import Sought
from keywright.assembly.queries.lookup import AmbiguousNameError, UnusableNameError, find_actor
from keywright.assembly.queries.question import Question
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.assembly.templates.value import as_texts
from keywright.cli.ask.question import exit_code_of, read_with_doubts
from keywright.cli.errors import CommandError
from keywright.cli.formats import ReportFormat
from keywright.policy.principals import principal as read_principal
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.evaluation.verdict import Allowed
from keywright.reporting.exit_codes import GOOD, UNDECIDED
from keywright.reporting.text import joined, printable
from keywright.review.changes.workload_identities import PROFILE, limits_text, session_policies
from keywright.review.comparison.snapshot import IdentityAccess, Snapshot
from keywright.review.explanation import Explanation, explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keywright.assembly.cluster import Spread
    from keywright.assembly.queries.question import RolePath
    from keywright.assembly.sources.organization import Organization


_MAKING_REQUESTS = frozenset({ActorKind.USER, ActorKind.ROLE})


def explain_principal(principal: str, assemblies: list[Path], form: ReportFormat, spread: Spread) -> int:
    """Print the explanation, and give the exit code."""
    read, doubts = read_with_doubts(*assemblies, sought=Sought(principal=principal), spread=spread)
    # An ARN states the account that the templates may leave open.
    snapshot = Snapshot(read, account=read_principal(principal).account)
    try:
        identity = _find_identity(principal, snapshot)
    except UnusableNameError as error:
        raise CommandError(error) from error
    explained = explain(identity, snapshot)
    explained = replace(
        explained,
        trusted=(*explained.trusted, *_session_limits(identity, snapshot)),
        doubts=(*doubts, *explained.doubts),
    )
    roles, callers = _assumable_roles(identity, snapshot), _callers(identity, snapshot)
    if form is ReportFormat.JSON:
        print(json.dumps(as_json(explained, roles, callers), indent=2))
    else:
        several = [
            each for each in read.organizations if identity.actor and each.account == identity.actor.account
        ]
        limits = _limits(next(iter(several), read.organization))
        print(printable("\n".join((as_text(explained, roles, callers), *limits))))
    is_open = explained.doubts or any(each.is_unresolved for each in explained.sentences)
    return exit_code_of(read, UNDECIDED if is_open else GOOD)


def _find_identity(name: str, snapshot: Snapshot) -> IdentityAccess:
    """Find a group or an unattached policy by its name, or a user or role as `can` does.

    Raises:
        UnusableNameError: There is none, or several.
    """
    found = [
        snapshot.identities[key]
        for key, each in snapshot.actors.items()
        # Groups and unattached policies make no requests, so `find_actor` does not know them.
        if each.kind not in _MAKING_REQUESTS and name in {snapshot.plain(each.name), snapshot.plain(each.arn)}
    ]
    if len(found) > 1:
        raise AmbiguousNameError(name, [f"`{each.arn}`" for each in found])
    if found:
        return found[0]
    return snapshot.identities[
        snapshot.plain(find_actor(name, snapshot.principals, snapshot.assembly.left_out.values()).arn)
    ]


def _question(snapshot: Snapshot) -> Question:
    return Question(
        snapshot.assembly, snapshot.principals, "sts:AssumeRole", "*", {}, Spelling(snapshot.spelling.account)
    )


@dataclass(frozen=True)
class _Assumption:
    """A principal that can assume a role, or a role that one can assume; `over` names the roles between."""

    name: str
    is_sure: bool
    over: tuple[str, ...] = ()
    is_chained: bool = False

    def __str__(self) -> str:
        by = f"; by {', then '.join(self.over)}" if self.over else ""
        return f"{self.name}{by}{_CHAINED if self.is_chained else ''}"


_CHAINED = ": for an hour at most, without MFA"
"""The limits of role chaining ("Roles terms and concepts", IAM User Guide)."""


def _assumable_roles(identity: IdentityAccess, snapshot: Snapshot) -> list[_Assumption]:
    """Give the roles that a principal can assume."""
    if identity.kind not in _MAKING_REQUESTS or identity.actor is None:
        return []
    question, found = _question(snapshot), []
    for role in snapshot.principals.account.of_kind(ActorKind.ROLE):
        ways = (_way(each, role.name) for each in question.role_paths(role) if each.actor is identity.actor)
        found += list(ways)
    return found


def _callers(identity: IdentityAccess, snapshot: Snapshot) -> list[_Assumption]:
    if identity.kind is not ActorKind.ROLE or identity.actor is None:
        return []
    return [_way(each, each.actor.name) for each in _question(snapshot).role_paths(identity.actor)]


def _session_limits(identity: IdentityAccess, snapshot: Snapshot) -> Iterator[str]:
    """Describe the session policies that a profile of IAM Roles Anywhere adds to sessions of a role."""
    for profile in snapshot.assembly.of_type(PROFILE) if identity.kind is ActorKind.ROLE else ():
        lent = {
            snapshot.text(each) for value in profile.possible_values("RoleArns") for each in as_texts(value)
        }
        limits = session_policies(profile)
        if identity.arn in lent and (limits is None or limits):
            what = limits_text(limits) if limits else "what is known only at deployment"
            yield f"a session by profile {profile.logical_id} can do at most {what} ({profile.location})"


def _way(route: RolePath, name: str) -> _Assumption:
    over = tuple(each.name for each in route.roles[:-1])
    is_sure = all(isinstance(each.verdict, Allowed) for each in route.assumptions)
    return _Assumption(name, is_sure, over, bool(over) or route.actor.kind is ActorKind.ROLE)


def as_text(explained: Explanation, roles: list[_Assumption], callers: list[_Assumption]) -> str:
    """Write the explanation for people."""
    lines = [f"{explained.name} {explained.arn}".strip()]
    lines += [f"  in {joined(explained.groups)}"] if explained.groups else []
    lines += [f"  {each}" for each in explained.trusted]
    lines += [f"  {'can' if each.is_sure else 'can possibly'} be assumed by {each}" for each in callers]
    lines += [f"  {'can' if each.is_sure else 'can possibly'} assume {each}" for each in roles]
    lines += [f"  undecided: {each}" for each in explained.doubts]
    for service, sentences in explained.by_service().items():
        lines += ["", service, *(f"  {each}" for each in sentences)]
    if not explained.sentences:
        lines += ["", "its own policies allow nothing"]
    if explained.boundary:
        lines += ["", f"limited by the permissions boundary {explained.boundary}"]
        lines += [f"  {each}" for each in explained.within]
    return "\n".join(lines)


def _limits(organization: Organization) -> Iterator[str]:
    """List the control policies of the organization; `keywright can` evaluates them."""
    if organization.levels:
        yield from ("", "limited by the control policies of its organization")
    for level in organization.levels:
        files = [each.file for each in (*level.service_control, *level.resource_control)]
        yield f"  {level.name}: {joined(files, none='none')}"


def as_json(explained: Explanation, roles: list[_Assumption], callers: list[_Assumption]) -> dict[str, Any]:
    """Give the explanation as data."""
    return {
        "principal": {"name": explained.name, "arn": explained.arn, "kind": explained.kind},
        "groups": list(explained.groups),
        "boundary": explained.boundary,
        "trusted": list(explained.trusted),
        "acts_as": [{"role": each.name, "sure": each.is_sure, "over": list(each.over)} for each in roles],
        "acted_as_by": [
            {"principal": each.name, "sure": each.is_sure, "over": list(each.over)} for each in callers
        ],
        "undecided": list(explained.doubts),
        "sentences": [_sentence(each) for each in explained.sentences],
        "at_most": [_sentence(each) for each in explained.within],
    }


def _sentence(sentence: Any) -> dict[str, Any]:
    return {
        "service": sentence.service,
        "effect": str(sentence.effect),
        "actions": list(sentence.actions),
        "levels": list(sentence.levels),
        "resources": list(sentence.resources),
        "condition": sentence.condition,
        "through": sentence.through,
        "place": str(sentence.place),
        "says": str(sentence),
    }
