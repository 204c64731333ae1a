"""The result of a review, which every report renders."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from keywright.reporting.exit_codes import exit_code_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.reasoning.witnesses.witness import Witness
    from keywright.reporting.finding import Finding, Location

LEVELS = ("permissions management", "write", "tagging", "read", "list")
"""AWS's access levels, the most powerful first."""
LEVEL_VERBS = {each: each for each in LEVELS} | {
    "permissions management": "manage permissions",
    "tagging": "tag",
}


def quoted(text: object) -> str:
    """Put a text from the templates in backticks; backticks within it become apostrophes."""
    return f"`{str(text).replace('`', chr(39))}`"


class Verdict(StrEnum):
    """The effect of a change on access as a whole."""

    WIDENS = "widens"
    UNDECIDED = "undecided"
    NARROWS = "narrows"
    NO_NEW_ACCESS = "no new access"
    NOTHING = "nothing changed"


class Subject(StrEnum):
    """What kind of policy a change is about."""

    ACCESS = "access"
    """What a principal can do."""
    TRUST = "trust"
    """Who can assume a role."""
    RESOURCE = "resource"
    """Who can access a resource, by its resource-based policy."""


@dataclass(frozen=True)
class Step:
    """One statement, or one removed limit, by which access is gained or lost, with an example request (`witness`).

    `statement` allows the request, on the side that has it; `place` is its location. `actions` are those that change for the same
    resource and context, `levels` their access levels, `levels_before` the levels that were allowed on the resource before.
    """

    witness: Witness
    statement: Mapping[str, Any] = field(default_factory=dict)
    place: Location | None = None
    actions: tuple[str, ...] = ()
    more_actions: int = 0
    levels: tuple[str, ...] = ()
    levels_before: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    through: str = ""
    because: str = ""
    where: str = ""
    """The case of the template's conditions; empty if it holds in all."""
    account: str = ""
    """The account in which alone it holds, if no template states its account."""
    condition: str = ""
    """The conditions of the statement, in words; `condition_before` those of its earlier version."""
    condition_before: str = ""
    statement_before: Mapping[str, Any] = field(default_factory=dict)
    """The statement on the other side that differs only in its conditions."""
    declared: Location | None = None
    """The line of the statement's declaration, in assemblies of Keywright."""


@dataclass(frozen=True)
class Change:
    """The change of one principal, role or resource. `concerns` names other affected principals.

    `is_rewritten`: the text changed, and the access is proved equal. `undecided` lists open questions.
    """

    subject: Subject
    name: str
    arn: str = ""
    is_new: bool = False
    is_gone: bool = False
    concerns: tuple[str, ...] = ()
    gains: tuple[Step, ...] = ()
    losses: tuple[Step, ...] = ()
    undecided: tuple[str, ...] = ()
    may_lose: str = ""
    """Why it is undecided whether access is lost."""
    is_rewritten: bool = False
    expected: str = ""

    @property
    def weight(self) -> tuple[int, int, int, str]:
        """Sort key: access level, then sensitive actions, then the number of concerned principals."""
        steps = self.gains or self.losses
        level = min((LEVELS.index(each) for step in steps for each in step.levels), default=len(LEVELS))
        return level, -max((is_sensitive(step) for step in steps), default=0), -len(self.concerns), self.name


# Used for the order only: what is not listed here is still reported.
_SENSITIVE = (
    "iam:",
    "organizations:",
    "sts:assumerole",
    "sts:getfederationtoken",
    "sso:",
    "secretsmanager:getsecretvalue",
    "kms:decrypt",
    "kms:putkeypolicy",
    "kms:creategrant",
    "s3:putbucketpolicy",
    "lambda:updatefunctioncode",
    "ssm:sendcommand",
    "cloudtrail:stoplogging",
    "cloudtrail:deletetrail",
)


def is_sensitive(step: Step) -> bool:
    """Tell whether a step is about identities, secrets, keys or audit logs."""
    return any(map(is_sensitive_action, (*step.actions, step.witness.action)))


def is_sensitive_action(action: str) -> bool:
    """Tell whether an action is about identities, secrets, keys or audit logs."""
    return action.lower().startswith(_SENSITIVE)


LEAVER = "leaver"
"""The kind of the fact about a deleted user."""


@dataclass(frozen=True)
class Fact:
    """A change outside of policies: sign-in, keys, MFA, boundaries, memberships, use of roles, public access.

    `widens`: access is gained. `undecided`: the templates do not decide whether access is gained.
    """

    about: str
    name: str
    says: str
    place: Location | None = None
    widens: bool = False
    narrows: bool = False
    undecided: bool = False
    expected: str = ""
    declared: Location | None = None


@dataclass(frozen=True)
class ReplacedIdentity:
    """An identity that CloudFormation replaces or deletes, and what is lost with it."""

    name: str
    says: str
    loses: str
    place: Location | None = None
    declared: Location | None = None
    owner: str = ""
    """The user of an access key; empty for other identities."""


@dataclass(frozen=True)
class EscalationPath:
    """A new escalation path."""

    principal: str
    via: tuple[str, ...]
    to: str
    needs: str


@dataclass(frozen=True)
class Note:
    """A change of a check: an invariant, an exception from a rule, the use of a quota, the deployment roles.

    `weakens`: the check covers less than before.
    """

    about: str
    name: str
    says: str
    place: Location | None = None
    weakens: bool = False


@dataclass(frozen=True)
class Approval:
    """A required approval: the team, and the kinds of change with their names."""

    team: str
    because: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Review:
    """The whole result. `unchanged` counts the principals with exactly the same policies."""

    changes: tuple[Change, ...] = ()
    facts: tuple[Fact, ...] = ()
    replaced: tuple[ReplacedIdentity, ...] = ()
    paths: tuple[EscalationPath, ...] = ()
    undecided: tuple[str, ...] = ()
    unusable: tuple[Finding, ...] = ()
    findings_new: tuple[Finding, ...] = ()
    findings_gone: tuple[Finding, ...] = ()
    unused: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """The display names of identities and buckets, by ARN."""
    approvals: tuple[Approval, ...] = ()
    unchanged: int = 0
    is_same_text: bool = False

    @property
    def gains(self) -> tuple[Change, ...]:
        """The changes that gain access, the most serious first."""
        return tuple(sorted((each for each in self.changes if each.gains), key=lambda each: each.weight))

    @property
    def losses(self) -> tuple[Change, ...]:
        """The changes that lose access."""
        return tuple(sorted((each for each in self.changes if each.losses), key=lambda each: each.weight))

    @property
    def rewritten(self) -> tuple[Change, ...]:
        """The changes of text with access proved equal."""
        return tuple(each for each in self.changes if each.is_rewritten)

    @property
    def open_questions(self) -> tuple[str, ...]:
        """Everything that is undecided."""
        of_changes = (f"{quoted(each.name)}: {reason}" for each in self.changes for reason in each.undecided)
        of_facts = (f"{quoted(each.name)} {each.says}" for each in self.facts if each.undecided)
        return tuple(dict.fromkeys((*self.undecided, *of_changes, *of_facts)))

    @property
    def narrowing(self) -> int:
        """The number of losses; a deleted user counts once."""
        losing = {each.name for each in self.losses}
        facts = (each for each in self.facts if each.narrows)
        return len(self.losses) + sum(each.about != LEAVER or each.name not in losing for each in facts)

    @property
    def widening(self) -> int:
        """The number of gains, expected or not."""
        return len(self.gains) + sum(each.widens for each in self.facts)

    @property
    def unexpected(self) -> int:
        """The number of gains that are not expected."""
        return sum(not each.expected for each in self.gains) + sum(
            each.widens and not each.expected for each in self.facts
        )

    @property
    def verdict(self) -> Verdict:
        """The verdict: gains come before open questions, and these before proved results."""
        if self.widening:
            return Verdict.WIDENS
        if self.open_questions:
            return Verdict.UNDECIDED
        if self.narrowing:
            return Verdict.NARROWS
        if self.changes or self.facts or self.replaced:
            return Verdict.NO_NEW_ACCESS
        return Verdict.NOTHING

    @property
    def exit_code(self) -> int:
        """Give the exit code: findings if access widens unexpectedly."""
        return exit_code_for(unusable=self.unusable, findings=self.unexpected, undecided=self.open_questions)
