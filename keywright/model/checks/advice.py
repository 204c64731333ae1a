"""Advice to replace users by roles: for applications whose platform provides a role, and for people who could sign in by federation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright.model.fields.dates import NOTICE
from keywright.model.identity_center import LONGEST_NAME
from keywright.model.source.yaml_writing import written
from keywright.model.trusts.issuers.issuer import PLACEHOLDER_UUID
from keywright.model.trusts.issuers.registry import ISSUERS
from keywright.model.trusts.trust import GroupTrust
from keywright.policy.matching.arn import partition_of
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.model.draft import Draft
    from keywright.model.people.users import Application, User
    from keywright.model.source.places import Path
    from keywright.model.workloads import Workload

    _GrantsAndPolicies = tuple[frozenset[Any], frozenset[str]]

CI_ISSUERS = {each.key: each for each in ISSUERS if each.better}
"""The issuers of tokens whose software has a role, by key."""
MENTIONS = {
    "ec2": r"(?i)\b(EC2|instances? in AWS)\b",
    "ecs": r"(?i)\b(ECS|Fargate)\b",
    "eks": r"(?i)\b(EKS|Kubernetes)\b",
    "codebuild": r"(?i)\bCodeBuild\b",
    "lambda": r"(?i)\bLambda\b",
    **{key: issuer.mentioned_as for key, issuer in CI_ISSUERS.items()},
}
"""How a reason names what software runs on."""
_NOT = re.compile(r"\b(not|no|never|outside|without|instead)\b[^,;.]{0,24}$", re.IGNORECASE)
"""After one of these words, a mention means that the software runs elsewhere."""
_BETTER = {
    "ec2": "a workload, whose instance gets a role",
    "ecs": "a role that its tasks run with",
    "eks": "a role that its pods run with",
    "codebuild": "a role that its builds run with",
    "lambda": "a role that its function runs with",
    **{key: issuer.better for key, issuer in CI_ISSUERS.items()},
    "outside": "IAM Roles Anywhere, with a certificate instead of a key",
}
_OR_CONSIDERED = "or `considered: true` next to the reason"
_OTHER_CHARACTERS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class _Evidence:
    """Evidence of where the software runs, and where it is written."""

    runs_on: str
    shown: str
    at: Path


def suggest_roles(draft: Draft) -> Iterator[Finding]:
    """Advise on each application, unless a role was considered and the next review is not near."""
    workloads = _workloads_by_grants(draft)
    for name, user in draft.declared.users.items():
        application = user.application
        if application is None or _was_considered(draft, application):
            continue
        workload = _workload_with_grants_of(workloads, name, user)
        evidence = _evidence(draft, name, application)
        if workload is not None and (evidence is None or evidence.runs_on == "ec2"):
            yield _same_grants_as(draft, name, workload)
        elif evidence is not None:
            yield _advice(draft, name, evidence)


def _was_considered(draft: Draft, application: Application) -> bool:
    return application.considered and application.review - draft.today > NOTICE


def _evidence(draft: Draft, name: str, application: Application) -> _Evidence | None:
    path = ("users", name, "application")
    if application.runs_on is not None:
        return _Evidence(application.runs_on, f"`runs_on: {application.runs_on}`", (*path, "runs_on"))
    if name in draft.declared.workloads:
        return _Evidence("ec2", f"workload `{name}`", ("users", name))
    for runs_on, words in MENTIONS.items():
        mention = re.search(words, application.because)
        if mention and not _NOT.search(application.because[: mention.start()]):
            return _Evidence(runs_on, f"`{mention[0]}` in the reason", (*path, "because"))
    return None


def _workloads_by_grants(draft: Draft) -> dict[_GrantsAndPolicies, list[str]]:
    found: dict[_GrantsAndPolicies, list[str]] = {}
    for name, workload in draft.declared.workloads.items():
        found.setdefault(_grants_and_policies(workload), []).append(name)
    return found


def _grants_and_policies(holder: User | Workload) -> _GrantsAndPolicies:
    return frozenset(holder.grants), frozenset(each.managed for each in holder.policies)


def _workload_with_grants_of(
    workloads: Mapping[_GrantsAndPolicies, list[str]], name: str, user: User
) -> str | None:
    """Give a workload with exactly the application's grants; one of the same name first."""
    # A workload's role cannot be in a group, so it would lack what the groups grant.
    if not user.grants or user.groups:
        return None
    same = workloads.get(_grants_and_policies(user), [])
    return name if name in same else next(iter(same), None)


def _same_grants_as(draft: Draft, name: str, workload: str) -> Finding:
    return draft.finding(
        f"application `{name}` has a user with the same grants as workload `{workload}`",
        f"the grants at {draft.places.key('workloads', workload)}",
        f"no user, if it runs there; {_OR_CONSIDERED}",
        at=("users", name),
        severity=Severity.ADVICE,
        causes=(("users", name), ("workloads", workload)),
        see=(draft.places.key("workloads", workload),),
    )


def _advice(draft: Draft, name: str, evidence: _Evidence) -> Finding:
    return draft.finding(
        f"application `{name}` has a user where a role would do",
        evidence.shown,
        f"{_BETTER[evidence.runs_on]}; {_OR_CONSIDERED}",
        at=evidence.at,
        severity=Severity.ADVICE,
        instead=_replacement(draft, name, evidence.runs_on),
    )


def _replacement(draft: Draft, name: str, runs_on: str) -> str:
    """Write the declaration that replaces the user."""
    held = _grants_of_user(draft, name)
    if runs_on == "ec2":
        workload = workload_name(name)
        there = _as_written(draft, "workloads", workload)
        both = {key: _joined(there.get(key, ()), held[key]) for key in held}
        return written("workloads", {workload: {"ec2": there.get("ec2", {"launch": "none"}), **both}})
    if runs_on == "outside":
        return _role(draft, name, _certificate(draft, name), held)
    role = _role(draft, name, platform_trust(runs_on, name), held)
    lacks_provider = runs_on in CI_ISSUERS and _lacks_provider(draft, runs_on)
    return f"{role}\n{_provider(draft, runs_on)}" if lacks_provider else role


def platform_trust(runs_on: str, name: str) -> dict[str, Any]:
    """Give the trust of a role for software on a platform other than EC2; names in capitals are to be filled in."""
    match runs_on:
        case "ecs" | "lambda":
            return {"service": "lambda" if runs_on == "lambda" else "ecs-tasks"}
        case "codebuild":
            return {"service": "codebuild", "project": workload_name(name)}
        case "eks":
            pods = {"cluster": "CLUSTER", "namespace": "default", "service_account": workload_name(name)}
            return {"eks": pods}
        case _:
            return dict(CI_ISSUERS[runs_on].example or {})


def _certificate(draft: Draft, name: str) -> dict[str, Any]:
    region, account = (draft.account.region, draft.account.id) if draft.account else ("REGION", "ACCOUNT")
    return certificate_trust(name, region, account)


def certificate_trust(name: str, region: str, account: str) -> dict[str, Any]:
    """Give a trust in a certificate, with a trust anchor's ARN to fill in."""
    anchor = f"arn:{partition_of(region)}:rolesanywhere:{region}:{account}:trust-anchor/{PLACEHOLDER_UUID}"
    return {"trust_anchor": anchor, "common_name": name}


def _role(draft: Draft, name: str, trust: Mapping[str, Any], held: Mapping[str, Any]) -> str:
    return written("roles", {free_role_name(draft, name): {"trusts": [dict(trust)], **held}})


def free_role_name(draft: Draft, name: str) -> str:
    """Give a role name that is not taken."""
    taken = {each.lower() for each in draft.names.get("roles", ())}
    candidates = (name, f"{name}-role", *(f"{name}-role-{number}" for number in range(2, 100)))
    # IAM limits the name of a role to 64 characters.
    return next(each for each in candidates if each.lower() not in taken)[:64]


def _grants_of_user(draft: Draft, name: str) -> dict[str, Any]:
    """Collect the grants of a user and its groups as written in YAML, since a role can't be in a group."""
    user = draft.declared.users[name]
    holders = [
        _as_written(draft, "users", name),
        *(_as_written(draft, "groups", membership.name) for membership in user.groups),
    ]
    return {
        key: tuple(each for holder in holders for each in holder.get(key, ()))
        for key in ("grants", "policies")
    }


def _as_written(draft: Draft, section: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = draft.data.get(section, {}).get(name) or {}
    return found


def _joined(first: Any, second: Any) -> tuple[Any, ...]:
    return (*first, *(each for each in second if each not in first))


def workload_name(name: str) -> str:
    """Turn a user's name into a valid workload name."""
    plain = _OTHER_CHARACTERS.sub("-", name.lower()).strip("-")[:38].strip("-")
    return plain if plain[:1].isalpha() else f"a-{plain}".rstrip("-")


def _lacks_provider(draft: Draft, issuer: str) -> bool:
    return all(provider.oidc != issuer for provider in draft.declared.identity_providers.values())


def _provider(draft: Draft, issuer: str) -> str:
    name = issuer if issuer not in draft.names.get("identity_providers", ()) else f"{issuer}-ci"
    return written(
        "identity_providers", {name: {"oidc": issuer, **(CI_ISSUERS[issuer].provider_example or {})}}
    )


_SHOWN = 3


def suggest_federation(draft: Draft) -> Iterator[Finding]:
    """Advise once on all people with passwords, except those who can assume the break-glass role."""
    providers = [
        name for name, provider in draft.declared.identity_providers.items() if provider.saml is not None
    ]
    people = [
        name
        for name, user in draft.declared.users.items()
        if user.console and not _is_last_resort(draft, user)
    ]
    center = draft.declared.identity_center
    if not (providers or center) or not people or _is_excused(draft):
        return
    provider_name = "IAM Identity Center" if center else f"`{providers[0]}`"
    them = (
        "permission sets for groups of IAM Identity Center"
        if center
        else f"roles for the users of {provider_name}"
    )
    there = draft.places.key(*(("identity_center",) if center else ("identity_providers", providers[0])))
    more = f" and {len(people) - _SHOWN} more" if len(people) > _SHOWN else ""
    have = "one person has a password" if len(people) == 1 else f"{len(people)} people have passwords"
    yield draft.finding(
        f"{have} of this account although {provider_name} can sign people in",
        f"{listed(people[:_SHOWN])}{more}",
        f"{them}; or `own_users` under `account`, with a reason and a review date",
        at=("users", people[0]),
        severity=Severity.ADVICE,
        see=(there,),
        instead=_permission_sets_for_groups(draft, people)
        if center
        else _roles_for_groups(draft, providers[0], people),
    )


def _is_excused(draft: Draft) -> bool:
    """Tell whether the account gives a reason for its IAM users, or is malformed."""
    if draft.account is None:
        return True
    own = draft.account.own_users
    return own is not None and own.review - draft.today > NOTICE


def _is_last_resort(draft: Draft, user: User) -> bool:
    """Tell whether a user can assume the break-glass role."""
    name = ((draft.account.break_glass_role if draft.account else None) or "").removeprefix("role/")
    role = draft.declared.roles.get(name)
    groups = {each.group for each in role.trusts if isinstance(each, GroupTrust)} if role else set()
    return any(membership.name in groups for membership in user.groups)


def _roles_for_groups(draft: Draft, provider: str, people: list[str]) -> str:
    """Write a role for each group of the people, and name the roles whose trust has to change."""
    groups = dict.fromkeys(
        membership.name for name in people for membership in draft.declared.users[name].groups
    )
    roles = {
        free_role_name(draft, group): _role_for(draft, provider, group)
        for group in groups
        if _has_access(draft, group)
    }
    assumed = [
        f"# in role `{name}`: {{saml: {provider}}} instead of its group"
        for name, role in draft.declared.roles.items()
        if any(isinstance(trust, GroupTrust) and trust.group in groups for trust in role.trusts)
    ]
    return "\n".join([*([written("roles", roles)] if roles else []), *assumed])


def _permission_sets_for_groups(draft: Draft, people: list[str]) -> str:
    """Write a permission set for each group of the people, and its assignment to a group of the directory."""
    groups = dict.fromkeys(
        membership.name for name in people for membership in draft.declared.users[name].groups
    )
    sets = {_free_permission_set_name(draft, group): group for group in groups if _has_access(draft, group)}
    if not sets:
        return ""
    held = {
        name: {key: draft.data["groups"][group].get(key, ()) for key in ("grants", "policies")}
        for name, group in sets.items()
    }
    given = [
        f"# in `assignments`: {{permission_set: {name}, groups: [{group}]}}, with the id of `{group}` under `identity_center`"
        for name, group in sets.items()
    ]
    return "\n".join([written("permission_sets", held), *given])


def _free_permission_set_name(draft: Draft, group: str) -> str:
    name = group[:LONGEST_NAME]
    return name if name not in draft.names.get("permission_sets", ()) else f"{name[: LONGEST_NAME - 4]}-set"


def _has_access(draft: Draft, group: str) -> bool:
    found = draft.declared.groups.get(group)
    return found is not None and bool(found.grants or found.policies)


def _role_for(draft: Draft, provider: str, group: str) -> dict[str, Any]:
    held = draft.data["groups"][group]
    return {
        "trusts": [{"saml": provider}],
        "grants": held.get("grants", ()),
        "policies": held.get("policies", ()),
    }
