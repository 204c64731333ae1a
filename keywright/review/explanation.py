"""Everything that a principal can do, in sentences: by service and access level, with conditions and locations."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from keywright.assembly.identities.identity_center import assignments
from keywright.policy.matching.patterns import service_of
from keywright.policy.reference import catalogue
from keywright.policy.statement import Effect
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.account.resource_sets import refusal_of_all
from keywright.reporting.text import joined
from keywright.review.comparison.conditions import describe_conditions
from keywright.review.comparison.steps import levels_of
from keywright.review.result import LEVEL_VERBS, LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.policy.statement import Statement
    from keywright.reporting.finding import Location
    from keywright.review.comparison.snapshot import ComparedPolicy, IdentityAccess, Snapshot

EVERY_SERVICE = "every service"
MOST_SHOWN = 8
"""How many actions or resources a sentence shows; the JSON has all."""
_MOST_ACTIONS = 20_000


@dataclass(frozen=True)
class Sentence:
    """The part of a statement about one service. `levels` are the access levels of its actions."""

    service: str
    effect: Effect
    actions: tuple[str, ...]
    levels: tuple[str, ...]
    resources: tuple[str, ...]
    condition: str = ""
    through: str = ""
    place: Location | str = ""
    is_unresolved: bool = False

    def __str__(self) -> str:
        verb = (
            f"can {joined([LEVEL_VERBS[each] for each in self.levels], 'and')}"
            if self.effect is Effect.ALLOW
            else "is denied"
        )
        condition = f", {self.condition}" if self.condition else ""
        through = f", from {self.through}" if self.through else ""
        unsure = "; part of this is known only at deployment" if self.is_unresolved else ""
        what = f"{_listed(self.actions)} on {_listed(self.resources)}"
        refusal = refusal_of_all(self.actions, self.resources) if self.effect is Effect.ALLOW else ""
        refused = f"; {refusal}" if refusal else ""
        return f"{verb}: {what}{condition} ({self.place}{through}){unsure}{refused}"


def _listed(texts: tuple[str, ...]) -> str:
    """List a few; "all except" applies to everything that follows it."""
    shown = (
        texts if len(texts) <= MOST_SHOWN + 1 else (*texts[:MOST_SHOWN], f"{len(texts) - MOST_SHOWN} more")
    )
    return ", ".join(shown)


@dataclass(frozen=True)
class Explanation:
    """Everything about one principal."""

    name: str
    arn: str
    kind: str
    groups: tuple[str, ...] = ()
    boundary: str = ""
    sentences: tuple[Sentence, ...] = ()
    within: tuple[Sentence, ...] = ()
    """The most that its permissions boundary allows; it grants nothing."""
    trusted: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def by_service(self) -> dict[str, list[Sentence]]:
        """Give the sentences by service, the most powerful first."""
        found: dict[str, list[Sentence]] = {}
        for each in sorted(self.sentences, key=_order):
            found.setdefault(each.service, []).append(each)
        return dict(sorted(found.items(), key=lambda item: (item[0] != EVERY_SERVICE, item[0])))


def _order(sentence: Sentence) -> tuple[bool, int]:
    level = min((LEVELS.index(each) for each in sentence.levels), default=len(LEVELS))
    return sentence.effect is Effect.DENY, level


def explain(identity: IdentityAccess, snapshot: Snapshot) -> Explanation:
    """Explain all policies that apply to a principal."""
    return Explanations(snapshot).of(identity)


class Explanations:
    """Explains the principals of one snapshot; policies that several have are put into sentences once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._action_names = snapshot.names
        self._known: dict[tuple[int, str, bool], tuple[Sentence, ...]] = {}
        self._assigned: dict[str, list[str]] = {}
        for each in assignments(snapshot.assembly, snapshot.text):
            says = f"assigned to {each.called} in the account {each.account} ({each.location})"
            self._assigned.setdefault(each.what, []).append(says)

    def of(self, identity: IdentityAccess) -> Explanation:
        """Explain all policies that apply to a principal."""
        return Explanation(
            identity.name,
            identity.arn,
            str(identity.kind),
            tuple(self._action_names.get(each, each) for each in identity.groups),
            identity.boundary_arn,
            tuple(each for policy in identity.grants for each in self._sentences(policy)),
            self._sentences(identity.boundary) if identity.boundary else (),
            (*_trusts(identity), *self._assigned.get(identity.name, ()))
            if identity.kind is ActorKind.ROLE
            else (),
            doubts_of(identity),
        )

    def _sentences(self, policy: ComparedPolicy) -> tuple[Sentence, ...]:
        # Members of a group share its document, and putting it into sentences takes most of the time.
        key = (id(policy.most), policy.group, policy.is_unresolved)
        if key not in self._known:
            self._known[key] = tuple(_sentences_of(policy, self._action_names))
        return self._known[key]


def doubts_of(identity: IdentityAccess) -> tuple[str, ...]:
    """List what is undecided about a principal."""
    doubts = list(identity.doubts)
    doubts += [one.reason for each in (*identity.grants, *identity.trust) for one in each.most.unread]
    if identity.boundary_arn and identity.boundary is None:
        doubts.append(f"the permissions boundary `{identity.boundary_arn}` is not known")
    if identity.unresolved_boundary:
        doubts.append("whether it has a permissions boundary is known only at deployment")
    return tuple(dict.fromkeys(doubts))


def _sentences_of(policy: ComparedPolicy, names: Mapping[str, str]) -> Iterator[Sentence]:
    for statement in policy.most.statements:
        place = policy.place(statement) or policy.most.file
        through = names.get(policy.group, policy.group)
        for service, actions, levels in _by_service(statement):
            yield Sentence(
                service,
                statement.effect,
                actions,
                levels,
                statement.resources
                or tuple(f"all except {each}" for each in statement.not_resources)
                or ("itself",),
                describe_conditions(statement),
                through,
                place,
                policy.is_unresolved,
            )


def _all_except(texts: tuple[str, ...]) -> tuple[str, ...]:
    return (f"all except {texts[0]}", *texts[1:]) if texts else ()


def _by_service(statement: Statement) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Give the actions of a statement by service, each with its levels."""
    if statement.not_actions:
        yield EVERY_SERVICE, _all_except(statement.not_actions), LEVELS
        return
    services: dict[str, list[str]] = {}
    for action in statement.actions:
        service = service_of(action)
        known = service if service and not set("*?") & set(service) else EVERY_SERVICE
        services.setdefault(known, []).append(action)
    for service, actions in services.items():
        every = [each for one in actions for each in islice(_action_names(one), _MOST_ACTIONS)]
        yield service, tuple(actions), LEVELS if "*" in actions else levels_of(every)


def _action_names(action: str) -> Iterator[str]:
    if not set("*?") & set(action):
        yield action
    else:
        yield from map(str, catalogue.matching_actions(action))


def _trusts(identity: IdentityAccess) -> Iterator[str]:
    for policy in identity.trust:
        for each in policy.most.statements:
            who = ", ".join(
                f"{kind} {text}" if kind != "*" else "anyone"
                for kind, texts in each.principals.items()
                for text in texts
            )
            who = who or "anyone except " + ", ".join(
                text for texts in each.not_principals.values() for text in texts
            )
            may = "can be assumed" if each.effect is Effect.ALLOW else "cannot be assumed"
            how = ", ".join(each.actions)
            condition = describe_conditions(each)
            yield f"{may} ({how}) by {who}{f', {condition}' if condition else ''} ({policy.place(each) or policy.most.file})"
