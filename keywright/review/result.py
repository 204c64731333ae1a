"""What a review found, as values: the facts that every rendering shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

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
    """Quote what is not our own in a sentence: what stands between two backticks is shown as it is."""
    return f"`{str(text).replace('`', chr(39))}`"


class Verdict(StrEnum):
    """What a change does to access as a whole."""

    WIDENS = "widens"
    UNDECIDED = "undecided"
    NARROWS = "narrows"
    NO_NEW_ACCESS = "no new access"
    NOTHING = "nothing changed"


class Subject(StrEnum):
    """Whose access changes, or from where it is seen."""

    ACCESS = "access"
    """What somebody may do."""
    TRUST = "trust"
    """Who can become a role."""
    RESOURCE = "resource"
    """Who may reach a resource, by its own policy."""


@dataclass(frozen=True)
class Step:
    """One way in which access grows or shrinks, with a request that shows it.

    `statement` allows the request (on the side that has it), `place` says where it stands. `actions` are those that the
    same request shows for, `levels` their access levels, `levels_before` the levels that were there on that resource already.
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
    """In which case of the template's conditions; empty where it is so in any."""
    condition: str = ""
    """What the statement asks of a request, in words; `condition_before` what the like of it asked."""
    condition_before: str = ""
    statement_before: Mapping[str, Any] = field(default_factory=dict)
    """The statement that is the same but for its conditions, on the side that allows less."""
    declared: Location | None = None
    """The line of the declaration that the statement comes of, in assemblies of ours."""


@dataclass(frozen=True)
class Change:
    """One principal's, role's or resource's change. `concerns` names whom it reaches beside.

    `is_rewritten` says that the text changed and the access is proved equal; `undecided` holds what can't be told.
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
    """Why it can't be told whether it loses something; it gains nothing by that."""
    is_rewritten: bool = False
    expected: str = ""

    @property
    def weight(self) -> tuple[int, int, int, str]:
        """Order by what widens most: level, then sensitive actions, then how many it reaches."""
        steps = self.gains or self.losses
        level = min((LEVELS.index(each) for step in steps for each in step.levels), default=len(LEVELS))
        return level, -max((is_sensitive(step) for step in steps), default=0), -len(self.concerns), self.name


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
    """Tell whether a step reaches identities, secrets, keys or the account's record of itself."""
    return any(map(is_sensitive_action, (*step.actions, step.witness.action)))


def is_sensitive_action(action: str) -> bool:
    """Tell the same of one action."""
    return action.lower().startswith(_SENSITIVE)


@dataclass(frozen=True)
class Fact:
    """A change beside policies: sign-in, keys, MFA, boundary, membership, who carries a role, what a door lets in.

    `widens` tells that it lets somebody in or further, `undecided` that nobody can tell from the templates.
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
    """An identity that CloudFormation replaces or destroys, and what goes with it."""

    name: str
    says: str
    loses: str
    place: Location | None = None
    declared: Location | None = None


@dataclass(frozen=True)
class EscalationPath:
    """An escalation path that was not there."""

    principal: str
    via: tuple[str, ...]
    to: str
    needs: str


@dataclass(frozen=True)
class Note:
    """A change of what holds access in check: an invariant, an exception from a rule, room left in a quota, who deploys.

    `weakens` tells that less is held in check from now on.
    """

    about: str
    name: str
    says: str
    place: Location | None = None
    weakens: bool = False


@dataclass(frozen=True)
class Approval:
    """Who has to approve, and for what: each a kind of change and the names that it is about."""

    team: str
    because: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Review:
    """All of it. `unchanged` counts the principals whose access is word for word what it was."""

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
    """What people call whom and what stands in the templates, by ARN."""
    approvals: tuple[Approval, ...] = ()
    unchanged: int = 0
    is_same_text: bool = False

    @property
    def gains(self) -> tuple[Change, ...]:
        """Give what widens, the widest first."""
        return tuple(sorted((each for each in self.changes if each.gains), key=lambda each: each.weight))

    @property
    def losses(self) -> tuple[Change, ...]:
        """Give what narrows."""
        return tuple(sorted((each for each in self.changes if each.losses), key=lambda each: each.weight))

    @property
    def rewritten(self) -> tuple[Change, ...]:
        """Give what is written otherwise and proved equal."""
        return tuple(each for each in self.changes if each.is_rewritten)

    @property
    def open_questions(self) -> tuple[str, ...]:
        """List everything that can't be told."""
        of_changes = (f"{quoted(each.name)}: {reason}" for each in self.changes for reason in each.undecided)
        of_facts = (f"{quoted(each.name)} {each.says}" for each in self.facts if each.undecided)
        return tuple(dict.fromkeys((*self.undecided, *of_changes, *of_facts)))

    @property
    def widening(self) -> int:
        """Count what widens, expected or not."""
        return len(self.gains) + sum(each.widens for each in self.facts)

    @property
    def unexpected(self) -> int:
        """Count what widens and nobody expected."""
        return sum(not each.expected for each in self.gains) + sum(
            each.widens and not each.expected for each in self.facts
        )

    @property
    def verdict(self) -> Verdict:
        """Say what the change does: what is shown goes before what can't be told, and that before what is proved."""
        if self.widening:
            return Verdict.WIDENS
        if self.open_questions:
            return Verdict.UNDECIDED
        if self.losses or any(each.narrows for each in self.facts):
            return Verdict.NARROWS
        if self.changes or self.facts or self.replaced:
            return Verdict.NO_NEW_ACCESS
        return Verdict.NOTHING

    @property
    def exit_code(self) -> int:
        """Give 2 for unusable input, 1 for a widening nobody expected, 3 for what can't be told, 0 else."""
        if self.unusable:
            return 2
        if self.unexpected:
            return 1
        return 3 if self.open_questions else 0
