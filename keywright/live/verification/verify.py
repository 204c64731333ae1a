"""Compare the identities that exist under Keywright's path with the declared ones. Changes nothing.

Templates do not show everything: CloudFormation tries a refused deletion three times, then skips it and reports success;
people register devices and keys; administrators attach policies. Each difference in identities, memberships, credentials,
attached policies, boundaries and tags is a finding; the content of policies is not compared here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.live.verification.account import LiveIdentities, LiveIdentity, LiveUser, read_identities
from keywright.live.verification.advice import SharedAdvice
from keywright.live.verification.expected import (
    OWN_POLICIES,
    Expected,
    ExpectedIdentity,
    ExpectedUser,
    workloads_of,
)
from keywright.live.verification.identity_differences import (
    IdentityDifference,
    has_other_keys,
    identity_differences,
    policy_differences,
    user_differences,
)
from keywright.live.verification.permission_sets import differences
from keywright.model.identity_arns import adopted_arns, path_of
from keywright.model.people.access_keys import OLDEST
from keywright.policy.quotas import NEAR
from keywright.reporting.finding import Finding, Location, Severity, in_reading_order
from keywright.reporting.text import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
    from datetime import date

    from mypy_boto3_iam import IAMClient

    from keywright.model.declarations import Declarations
    from keywright.model.source.places import Places


_COUNTED = {
    "Users": "users",
    "Groups": "groups",
    "Roles": "roles",
    "Policies": "managed policies",
    "InstanceProfiles": "instance profiles",
}
"""What `GetAccountSummary` counts together with a quota ("GetAccountSummary", IAM API Reference)."""


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """The use of one quota of an account."""

    what: str
    used: int
    quota: int


def nearly_used_quotas(summary: Mapping[str, int]) -> Iterator[QuotaUse]:
    """Yield each quota of which less than a fifth is left."""
    for key, what in _COUNTED.items():
        used, quota = summary.get(key, 0), summary.get(f"{key}Quota", 0)
        # A quota that AWS does not return is unknown, not used up.
        if quota and used >= NEAR * quota:
            yield QuotaUse(what, used, quota)


def verify(
    declarations: Declarations,
    iam_client: IAMClient,
    places: Places | None = None,
    *,
    today: date | None = None,
    all_paths: bool = False,
) -> list[Finding]:
    """Give every difference between the account and the declarations in force.

    Errors are differences; advice is for people to do themselves, such as registering an MFA device. `places` gives
    declared identities their line; without it, and for undeclared ones, the location is the account. Without `today`, no
    key is reported as old. Undeclared users outside the path are counted, and with `all_paths` listed.

    Raises:
        botocore.exceptions.ClientError: Read access is missing.
    """
    live = read_identities(
        iam_client,
        declarations.account.path,
        adopted=frozenset(adopted_arns(declarations)),
        all_paths=all_paths,
    )
    comparison = _Comparison(declarations, live, places, today)
    return in_reading_order(list(comparison.findings()))


class _Comparison:
    def __init__(
        self, declarations: Declarations, live: LiveIdentities, places: Places | None, today: date | None
    ) -> None:
        self._today = today
        self._declarations = declarations
        self._account = declarations.account
        self._expected = Expected(declarations)
        self._live = live
        self._places = places

    def findings(self) -> Iterator[Finding]:
        users, groups = self._expected.users(), self._expected.groups()
        yield from self._existence("user", users, self._live.users)
        yield from self._existence("group", groups, self._live.groups)
        for name in users.keys() & self._live.users.keys():
            yield from self._user(name, users[name], self._live.users[name])
        for name in groups.keys() & self._live.groups.keys():
            found = policy_differences(
                "group", name, groups[name], self._live.groups[name], guard=self._expected.guard_arn
            )
            yield from self._differences(found, ("groups", name))
        yield from self._external_members(groups)
        yield from self._external_users()
        yield from self._roles()
        yield from self._own_policies()
        yield from self._quotas()
        for each in differences(
            self._declarations, self._expected.boundaries, self._live.identity_center_roles
        ):
            if each.is_certain:
                yield self._error(each.message, found=each.found, accepted=each.accepted, at=each.at)
            else:
                yield self._advice(
                    each.name,
                    each.message,
                    each.of_many,
                    found=each.found,
                    accepted=each.accepted,
                    at=each.at,
                )

    def _existence(
        self, kind: str, declared: Collection[str], live: Mapping[str, LiveIdentity]
    ) -> Iterator[Finding]:
        for name in set(live) - set(declared):
            yield self._error(
                f"{kind} `{name}` exists under `{self._account.path}` but is not declared",
                found=_policies_and_credentials(live[name]),
                accepted=f"a declaration under `{kind}s:`, or manual deletion",
            )
        for name in set(declared) - set(live):
            yield self._error(
                f"{kind} `{name}` is declared but does not exist",
                found=f"no {kind} `{name}` under `{path_of(self._declarations, kind, name)}`",
                accepted="`keywright deploy`",
                at=(f"{kind}s", name),
            )

    def _user(self, name: str, expected: ExpectedUser, live: LiveUser) -> Iterator[Finding]:
        found = user_differences(name, expected, live, guard=self._expected.guard_arn)
        yield from self._differences(found, ("users", name))
        if expected.makes_own_keys:
            yield from self._own_keys(name, live)
        elif not has_other_keys(expected, live):
            yield from self._old_keys(name, expected, live)

    def _differences(
        self, differences: Iterable[IdentityDifference], at: tuple[str, str]
    ) -> Iterator[Finding]:
        for each in differences:
            if each.severity is Severity.ADVICE:
                yield self._advice(
                    at[1], each.message, each.of_many, found=each.found, accepted=each.accepted, at=at
                )
            else:
                yield self._error(each.message, found=each.found, accepted=each.accepted, at=at)

    def _old_keys(self, name: str, expected: ExpectedUser, live: LiveUser) -> Iterator[Finding]:
        """Report an application's key that is really older than allowed: the declaration's `issued` is only a claim."""
        if self._today is None or live.oldest_key is None:
            return
        age = (self._today - live.oldest_key).days
        if age > expected.maximum_age:
            yield self._finding(
                f"user `{name}` has an active access key that is {age} days old",
                found=f"created on {live.oldest_key}",
                accepted=f"at most {expected.maximum_age} days: `keywright rotate {name}`",
                at=("users", name),
                severity=Severity.WARNING,
            )

    def _own_keys(self, name: str, live: LiveUser) -> Iterator[Finding]:
        """Report self-managed keys of a person that are old, or two active ones."""
        active = [key for key, status in live.keys if status == "Active"]
        if len(active) > 1:
            yield self._finding(
                f"user `{name}` has two active self-managed access keys",
                found=", ".join(f"`{key}`" for key in active),
                accepted="one; deactivate and delete the other when it is no longer used",
                at=("users", name),
                severity=Severity.WARNING,
            )
        if self._today is None or live.oldest_key is None:
            return
        age = (self._today - live.oldest_key).days
        if age > OLDEST:
            yield self._finding(
                f"user `{name}` has a self-managed access key that is {age} days old",
                found=f"active since {live.oldest_key}",
                accepted=f"at most {OLDEST} days: create a new key, then deactivate and delete this one",
                at=("users", name),
                severity=Severity.WARNING,
            )

    def _quotas(self) -> Iterator[Finding]:
        """Report quotas that are nearly used up, also by what others created."""
        for quota_use in nearly_used_quotas(self._live.summary):
            yield self._finding(
                f"the account is close to its quota for {quota_use.what}",
                found=f"{quota_use.used:,} of {quota_use.quota:,}",
                accepted="fewer, or a quota increase (Service Quotas)",
                severity=Severity.WARNING,
            )

    def _external_members(self, groups: Collection[str]) -> Iterator[Finding]:
        for name, memberships in self._live.external_members.items():
            for group in memberships & set(groups):
                yield self._error(
                    f"user `{name}`, who is outside of `{self._account.path}`, is in group `{group}`",
                    found=f"a membership of `{name}`",
                    accepted="declared members only",
                    at=("groups", group),
                )

    def _external_users(self) -> Iterator[Finding]:
        """Count the users outside the path that are not declared as `existing`; list them if their credentials were read."""
        existing = {name for name, user in self._declarations.users.items() if user.existing}
        path, listed_users = self._account.path, self._live.external_users
        if listed_users is None:
            number = len(self._live.external_members.keys() - existing)
            are = "user is" if number == 1 else "users are"
            if number:
                yield self._finding(
                    f"{number} {are} outside `{path}` and not checked; `keywright verify --all-paths` lists them",
                    severity=Severity.ADVICE,
                )
            return
        for name in listed_users.keys() - existing:
            user = listed_users[name]
            yield self._finding(
                f"user `{name}` is outside `{path}` and not checked",
                found=f"path `{user.path}`, {_policies_and_credentials(user)}",
                accepted="`existing: true` under `users:`, or deletion if nobody needs this user",
                severity=Severity.ADVICE,
            )

    def _roles(self) -> Iterator[Finding]:
        declared, workloads = self._expected.roles(), self._expected.workloads()
        generated = self._generated(declared, workloads)
        made = yield from self._delegated()
        others = {*generated.values(), *made}
        named = {name: role for name, role in self._live.roles.items() if name not in others}
        yield from self._existence("role", declared, named)
        for name in declared.keys() & named.keys():
            yield from self._role("role", name, declared[name], named[name])
        for workload in workloads.keys() - generated.keys():
            yield self._error(
                f"workload `{workload}` is declared but its role does not exist",
                found=f"no role for it under `{self._account.path}`",
                accepted="`keywright deploy`",
                at=("workloads", workload),
            )
        for workload, name in generated.items():
            yield from self._role("workload", workload, workloads[workload], self._live.roles[name])

    def _role(
        self, kind: str, name: str, expected: ExpectedIdentity, live: LiveIdentity
    ) -> Iterator[Finding]:
        found = identity_differences(kind, name, expected, live, guard=self._expected.guard_arn)
        yield from self._differences(found, (f"{kind}s", name))

    def _delegated(self) -> Generator[Finding, None, set[str]]:
        """Check the boundaries of delegated roles, and give the names of these roles."""
        boundaries = self._expected.delegated()
        made = {name: role for name, role in self._live.roles.items() if role.path in boundaries}
        for name, role in made.items():
            delegation, boundary = boundaries[role.path]
            if role.boundary != boundary:
                yield self._error(
                    f"role `{name}` under `{role.path}` does not have the permissions boundary of its delegation",
                    found=f"`{role.boundary}`" if role.boundary else "no boundary",
                    accepted=f"`{boundary}`",
                    at=("delegations", delegation),
                )
        return set(made)

    def _generated(self, declared: Collection[str], workloads: Collection[str]) -> dict[str, str]:
        """Match each workload with one role; a second matching role stays undeclared."""
        fitting = {role: workloads_of(role, workloads) for role in self._live.roles if role not in declared}
        adopted = self._expected.adopted_workloads()
        found = {name: role for name, role in adopted.items() if role in self._live.roles}
        fitting = {role: each for role, each in fitting.items() if role not in adopted.values()}
        # Roles with one candidate come first, so that a shortened name does not take the workload of an exact
        # one.
        for role, candidates in sorted(fitting.items(), key=lambda pair: (len(pair[1]), pair[0])):
            free = [each for each in candidates if each not in found and each not in adopted]
            if free:
                found[free[0]] = role
        return found

    def _own_policies(self) -> Iterator[Finding]:
        owners = self._expected.owners()
        known = OWN_POLICIES | self._expected.delegated_policies() | self._expected.shared_policies()
        for name in self._live.policies - known:
            if not any(owner.owned.fullmatch(name) for owner in owners):
                yield self._error(
                    f"managed policy `{name}` under `{self._account.path}` is not managed by Keywright",
                    found=f"`{self._expected.policy_arn(name)}`",
                    accepted="another path, or manual deletion",
                )

    def _error(
        self, message: str, *, found: str, accepted: str, at: tuple[str, str] | None = None
    ) -> Finding:
        return self._finding(message, found=found, accepted=accepted, at=at, severity=Severity.ERROR)

    def _advice(
        self,
        name: str,
        message: str,
        of_many: str,
        *,
        found: str,
        accepted: str,
        at: tuple[str, str] | None,
    ) -> Finding:
        return SharedAdvice(
            self._place(at),
            message,
            found=found,
            accepted=accepted,
            severity=Severity.ADVICE,
            name=name,
            of_many=of_many,
        )

    def _finding(
        self,
        message: str,
        *,
        severity: Severity,
        found: str = "",
        accepted: str = "",
        at: tuple[str, str] | None = None,
    ) -> Finding:
        return Finding(self._place(at), message, found=found, accepted=accepted, severity=severity)

    def _place(self, at: tuple[str, str] | None) -> Location:
        if at is None or self._places is None:
            return Location(f"account {self._account.id}")
        return self._places.at(*at)


def _policies_and_credentials(holder: LiveIdentity) -> str:
    """List the policies and credentials of an undeclared identity."""
    parts = [f"`{name}`" for name in sorted(holder.inline | holder.attached)]
    if isinstance(holder, LiveUser):
        active = sum(status == "Active" for _, status in holder.keys)
        parts = [
            *(["a login profile"] if holder.login else []),
            *([counted(active, "active access key")] if active else []),
            *(counted(number, kind) for kind, number in holder.others.items()),
            *(f"group `{group}`" for group in sorted(holder.groups)),
            *parts,
        ]
    return ", ".join(parts) or "no policies or credentials"
