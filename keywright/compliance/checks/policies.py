"""Controls 1.6, 1.14, 1.15 and 1.21: the root user, and policies attached to users, for administrators and CloudShell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.compliance.report import Assessment, Enforcer
from keywright.guardrails.rules.pol013_no_broad_managed_policies import EVERYTHING, SHELL, broad_access
from keywright.model.accepted_findings import accepted_findings
from keywright.reporting.finding import Finding
from keywright.reporting.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keywright.compliance.input import Input
    from keywright.reporting.finding import Location


_HOLDERS = ("users", "groups", "roles", "workloads")


def through_groups(source: Input) -> Assessment:
    """Assess whether policies are attached to users directly."""
    if source.templates is not None:
        looked = f"checked the policies of {counted(len(source.templates.users), 'user')}"
        return source.templates.by_rule("USR006") + Assessment(evidence=(looked,))
    if source.declarations is None:
        return Assessment()
    users = source.declarations.users.items()
    own = [(name, user) for name, user in users if user.grants or user.policies]
    reasons = ((name, user.because or getattr(user.application, "because", "")) for name, user in own)
    limits = tuple(f"`user/{name}` has policies attached directly: {reason}" for name, reason in reasons)
    return Assessment(evidence=("checked the declared users",), limits=limits)


def administrators(source: Input) -> Assessment:
    """Assess whether a policy with full administrator access is attached."""
    if source.templates is None:
        return _declared(source, lambda name: broad_access(name) == EVERYTHING)
    # Two rules, because an AWS managed policy has no document in the templates.
    attached = source.templates.by_rule("POL013", lambda each: broad_access(_name(each)) == EVERYTHING)
    count = counted(len(source.templates.view.granting_policies), "policy")
    looked = f"read {count} and the documents of AWS managed policies"
    return source.templates.by_rule("POL002") + attached + Assessment(evidence=(looked,))


def cloudshell(source: Input) -> Assessment:
    """Assess whether the AWS managed policy for unrestricted CloudShell access is attached."""
    if source.templates is None:
        return _declared(source, lambda name: name == SHELL)
    identities = source.templates.view.identities.all
    looked = f"read the policies attached to {len(identities)} users, groups and roles"
    return source.templates.by_rule("POL013", lambda each: _name(each) == SHELL) + Assessment(
        evidence=(looked,)
    )


def _name(finding: Finding) -> str:
    return finding.found.strip("`")


def _declared(source: Input, is_match: Callable[[str], bool]) -> Assessment:
    if source.declarations is None:
        return Assessment()
    assessment = Assessment(evidence=("checked the declared managed policies",))
    for who, name, because, place in _managed(source):
        if is_match(name.rpartition(":policy/")[2]):
            accepted = _exception(source, who, name)
            if accepted:
                assessment += Assessment(limits=(accepted,))
            else:
                assessment += Assessment(
                    gaps=(Finding(place, f"`{who}` has `{name}`: {because}", f"`{name}`"),)
                )
    return assessment


def _managed(source: Input) -> Iterator[tuple[str, str, str, Location]]:
    for section in _HOLDERS:
        for name, holder in getattr(source.declarations, section).items():
            for index, policy in enumerate(holder.policies):
                place = source.places.at(section, name, "policies", index)
                yield f"{section.removesuffix('s')}/{name}", policy.managed, policy.because, place


def _exception(source: Input, who: str, policy: str) -> str:
    """Return the declared exception that accepts a policy, or ""."""
    exceptions = accepted_findings(source.declarations) if source.declarations else ()
    for each in exceptions:
        if each.rule == "POL013" and each.on == who and each.finding == policy and each.until >= source.today:
            return f"`{policy}` on `{who}` is accepted until {each.until}: {each.because}"
    return ""


def root_use(source: Input) -> Assessment:
    """Name the break-glass role; only the account shows whether the root user is used."""
    role = source.declarations.account.break_glass_role if source.declarations else None
    if role is None:
        return Assessment()
    place = source.places.at("account", "break_glass")
    return Assessment(
        enforced_by=(
            Enforcer(f"`{role}` can administer in an emergency, so that the root user is not needed", place),
        )
    )
