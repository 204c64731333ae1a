"""Control 1.16: an identity can work with AWS Support during an incident, proved by the policy engine."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from keywright.assembly.identities.identity_center import assignments
from keywright.assembly.identities.principals import principals_of
from keywright.assembly.queries.question import Question, may_be_allowed
from keywright.assembly.templates.resolve import pseudo_parameter
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.assembly.templates.value import as_text
from keywright.compliance.report import Assessment, Enforcer
from keywright.guardrails.subjects.allowed_principals import allowed_principals
from keywright.guardrails.subjects.trusts import ASSUME_ACTIONS, always_requires_mfa
from keywright.model.trusts.trust import GroupTrust
from keywright.policy.matching.context import Truth
from keywright.reasoning.account.actors import ActorKind
from keywright.reasoning.evaluation.verdict import Allowed
from keywright.reporting.finding import Finding
from keywright.reporting.text import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.assembly.identities.collection import Identity
    from keywright.assembly.queries.question import Answer as Judged
    from keywright.compliance.input import CheckedTemplates, Input
    from keywright.model.declarations import Declarations
    from keywright.model.roles import Role
    from keywright.policy.matching.context import Values
    from keywright.reasoning.account.actors import Actor

POLICY = "AWSSupportAccess"
_REMEDY = "a role such as `aws-support: {trusts: [{group: …}], policies: [{managed: AWSSupportAccess, because: …}]}`"
_MEMBERS = "a person in a group that it trusts"
_MOST_SHOWN = 10
_GROUP_MEMBERS_UNKNOWN = "no template shows the members of groups in IAM Identity Center"


def support(source: Input) -> Assessment:
    """Assess whether a principal has the AWS managed policy for support cases, and can use it."""
    if source.templates is None:
        return _declared(source)
    holders = [
        each
        for each in source.templates.view.identities.all
        if any(attached.aws_managed == POLICY for attached in each.attached)
    ]
    assessments = [_Holder(source, source.templates, each).assess() for each in holders]
    return _best_of([*assessments, *_permission_sets(source.templates)]) or _no_holder(source)


def _permission_sets(templates: CheckedTemplates) -> Iterator[Assessment]:
    """Assess permission sets with the policy, and their assignments."""
    given = list(assignments(templates.assembly, Spelling().text))
    for role in templates.view.permission_set_roles:
        if any(attached.aws_managed == POLICY for attached in role.attached):
            who = [each for each in given if each.what == role.label]
            yield Assessment(
                enforced_by=(Enforcer(f"`{role.label}`", role.resource.location),),
                evidence=tuple(
                    f"`{role.label}` is assigned to {each.called} in the account {each.account}"
                    for each in who
                ),
                limits=(_GROUP_MEMBERS_UNKNOWN,) if who else (),
                gaps=() if who else (_assigned_to_nobody(role),),
            )


def _assigned_to_nobody(role: Identity) -> Finding:
    message = f"`{role.label}` is assigned to no one in these templates"
    return Finding(role.resource.location, message, f"`{POLICY}`", "an assignment to a group")


def _best_of(assessments: list[Assessment]) -> Assessment | None:
    """Combine the assessments without gaps; an unusable role is no gap if another one is usable."""
    # The control requires one identity that works, not that all of them do.
    serving = [each for each in assessments if not each.gaps]
    return sum(serving or assessments, Assessment()) if assessments else None


def _no_holder(source: Input) -> Assessment:
    place = (
        source.places.at("roles") if source.declarations or not source.templates else source.templates.place
    )
    return Assessment(
        gaps=(
            Finding(place, "no identity has the AWS managed policy for support", f"no `{POLICY}`", _REMEDY),
        )
    )


class _Holder:
    """One role, user or group with the policy, and the principals that can use it."""

    def __init__(self, source: Input, templates: CheckedTemplates, holder: Identity) -> None:
        self._templates, self._holder = templates, holder
        self._people = principals_of(templates.assembly)
        self._context: dict[str, Values] = {
            "aws:currenttime": (f"{source.today}T12:00:00Z",),
            "aws:securetransport": ("true",),
            "aws:multifactorauthpresent": ("true",),
            # Right after the MFA code: whether a case can be opened must not depend on the age of the
            # session.
            "aws:multifactorauthage": ("1",),
        }

    def assess(self) -> Assessment:
        """Assess who can use it to open a case."""
        assessment = Assessment(
            enforced_by=(Enforcer(self._named, self._holder.resource.location),),
            evidence=(f"`{POLICY}` is attached to {self._named}",),
        )
        return assessment + (self._by_membership() if self._holder.trust is None else self._by_assuming())

    @property
    def _named(self) -> str:
        return f"{self._holder.kind} `{self._holder.label}`"

    def _by_membership(self) -> Assessment:
        members = {self._holder, *self._templates.view.identities.members_of(self._holder)}
        actors = [each for each in map(self._actor, members) if each and each.kind is ActorKind.USER]
        if not actors:
            return self._gap(f"no user of these templates is in {self._named}", "a member")
        return self._opening_cases(actors)

    def _by_assuming(self) -> Assessment:
        role = self._actor(self._holder)
        if role is None:
            return Assessment(undecided=(f"who can assume {self._named} is undecided",))
        question = self._question("sts:AssumeRole", role.arn)
        callers = [
            each.assumptions[0]
            # Paths come shortest first; through other roles MFA is not carried along, so those are not
            # counted.
            for each in takewhile(lambda route: len(route.assumptions) == 1, question.role_paths(role))
        ]
        allowed_callers = [
            (each.actor, given) for each in callers if (given := _conditions_text(question, each)) is not None
        ]
        cases = self._opening_cases([role])
        if cases.gaps:
            return cases
        users = [(actor, given) for actor, given in allowed_callers if actor.kind is ActorKind.USER]
        return cases + (self._proved(users) if users else self._not_proved(allowed_callers, callers))

    def _proved(self, users: list[tuple[Actor, str]]) -> Assessment:
        names = joined(sorted({f"`{actor.user_name}`{given}" for actor, given in users}), most=_MOST_SHOWN)
        assessment = Assessment(evidence=(f"proved: with MFA {names} can assume `{self._holder.label}`",))
        if always_requires_mfa(self._holder):
            return assessment + Assessment(evidence=(f"`{self._holder.label}` can only be assumed with MFA",))
        return assessment + Assessment(limits=(f"`{self._holder.label}` can also be assumed without MFA",))

    def _not_proved(self, allowed_callers: list[tuple[Actor, str]], callers: list[Judged]) -> Assessment:
        """Report callers that are not users of these templates."""
        limits = [
            f"who acts as `{actor.name}`, which can assume it, is not checked" for actor, _ in allowed_callers
        ]
        limits += [
            f"no template shows who can assume `{self._holder.label}` through `{each}`"
            for each in self._external_principals()
        ]
        if limits:
            return Assessment(limits=tuple(limits))
        if callers:
            names = joined(sorted({f"`{each.actor.name}`" for each in callers}), most=_MOST_SHOWN)
            return Assessment(undecided=(f"whether {names} can assume `{self._holder.label}` is undecided",))
        return self._gap(f"no user of these templates can assume {self._named}", _MEMBERS)

    def _external_principals(self) -> list[str]:
        """Return the principals elsewhere that the trust policy allows: providers, other accounts, services."""
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

    def _opening_cases(self, actors: list[Actor]) -> Assessment:
        question = self._question("support:CreateCase", "*")
        found = [question.answer(each) for each in actors]
        able = [each.actor for each in found if _conditions_text(question, each) is not None]
        if able:
            names = joined(sorted(f"`{each.name}`" for each in able), most=_MOST_SHOWN)
            return Assessment(evidence=(f"proved: {names} can open cases",))
        # A condition may still allow it, so this is no gap.
        if any(may_be_allowed(each.verdict) for each in found):
            return Assessment(undecided=(f"whether {self._named} can open cases is undecided",))
        return self._gap(f"{self._named} can open no case", "a boundary and guard policy that allow it")

    def _question(self, action: str, resource: str) -> Question:
        return Question(self._templates.assembly, self._people, action, resource, self._context)

    def _actor(self, identity: Identity) -> Actor | None:
        arns = (arn for arn, each in self._people.resources.items() if each is identity.resource)
        return next(filter(None, map(self._people.account.actor, arns)), None)

    def _gap(self, message: str, accepted: str) -> Assessment:
        return Assessment(
            gaps=(
                Finding(self._holder.resource.location, message, f"`{POLICY}` for {self._named}", accepted),
            )
        )


def _conditions_text(question: Question, judged: Judged) -> str | None:
    """Return the context keys with which a request is allowed, as text; "" for none, None if it is never allowed."""
    if isinstance(judged.verdict, Allowed):
        return ""
    if not may_be_allowed(judged.verdict):
        return None
    for given, found in question.deciding_contexts(judged):
        if isinstance(found.verdict, Allowed):
            return f" (with {', '.join(sorted(f'`{key}`' for key in given))} as required)"
    return None


def _declared(source: Input) -> Assessment:
    if source.declarations is None:
        return Assessment()
    assessments = []
    for name, role in source.declarations.roles.items():
        for index, policy in enumerate(role.policies):
            if policy.managed.rpartition("/")[2] == POLICY:
                place = source.places.at("roles", name, "policies", index)
                assessment = Assessment(
                    (Enforcer(f"role `{name}`", place),), (f"role `{name}` is declared with `{POLICY}`",)
                )
                assessments.append(assessment + sum(_declared_callers(source, name, role), Assessment()))
    return _best_of([*assessments, *_declared_permission_sets(source, source.declarations)]) or _no_holder(
        source
    )


def _declared_permission_sets(source: Input, declarations: Declarations) -> Iterator[Assessment]:
    given = {each.permission_set for each in declarations.assignments}
    for name, permission_set in declarations.permission_sets.items():
        for index, policy in enumerate(permission_set.policies):
            if policy.managed.rpartition("/")[2] == POLICY and name in given:
                place = source.places.at("permission_sets", name, "policies", index)
                what = f"permission set `{name}`"
                yield Assessment(
                    (Enforcer(what, place),),
                    (f"{what} is declared with `{POLICY}`",),
                    limits=(_GROUP_MEMBERS_UNKNOWN,),
                )


def _declared_callers(source: Input, name: str, role: Role) -> Iterator[Assessment]:
    """Assess who can assume a declared role."""
    members = sorted(set(_members(source, role.trusts)))
    if members:
        yield Assessment(
            evidence=(f"it trusts {joined([f'`{each}`' for each in members], most=_MOST_SHOWN)}",)
        )
    elif role.existing:
        yield Assessment(limits=(f"role `{name}` exists already: who can assume it is not declared",))
    elif all(isinstance(each, GroupTrust) for each in role.trusts):
        place = source.places.at("roles", name)
        yield Assessment(
            gaps=(Finding(place, f"nobody can assume role `{name}`", f"`{POLICY}` for it", _MEMBERS),)
        )
    else:
        yield Assessment(limits=(f"who can assume role `{name}` from elsewhere is not declared",))


def _members(source: Input, trusts: Iterable[object]) -> Iterator[str]:
    groups = {each.group for each in trusts if isinstance(each, GroupTrust)}
    for name, user in source.declarations.users.items() if source.declarations else ():
        for each in user.groups:
            if each.name in groups:
                yield name
