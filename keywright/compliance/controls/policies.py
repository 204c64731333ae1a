"""1.14, 1.15 and 1.21: what hangs on users themselves, what allows everything, and what opens a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.compliance.answer import Answer
from keywright.guardrails.rules.pol013_no_broad_managed_policies import EVERYTHING, SHELL, reach_of
from keywright.reporting.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keywright.compliance.seen import Seen
    from keywright.reporting.finding import Location

_HOLDERS = ("users", "groups", "roles", "workloads")


def through_groups(seen: Seen) -> Answer:
    """Judge whether users hold policies of their own."""
    if seen.templates is not None:
        count = len(seen.templates.users)
        looked = f"looked at the policies of {count} user{'' if count == 1 else 's'}"
        return seen.templates.of_rule("USR006") + Answer(evidence=(looked,))
    if seen.declarations is None:
        return Answer()
    users = seen.declarations.users.items()
    own = [(name, user) for name, user in users if user.grants or user.policies]
    reasons = ((name, user.because or getattr(user.application, "because", "")) for name, user in own)
    limits = tuple(f"`user/{name}` holds access of its own: {reason}" for name, reason in reasons)
    return Answer(evidence=("looked at the declared users",), limits=limits)


def administrators(seen: Seen) -> Answer:
    """Judge whether anybody holds a policy that allows everything on everything."""
    if seen.templates is None:
        return _declared(seen, lambda name: reach_of(name) == EVERYTHING)
    attached = seen.templates.of_rule("POL013", lambda each: reach_of(_name(each)) == EVERYTHING)
    count = len(seen.templates.whole.granting_policies)
    looked = f"read {count} polic{'y' if count == 1 else 'ies'}, and the documents of AWS's own"
    return seen.templates.of_rule("POL002") + attached + Answer(evidence=(looked,))


def cloudshell(seen: Seen) -> Answer:
    """Judge whether anybody holds AWS's policy for CloudShell without restriction."""
    if seen.templates is None:
        return _declared(seen, lambda name: name == SHELL)
    identities = seen.templates.whole.identities.all
    looked = f"read what is attached to {len(identities)} users, groups and roles"
    return seen.templates.of_rule("POL013", lambda each: _name(each) == SHELL) + Answer(evidence=(looked,))


def _name(finding: Finding) -> str:
    return finding.found.strip("`")


def _declared(seen: Seen, is_meant: Callable[[str], bool]) -> Answer:
    if seen.declarations is None:
        return Answer()
    made = Answer(evidence=("looked at the declared managed policies",))
    for who, name, because, place in _managed(seen):
        if is_meant(name.rpartition(":policy/")[2]):
            accepted = _exception(seen, who, name)
            if accepted:
                made += Answer(limits=(accepted,))
            else:
                made += Answer(gaps=(Finding(place, f"`{who}` holds `{name}`: {because}", f"`{name}`"),))
    return made


def _managed(seen: Seen) -> Iterator[tuple[str, str, str, Location]]:
    for section in _HOLDERS:
        for name, holder in getattr(seen.declarations, section).items():
            for index, policy in enumerate(holder.policies):
                place = seen.places.at(section, name, "policies", index)
                yield f"{section.removesuffix('s')}/{name}", policy.managed, policy.because, place


def _exception(seen: Seen, who: str, policy: str) -> str:
    """Say by which declared exception it is accepted, or nothing."""
    exceptions = seen.declarations.exceptions if seen.declarations else ()
    for each in exceptions:
        if each.rule == "POL013" and each.on == who and each.finding == policy and each.until >= seen.today:
            return f"`{policy}` on `{who}` is accepted until {each.until}: {each.because}"
    return ""
