"""Role or user? Advice where software is given a long-term identity, and what it runs on would lend it a role."""

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

    _Held = tuple[frozenset[Any], frozenset[str]]

_CIS = {each.key: each for each in ISSUERS if each.better}
MENTIONS = {
    "ec2": r"(?i)\b(EC2|instances? in AWS)\b",
    "ecs": r"(?i)\b(ECS|Fargate)\b",
    "eks": r"(?i)\b(EKS|Kubernetes)\b",
    "codebuild": r"(?i)\bCodeBuild\b",
    "lambda": r"(?i)\bLambda\b",
    **{key: issuer.mentioned_as for key, issuer in _CIS.items()},
}
"""How a reason names what software runs on."""
_NOT = re.compile(r"\b(not|no|never|outside|without|instead)\b[^,;.]{0,24}$", re.IGNORECASE)
"""What before such a word says that it runs elsewhere."""
_BETTER = {
    "ec2": "a workload, whose instance has a role and no key",
    "ecs": "a role that its tasks run with",
    "eks": "a role that its pods run with",
    "codebuild": "a role that its builds run with",
    "lambda": "a role that its function runs with",
    **{key: issuer.better for key, issuer in _CIS.items()},
    "outside": "IAM Roles Anywhere, by which a certificate stands in for the key",
}
_QUIET = "or `considered: true` beside the reason"
_UNFIT = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class _Sign:
    """By what it shows where software runs, and where that is written."""

    runs_on: str
    shown: str
    at: Path


def suggest_roles(draft: Draft) -> Iterator[Finding]:
    """Advise on each application, until somebody says that a role was considered, and again when that is reviewed."""
    workloads = _by_what_they_hold(draft)
    for name, user in draft.declared.users.items():
        application = user.application
        if application is None or _is_quiet(draft, application):
            continue
        twin = _with_the_same(workloads, name, user)
        sign = _sign(draft, name, application)
        if twin is not None and (sign is None or sign.runs_on == "ec2"):
            yield _of_twin(draft, name, twin)
        elif sign is not None:
            yield _advice(draft, name, sign)


def _is_quiet(draft: Draft, application: Application) -> bool:
    return application.considered and application.review - draft.today > NOTICE


def _sign(draft: Draft, name: str, application: Application) -> _Sign | None:
    path = ("users", name, "application")
    if application.runs_on is not None:
        return _Sign(application.runs_on, f"`runs_on: {application.runs_on}`", (*path, "runs_on"))
    if name in draft.declared.workloads:
        return _Sign("ec2", f"workload `{name}`", ("users", name))
    for runs_on, words in MENTIONS.items():
        said = re.search(words, application.because)
        if said and not _NOT.search(application.because[: said.start()]):
            return _Sign(runs_on, f"`{said[0]}` in the reason", (*path, "because"))
    return None


def _by_what_they_hold(draft: Draft) -> dict[_Held, list[str]]:
    found: dict[_Held, list[str]] = {}
    for name, workload in draft.declared.workloads.items():
        found.setdefault(_holding(workload), []).append(name)
    return found


def _holding(holder: User | Workload) -> _Held:
    return frozenset(holder.grants), frozenset(each.managed for each in holder.policies)


def _with_the_same(workloads: Mapping[_Held, list[str]], name: str, user: User) -> str | None:
    """Name a workload that holds just what the application does; its own name goes before others."""
    if not user.grants or user.groups:
        return None
    same = workloads.get(_holding(user), [])
    return name if name in same else next(iter(same), None)


def _of_twin(draft: Draft, name: str, twin: str) -> Finding:
    return draft.finding(
        f"application `{name}` is a user with what workload `{twin}` holds by its role",
        f"the same grants at {draft.places.key('workloads', twin)}",
        f"no user, if it runs there; {_QUIET}",
        at=("users", name),
        severity=Severity.ADVICE,
        see=(draft.places.key("workloads", twin),),
    )


def _advice(draft: Draft, name: str, sign: _Sign) -> Finding:
    return draft.finding(
        f"application `{name}` is a user where a role would do",
        sign.shown,
        f"{_BETTER[sign.runs_on]}; {_QUIET}",
        at=sign.at,
        severity=Severity.ADVICE,
        instead=_instead(draft, name, sign.runs_on),
    )


def _instead(draft: Draft, name: str, runs_on: str) -> str:
    """Write the declaration that takes the user's place."""
    held = _held(draft, name)
    match runs_on:
        case "ec2":
            workload = _declarable(name)
            there = _raw(draft, "workloads", workload)
            both = {key: _joined(there.get(key, ()), held[key]) for key in held}
            return written("workloads", {workload: {"ec2": there.get("ec2", {"launch": "none"}), **both}})
        case "ecs" | "lambda":
            service = "lambda" if runs_on == "lambda" else "ecs-tasks"
            return _role(draft, name, {"service": service}, held)
        case "codebuild":
            return _role(draft, name, {"service": "codebuild", "project": _declarable(name)}, held)
        case "eks":
            pods = {"cluster": "CLUSTER", "namespace": "default", "service_account": _declarable(name)}
            return _role(draft, name, {"eks": pods}, held)
        case "outside":
            return _role(draft, name, _certificate(draft, name), held)
        case _:
            role = _role(draft, name, _CIS[runs_on].example or {}, held)
            return f"{role}\n{_provider(draft, runs_on)}" if _lacks(draft, runs_on) else role


def _certificate(draft: Draft, name: str) -> dict[str, Any]:
    """Give the trust in a certificate, with an anchor's ARN to be filled in."""
    region, account = (draft.account.region, draft.account.id) if draft.account else ("REGION", "ACCOUNT")
    anchor = f"arn:{partition_of(region)}:rolesanywhere:{region}:{account}:trust-anchor/{PLACEHOLDER_UUID}"
    return {"trust_anchor": anchor, "common_name": name}


def _role(draft: Draft, name: str, trust: Mapping[str, Any], held: Mapping[str, Any]) -> str:
    return written("roles", {free_role(draft, name): {"trusts": [dict(trust)], **held}})


def free_role(draft: Draft, name: str) -> str:
    """Give a role's name that no role has yet."""
    taken = {each.lower() for each in draft.names.get("roles", ())}
    candidates = (name, f"{name}-role", *(f"{name}-role-{number}" for number in range(2, 100)))
    return next(each for each in candidates if each.lower() not in taken)[:64]


def _held(draft: Draft, name: str) -> dict[str, Any]:
    """Gather what the user holds, by its groups too, as it is written: a role is in no group."""
    user = draft.declared.users[name]
    holders = [
        _raw(draft, "users", name),
        *(_raw(draft, "groups", membership.name) for membership in user.groups),
    ]
    return {
        key: tuple(each for holder in holders for each in holder.get(key, ()))
        for key in ("grants", "policies")
    }


def _raw(draft: Draft, section: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = draft.data.get(section, {}).get(name) or {}
    return found


def _joined(first: Any, second: Any) -> tuple[Any, ...]:
    return (*first, *(each for each in second if each not in first))


def _declarable(name: str) -> str:
    """Make a workload's name of a user's."""
    plain = _UNFIT.sub("-", name.lower()).strip("-")[:38].strip("-")
    return plain if plain[:1].isalpha() else f"a-{plain}".rstrip("-")


def _lacks(draft: Draft, issuer: str) -> bool:
    return all(provider.oidc != issuer for provider in draft.declared.identity_providers.values())


def _provider(draft: Draft, issuer: str) -> str:
    name = issuer if issuer not in draft.names.get("identity_providers", ()) else f"{issuer}-ci"
    return written("identity_providers", {name: {"oidc": issuer, **(_CIS[issuer].provider_example or {})}})


_SHOWN = 3


def suggest_federation(draft: Draft) -> Iterator[Finding]:
    """Advise once on all of them; those who can still get in when the provider is down are meant to have a password."""
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
    voucher = "IAM Identity Center" if center else f"`{providers[0]}`"
    them = (
        "permission sets for groups of IAM Identity Center" if center else f"roles for the users of {voucher}"
    )
    there = draft.places.key(*(("identity_center",) if center else ("identity_providers", providers[0])))
    more = f" and {len(people) - _SHOWN} more" if len(people) > _SHOWN else ""
    have = "one person has a password" if len(people) == 1 else f"{len(people)} people have passwords"
    yield draft.finding(
        f"{have} of this account where {voucher} vouches for people",
        f"{listed(people[:_SHOWN])}{more}",
        f"{them}; or `own_users` under `account`, with the reason and a review",
        at=("users", people[0]),
        severity=Severity.ADVICE,
        see=(there,),
        instead=_by_center(draft, people) if center else _instead_of_user(draft, providers[0], people),
    )


def _is_excused(draft: Draft) -> bool:
    """Tell whether the account says why, or can't be read, so that nothing is known of it."""
    if draft.account is None:
        return True
    own = draft.account.own_users
    return own is not None and own.review - draft.today > NOTICE


def _is_last_resort(draft: Draft, user: User) -> bool:
    """Tell whether somebody assumes the break-glass role."""
    name = ((draft.account.break_glass if draft.account else None) or "").removeprefix("role/")
    role = draft.declared.roles.get(name)
    groups = {each.group for each in role.trusts if isinstance(each, GroupTrust)} if role else set()
    return any(membership.name in groups for membership in user.groups)


def _instead_of_user(draft: Draft, provider: str, people: list[str]) -> str:
    """Write a role for each of their groups, and say which roles take the provider in their trust."""
    groups = dict.fromkeys(
        membership.name for name in people for membership in draft.declared.users[name].groups
    )
    roles = {
        free_role(draft, group): _role_for(draft, provider, group) for group in groups if _holds(draft, group)
    }
    assumed = [
        f"# in role `{name}`: {{saml: {provider}}} in place of its group"
        for name, role in draft.declared.roles.items()
        if any(isinstance(trust, GroupTrust) and trust.group in groups for trust in role.trusts)
    ]
    return "\n".join([*([written("roles", roles)] if roles else []), *assumed])


def _by_center(draft: Draft, people: list[str]) -> str:
    """Write a permission set for each of their groups, and its assignment to the group that the directory has for it."""
    groups = dict.fromkeys(
        membership.name for name in people for membership in draft.declared.users[name].groups
    )
    sets = {_free_set(draft, group): group for group in groups if _holds(draft, group)}
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


def _free_set(draft: Draft, group: str) -> str:
    name = group[:LONGEST_NAME]
    return name if name not in draft.names.get("permission_sets", ()) else f"{name[: LONGEST_NAME - 4]}-set"


def _holds(draft: Draft, group: str) -> bool:
    found = draft.declared.groups.get(group)
    return found is not None and bool(found.grants or found.policies)


def _role_for(draft: Draft, provider: str, group: str) -> dict[str, Any]:
    held = draft.data["groups"][group]
    return {
        "trusts": [{"saml": provider}],
        "grants": held.get("grants", ()),
        "policies": held.get("policies", ()),
    }
