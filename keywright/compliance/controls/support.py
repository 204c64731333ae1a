"""1.16: somebody can work with AWS Support when something has happened; proved by the policy engine, not read off a name."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from keywright.assembly.identities.identity_center import assignments
from keywright.assembly.identities.principals import principals_of
from keywright.assembly.queries.question import Question, may_be_allowed
from keywright.assembly.templates.resolve import pseudo_parameter
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.assembly.templates.value import as_text
from keywright.compliance.answer import Answer, Enforcer
from keywright.guardrails.subjects.allowed_principals import allowed_principals
from keywright.guardrails.subjects.trusts import ASSUME_ACTIONS, always_requires_mfa
from keywright.model.trusts.trust import GroupTrust
from keywright.policy.matching.context import Truth
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.evaluation.verdict import Allowed
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.identities.collection import Identity
    from keywright.assembly.queries.question import Answer as Judged
    from keywright.compliance.seen import Seen, Templates
    from keywright.model.declarations import Declarations
    from keywright.model.roles import Role
    from keywright.policy.matching.context import Values
    from keywright.reasoning.account.actors import Actor

POLICY = "AWSSupportAccess"
_WAY_ON = "a role such as `aws-support: {trusts: [{group: …}], policies: [{managed: AWSSupportAccess, because: …}]}`"
_MEMBERS = "a person in a group that it trusts"
_FEW = 10
_IN_A_DIRECTORY = "who is in a group of IAM Identity Center is said by a directory, and by no template"


def support(seen: Seen) -> Answer:
    """Judge whether somebody comes to hold AWS's policy for support cases, and can use it."""
    if seen.templates is None:
        return _declared(seen)
    holders = [
        each
        for each in seen.templates.whole.identities.all
        if any(attached.aws_managed == POLICY for attached in each.attached)
    ]
    answers = [_Holder(seen, seen.templates, each).answer() for each in holders]
    return _together([*answers, *_by_center(seen.templates)]) or _nobody(seen)


def _by_center(templates: Templates) -> Iterator[Answer]:
    """Tell of permission sets with the policy, and whom they are assigned to: who is in a group, a directory says."""
    given = list(assignments(templates.assembly, Spelling().text))
    for role in templates.whole.permission_set_roles:
        if any(attached.aws_managed == POLICY for attached in role.attached):
            who = [each for each in given if each.what == role.label]
            yield Answer(
                by=(Enforcer(f"`{role.label}`", role.resource.location),),
                evidence=tuple(
                    f"`{role.label}` is assigned to {each.called} in the account {each.account}"
                    for each in who
                ),
                limits=(_IN_A_DIRECTORY,) if who else (),
                gaps=() if who else (_assigned_to_nobody(role),),
            )


def _assigned_to_nobody(role: Identity) -> Finding:
    message = f"`{role.label}` is assigned to nobody of these templates"
    return Finding(role.resource.location, message, f"`{POLICY}`", "an assignment to a group")


def _together(answers: list[Answer]) -> Answer | None:
    """Take what serves; a holder that nobody comes to is no gap beside one that somebody does."""
    serving = [each for each in answers if not each.gaps]
    return sum(serving or answers, Answer()) if answers else None


def _nobody(seen: Seen) -> Answer:
    place = seen.places.at("roles") if seen.declarations or not seen.templates else seen.templates.place
    return Answer(gaps=(Finding(place, "nobody has AWS's policy for support", f"no `{POLICY}`", _WAY_ON),))


class _Holder:
    """One role, user or group with the policy, and who acts by it."""

    def __init__(self, seen: Seen, templates: Templates, holder: Identity) -> None:
        self._templates, self._holder = templates, holder
        self._people = principals_of(templates.assembly)
        self._context: dict[str, Values] = {
            "aws:currenttime": (f"{seen.today}T12:00:00Z",),
            "aws:securetransport": ("true",),
            "aws:multifactorauthpresent": ("true",),
            "aws:multifactorauthage": ("1",),
        }

    def answer(self) -> Answer:
        """Say who comes to it and can open a case, or that nobody can."""
        made = Answer(
            by=(Enforcer(self._named, self._holder.resource.location),),
            evidence=(f"`{POLICY}` is attached to {self._named}",),
        )
        return made + (self._by_membership() if self._holder.trust is None else self._by_assuming())

    @property
    def _named(self) -> str:
        return f"{self._holder.kind} `{self._holder.label}`"

    def _by_membership(self) -> Answer:
        members = {self._holder, *self._templates.whole.identities.members_of(self._holder)}
        actors = [each for each in map(self._actor, members) if each and each.kind is ActorKind.USER]
        if not actors:
            return self._gap(f"nobody of these templates is in {self._named}", "a member")
        return self._opening_cases(actors)

    def _by_assuming(self) -> Answer:
        role = self._actor(self._holder)
        if role is None:
            return Answer(doubts=(f"who may assume {self._named} cannot be told",))
        question = self._question("sts:AssumeRole", role.arn)
        callers = [
            each.assumptions[0]
            for each in takewhile(lambda route: len(route.assumptions) == 1, question.routes(role))
        ]
        coming = [(each.actor, given) for each in callers if (given := _given(question, each)) is not None]
        opening = self._opening_cases([role])
        if opening.gaps:
            return opening
        users = [(actor, given) for actor, given in coming if actor.kind is ActorKind.USER]
        return opening + (self._proved(users) if users else self._not_proved(coming, callers))

    def _proved(self, users: list[tuple[Actor, str]]) -> Answer:
        names = _named_first(sorted({f"`{actor.user_name}`{given}" for actor, given in users}))
        made = Answer(evidence=(f"proved: with a second factor {names} may assume `{self._holder.label}`",))
        if always_requires_mfa(self._holder):
            return made + Answer(
                evidence=(f"whoever assumes `{self._holder.label}` has used a second factor",)
            )
        return made + Answer(
            limits=(f"not everybody who assumes `{self._holder.label}` is asked for a second factor here",)
        )

    def _not_proved(self, coming: list[tuple[Actor, str]], callers: list[Judged]) -> Answer:
        """Tell of those who may come and are no people of these templates."""
        limits = [f"who acts as `{actor.name}`, which may assume it, is not looked at" for actor, _ in coming]
        limits += [
            f"who comes to `{self._holder.label}` by `{each}` no template says" for each in self._doors()
        ]
        if limits:
            return Answer(limits=tuple(limits))
        if callers:
            names = _named_first(sorted({f"`{each.actor.name}`" for each in callers}))
            return Answer(doubts=(f"whether {names} may assume `{self._holder.label}` cannot be told",))
        return self._gap(f"nobody of these templates may assume {self._named}", _MEMBERS)

    def _doors(self) -> list[str]:
        """Name whom the trust lets in from elsewhere: providers, other accounts, services."""
        trust = self._holder.trust
        assert trust is not None
        own = as_text(pseudo_parameter("AWS::AccountId", self._holder.resource.template))
        return [
            each.shown
            for statement in trust.statements
            for each in allowed_principals(statement, trust, own, ASSUME_ACTIONS)
            if each.is_allowed is not Truth.NO
            and (each.kind != "AWS" or any(account != own for account in each.accounts))
        ]

    def _opening_cases(self, actors: list[Actor]) -> Answer:
        question = self._question("support:CreateCase", "*")
        found = [question.answer(each) for each in actors]
        able = [each.actor for each in found if _given(question, each) is not None]
        if able:
            names = _named_first(sorted(f"`{each.name}`" for each in able))
            return Answer(evidence=(f"proved: {names} may open cases",))
        if any(may_be_allowed(each.verdict) for each in found):
            return Answer(doubts=(f"whether {self._named} may open cases cannot be told",))
        return self._gap(f"{self._named} may open no case", "a boundary and guard that leave room for it")

    def _question(self, action: str, resource: str) -> Question:
        return Question(self._templates.assembly, self._people, action, resource, self._context)

    def _actor(self, identity: Identity) -> Actor | None:
        arns = (arn for arn, each in self._people.resources.items() if each is identity.resource)
        return next(filter(None, map(self._people.account.actor, arns)), None)

    def _gap(self, message: str, accepted: str) -> Answer:
        return Answer(
            gaps=(
                Finding(self._holder.resource.location, message, f"`{POLICY}` for {self._named}", accepted),
            )
        )


def _given(question: Question, judged: Judged) -> str | None:
    """Say beside what of the request it is allowed: nothing, or keys whose values the policies ask for; None: never."""
    if isinstance(judged.verdict, Allowed):
        return ""
    if not may_be_allowed(judged.verdict):
        return None
    for given, found in question.decided_with(judged):
        if isinstance(found.verdict, Allowed):
            return f" (with {', '.join(sorted(f'`{key}`' for key in given))} as asked for)"
    return None


def _named_first(names: list[str]) -> str:
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more


def _declared(seen: Seen) -> Answer:
    if seen.declarations is None:
        return Answer()
    answers = []
    for name, role in seen.declarations.roles.items():
        for index, policy in enumerate(role.policies):
            if policy.managed.rpartition("/")[2] == POLICY:
                place = seen.places.at("roles", name, "policies", index)
                made = Answer((Enforcer(f"role `{name}`", place),), (f"role `{name}` is to have `{POLICY}`",))
                answers.append(made + sum(_coming(seen, name, role), Answer()))
    return _together([*answers, *_declared_by_center(seen, seen.declarations)]) or _nobody(seen)


def _declared_by_center(seen: Seen, declarations: Declarations) -> Iterator[Answer]:
    given = {each.permission_set for each in declarations.assignments}
    for name, permission_set in declarations.permission_sets.items():
        for index, policy in enumerate(permission_set.policies):
            if policy.managed.rpartition("/")[2] == POLICY and name in given:
                place = seen.places.at("permission_sets", name, "policies", index)
                what = f"permission set `{name}`"
                yield Answer(
                    (Enforcer(what, place),), (f"{what} is to have `{POLICY}`",), limits=(_IN_A_DIRECTORY,)
                )


def _coming(seen: Seen, name: str, role: Role) -> Iterator[Answer]:
    """Tell of a role that trusts nothing but groups without people."""
    members = sorted(set(_members(seen, role.trusts)))
    if members:
        yield Answer(evidence=(f"trusted by it: {_named_first([f'`{each}`' for each in members])}",))
    elif role.existing:
        yield Answer(limits=(f"role `{name}` is not ours: who may assume it is not declared",))
    elif all(isinstance(each, GroupTrust) for each in role.trusts):
        place = seen.places.at("roles", name)
        yield Answer(
            gaps=(Finding(place, f"nobody may assume role `{name}`", f"`{POLICY}` for it", _MEMBERS),)
        )
    else:
        yield Answer(limits=(f"who comes to role `{name}` from elsewhere is not declared",))


def _members(seen: Seen, trusts: Iterable[object]) -> Iterator[str]:
    groups = {each.group for each in trusts if isinstance(each, GroupTrust)}
    for name, user in seen.declarations.users.items() if seen.declarations else ():
        for each in user.groups:
            if each.name in groups:
                yield name
