"""ESC001: no principal can escalate privileges.

What it checks
    No user, role, group or policy of the assembly has a known privilege escalation path, followed step by step:
    through groups, through roles that can be assumed, through services to which a role is passed, through policies
    that can be rewritten. Conditions, boundaries and denials are evaluated at every step.

    Intended access is not reported. A role that requires MFA, and that both its trust policy and the policies of
    those who assume it name, is intended; so is a role of another account that is named without a wildcard, whose own
    policies are that account's matter. So is a session on an instance, with MFA, by the exact value of a tag that the
    instance is launched with, where the instance's role accepts sessions and is no administrator.

    It is a warning in three cases: every step assumes or passes a role, or changes a resource, that is named without
    a wildcard, and none leads to an administrator (what a deployment role is for); an AWS managed policy for service
    roles leads out of the templates; or plain read access leads into a resource outside the templates.

Why it matters
    A principal with `iam:PassRole` and `lambda:CreateFunction` can act with the permissions of the strongest role
    that a function may have, whatever else its policy says. A list of actions does not show that.

Refused
    - {Effect: Allow, Action: "iam:PassRole", Resource: "arn:aws:iam::111111111111:role/*"}
    - Effect: Allow
      Action: ["lambda:CreateFunction", "lambda:InvokeFunction"]
      Resource: "arn:aws:lambda:*:111111111111:function:*"
    ---
    {Effect: Allow, Action: "iam:PutRolePolicy", Resource: "arn:aws:iam::111111111111:role/reader"}

Accepted
    Effect: Allow
    Action: ["lambda:InvokeFunction", "lambda:GetFunction"]
    Resource: "arn:aws:lambda:*:111111111111:function:report-*"

Blind to
    Who else can change tags by which a session is granted. Paths whose steps are held by different principals,
    resource-based policies other than trust policies, poisoned sources and images. A template is not the whole
    account: a path whose target may lie outside it is reported, with what must exist. A principal that is an
    administrator already cannot escalate; POL002 and POL013 report it.

See
    IAM User Guide, "Create a service-linked role", for roles that nobody else can change.
    The techniques, each with its source, in `keywright/reasoning/escalation/techniques`; `keywright escalations` shows every path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.guardrails.place import Place, listed
from keywright.guardrails.subjects.assembly_view import AssemblyView  # noqa: TC001 - the engine reads what the rule is about
from keywright.guardrails.subjects.escalation_precheck import (
    changes_service_linked_roles,
    ends_in_named_external_role,
    is_minor,
    may_escalate,
)
from keywright.guardrails.subjects.trusts import always_requires_mfa
from keywright.policy.statement import Effect
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from keywright.assembly.identities.principals import AccountPrincipals
    from keywright.assembly.templates.template import Resource
    from keywright.reasoning.account.actors import Account, Actor
    from keywright.reasoning.escalation.paths import EscalationPath, EscalationResult
    from keywright.reasoning.escalation.steps import EscalationStep

CODE = "ESC001"
SEVERITY = Severity.ERROR

_ADMINISTRATOR = "administrator"


def check(view: AssemblyView) -> Iterator[Finding]:
    """Report each principal that can escalate privileges; the message describes the path that leads to the most."""
    if not may_escalate(view):
        return
    from keywright.assembly.identities.principals import principals_of  # noqa: PLC0415 - only what may escalate pays for the search
    from keywright.assembly.queries.environments import recheck_in_each_account  # noqa: PLC0415
    from keywright.reasoning.escalation.paths import Escalates, UndecidedEscalation  # noqa: PLC0415

    people = principals_of(view.assembly)
    mfa_roles = {role.resource for role in view.identities.roles if always_requires_mfa(role)}
    places = {actor: _place(actor, people) for actor in people.account.actors}
    checked = {
        actor: place
        for actor, place in places.items()
        if place and place.resource not in view.is_boundary_only
    }
    known = _escalation_results(people.account, checked)
    for result in recheck_in_each_account(view.assembly, known, _escalation_results):
        place = checked[result.actor]
        match result:
            case Escalates(actor=actor, paths=paths, unfinished=unfinished):
                unintended = [each for each in paths if not _is_intended(each, people, mfa_roles)]
                if unintended:
                    yield _fault(place, actor, unintended, is_complete=not unfinished)
            case UndecidedEscalation(actor=actor, because=because):
                yield place.undecided(
                    CODE,
                    f"whether {_actor_name(actor)} can escalate privileges: {because[0]}",
                    found=listed(because),
                    accepted="policies in the template",
                )


_FIRST_LIMIT = 8
"""The first search stops after so many identities: it is enough for most accounts, and much faster."""


def _escalation_results(account: Account, checked: Collection[Actor]) -> tuple[EscalationResult, ...]:
    """Return the escalation result of each actor; the long search runs only if the first one was cut short."""
    from keywright.reasoning.escalation.paths import TOO_MANY_STATES, UndecidedEscalation, find_escalations  # noqa: PLC0415 - as above

    of = None if len(checked) == len(account.actors) else checked
    found = find_escalations(account, of=of, most_states=_FIRST_LIMIT)
    limit_message = TOO_MANY_STATES.format(_FIRST_LIMIT)
    is_cut_short = any(
        isinstance(each, UndecidedEscalation) and limit_message in each.because for each in found
    )
    return find_escalations(account, of=of) if is_cut_short else found


def _is_intended(path: EscalationPath, people: AccountPrincipals, mfa_roles: set[Resource]) -> bool:
    """Return whether a path is intended access.

    The last step can assume a role of another account, after agreed steps. What an instance's role can assume is
    defined there, for everybody with a session on the instance; a path to an administrator is never intended.
    """
    *before, last = path.steps
    if ends_in_named_external_role(path, people.account):
        to_check = [
            each for each in before if not (each.is_declared and each.technique.reaches == "assumption")
        ]
    else:
        to_check = [*before, last]
    agreed_steps = [] if path.reaches_administrator else _agreed_steps(path, people, mfa_roles)
    return changes_service_linked_roles(path) or all(
        step in agreed_steps or _assumes_guarded_role(step, people, mfa_roles) for step in to_check
    )


def _agreed_steps(
    path: EscalationPath, people: AccountPrincipals, mfa_roles: set[Resource]
) -> list[EscalationStep]:
    """Return the sessions that both sides name, and the roles that the instance's role can then assume by name.

    Such a path begins with a role for people: its trust policy requires MFA, or the role is for a SAML provider.
    """
    found: list[EscalationStep] = []
    actor: Actor | None = path.principal
    for step in path.steps:
        is_for_people = actor is not None and (
            actor.trust is None or _is_for_people(actor, people, mfa_roles)
        )
        if (step.is_agreed and is_for_people) or (found and step.is_declared and _assumes_role(step)):
            found.append(step)
        actor = step.target
    return found


def _is_for_people(role: Actor, people: AccountPrincipals, mfa_roles: set[Resource]) -> bool:
    allowing = [each for each in (role.trust.statements if role.trust else ()) if each.effect is Effect.ALLOW]
    federated = [each.principals.get("Federated", ()) for each in allowing]
    by_saml = all(each and all(":saml-provider/" in one for one in each) for each in federated)
    return people.resources.get(role.arn) in mfa_roles or (bool(allowing) and by_saml)


def _assumes_role(step: EscalationStep) -> bool:
    return step.technique.reaches == "assumption"


def _assumes_guarded_role(step: EscalationStep, people: AccountPrincipals, mfa_roles: set[Resource]) -> bool:
    return (
        step.is_declared
        and _assumes_role(step)
        and step.target is not None
        and people.resources.get(step.target.arn) in mfa_roles
    )


def _fault(place: Place, actor: Actor, found: list[EscalationPath], *, is_complete: bool) -> Finding:
    """Make the finding. Where the search was cut short, unknown paths count as serious."""
    serious = [each for each in found if not is_minor(each)]
    paths = serious or found
    to_administrator = [each for each in paths if each.to == _ADMINISTRATOR]
    worst = min(
        to_administrator or paths,
        key=lambda each: (not to_administrator and not each.reaches_administrator, bool(each.needs)),
    )
    first_steps = [" + ".join(each.steps[0].technique.actions) for each in paths]
    condition = f", if there is {worst.needs}" if worst.needs else ""
    return place.fault(
        CODE,
        f"{_actor_name(actor)} can escalate privileges to {_target_name(worst)}, with {', then '.join(_step_names(worst))}{condition}",
        found=listed(first_steps, most=3),
        accepted="specific roles and resources instead of patterns, or a permissions boundary that prevents it",
        severity=SEVERITY if serious or not is_complete else Severity.WARNING,
    )


def _target_name(path: EscalationPath) -> str:
    if path.to == _ADMINISTRATOR:
        return "administrator"
    return f"`{path.to}`, an administrator" if path.reaches_administrator else f"`{path.to}`"


def _step_names(path: EscalationPath) -> list[str]:
    return [" and ".join(f"`{action}`" for action in step.technique.actions) for step in path.steps]


def _actor_name(actor: Actor) -> str:
    kind, _, name = actor.name.partition("/")
    return f"{kind} `{name or kind}`"


def _place(actor: Actor, people: AccountPrincipals) -> Place | None:
    """Return the place of an actor, or of the policy that a template attaches to an identity elsewhere."""
    resource = people.resources.get(actor.arn)
    if resource is not None and actor.kind != "policy":
        return Place(resource)
    policies = (people.policies.get(id(document)) for document in actor.documents)
    return next((Place(policy.holder, policy.path) for policy in policies if policy is not None), None)
