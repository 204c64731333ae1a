"""Review two assemblies: who gains and who loses which access, proved or with an example, and what is undecided.

Not covered: what is attached or changed outside of the templates; parameters that are deployed with other values than their
defaults; control policies of an organization, whose changes are reported but not counted; what code does with its role.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from functools import partial
from typing import TYPE_CHECKING

from keywright.assembly.identities.principals import account_of
from keywright.assembly.templates.names import display_name
from keywright.reasoning.account.actors import Actor, ActorKind, Grant, PolicyKind
from keywright.reasoning.escalation.paths import Escalates, IsAdministrator, find_escalations
from keywright.reporting.finding import Finding, Outcome
from keywright.review.changes.endpoints import endpoint_changes
from keywright.review.changes.identity_keeper import is_standing, keeper_users
from keywright.review.changes.identity_settings import identity_setting_changes, new_identities
from keywright.review.changes.organization import control_changes, permission_set_changes
from keywright.review.changes.passed_roles import code_changes, passed_role_changes
from keywright.review.changes.public_access import public_access_changes
from keywright.review.changes.replaced_identities import replaced_identities, with_deleted_users
from keywright.review.changes.tags import tag_changes
from keywright.review.comparison.cases import compare_by_accounts, compare_by_cases
from keywright.review.comparison.identities import IdentityChanges
from keywright.review.comparison.resources import resource_changes
from keywright.review.comparison.snapshot import MANIFEST, Snapshot
from keywright.review.comparison.symbols import PLACEHOLDER_ACCOUNT
from keywright.review.result import EscalationPath, Review, Verdict

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from keywright.assembly.templates.template import Assembly
    from keywright.reasoning.account.actors import Account
    from keywright.review.comparison.cases import Found


@dataclass(frozen=True)
class Given:
    """One side of a review: its assembly, the common prefix of its template names, and its guardrail findings.

    `part` is all of the assembly that a change can reach, where that is known; see `changing_parts`.
    """

    assembly: Assembly
    root: str = ""
    findings: Sequence[Finding] = ()
    part: Assembly | None = None

    @property
    def compared(self) -> Assembly:
        """Give the part that has to be compared."""
        return self.part or self.assembly


def root_of(path: pathlib.Path) -> str:
    """Give the prefix of template names that are read from a path, so that the two sides have equal names."""
    if path.is_dir():
        return "" if (path / MANIFEST).exists() or str(path) == "." else str(path)
    return "" if path.name == MANIFEST else str(path)


def roots_of(paths: tuple[pathlib.Path, pathlib.Path], sides: tuple[Assembly, Assembly]) -> tuple[str, str]:
    """Give the prefixes of both sides.

    A template and a folder that contains only one template are compared as that template: its name is removed on both sides.
    """
    roots = root_of(paths[0]), root_of(paths[1])
    if paths[0].is_dir() == paths[1].is_dir() or any(len(each.templates) != 1 for each in sides):
        return roots
    folder = 0 if paths[0].is_dir() else 1
    if (paths[folder] / MANIFEST).exists() or paths[1 - folder].name == MANIFEST:
        return roots
    (template,) = sides[folder].templates
    return (template.id, roots[1]) if folder == 0 else (roots[0], template.id)


def review(base: Given, head: Given, today: date, *, left_out: int = 0) -> Review:
    """Compare two assemblies; `left_out` is the number of users that no change can affect and that neither part contains."""
    unusable = tuple(each for snapshot in (base, head) for each in _findings_of(snapshot, Outcome.FAULT))
    if unusable:
        return Review(unusable=unusable)
    was, now = Snapshot(base.compared, base.root), Snapshot(head.compared, head.root)
    identities = IdentityChanges(was, now, (base.assembly, head.assembly))
    is_same_text = _texts(base.assembly) == _texts(head.assembly)
    results, doubt = _compare_snapshots(identities), ""
    if not is_same_text:
        results = compare_by_cases(results, was, now, partial(_compare_case, base, head))
        results, doubt = compare_by_accounts(
            results, base.compared, head.compared, partial(_compare_case, base, head)
        )
    found = Review(
        changes=tuple(results[0]),
        facts=(*results[1], *(() if is_same_text else code_changes(was, now))),
        replaced=tuple(replaced_identities(was, now)),
        undecided=(*_unreadable(base, head), *([doubt] if doubt else [])),
        unchanged=identities.unchanged + left_out,
        findings_new=tuple(_findings_beyond(base, head)),
        findings_gone=tuple(_findings_beyond(head, base)),
        names=names_on(was) | names_on(now),
        is_same_text=is_same_text,
    )
    # Escalation paths are expensive, and without any possible gain there is no new one.
    if found.verdict in {Verdict.WIDENS, Verdict.UNDECIDED}:
        return replace(found, paths=tuple(_new_paths(base, head, today)))
    return found


def names_on(snapshot: Snapshot) -> dict[str, str]:
    """Give the names of users, roles and buckets by ARN."""
    buckets = {
        snapshot.text(each.arn): display_name(each)
        for each in snapshot.assembly.of_type("AWS::S3::Bucket")
        if each.arn
    }
    return {**{arn: snapshot.plain(name) for arn, name in buckets.items()}, **snapshot.names}


def _compare_case(
    base: Given, head: Given, before: Assembly, after: Assembly, account: str = PLACEHOLDER_ACCOUNT
) -> Found:
    """Compare two assemblies in one case of their templates' conditions, or in one account."""
    was, now = Snapshot(before, base.root, account), Snapshot(after, head.root, account)
    return _compare_snapshots(IdentityChanges(was, now, (before, after)))


def _compare_snapshots(identities: IdentityChanges) -> Found:
    was, now = identities.base, identities.head
    changes = [*identities.changes(), *resource_changes(was, now)]
    facts_beside = (
        *new_identities(was, now, changes),
        *public_access_changes(was, now),
        *endpoint_changes(was, now),
        *passed_role_changes(was, now),
        *tag_changes(was, now, identities.whole_assemblies),
        *permission_set_changes(was, now),
        *control_changes(was, now, identities.whole_assemblies),
    )
    return changes, with_deleted_users(was, now, [*identity_setting_changes(was, now), *facts_beside])


def _findings_of(given: Given, outcome: Outcome) -> list[Finding]:
    return [each for each in given.assembly.findings if each.outcome is outcome]


def _texts(assembly: Assembly) -> list[object]:
    return [each.source.tree for each in assembly.templates]


# What could not be read


def _unreadable(base: Given, head: Given) -> Iterator[str]:
    """Yield what cannot be read on either side, unless both sides have the same text."""
    was, now = (
        {_finding_key(snapshot, each): each for each in _findings_of(snapshot, Outcome.UNDECIDED)}
        for snapshot in (base, head)
    )
    same = {
        key for key in was.keys() & now.keys() if _text_around(base, was[key]) == _text_around(head, now[key])
    }
    for found in (now, was):
        for key, finding in found.items():
            if key not in same:
                yield str(finding)


def _finding_key(given: Given, finding: Finding) -> tuple[str, str, str]:
    return finding.location.file.removeprefix(given.root), finding.resource, finding.message


def _text_around(given: Given, finding: Finding) -> object:
    """Give the text of a finding's resource, or of its whole template."""
    for template in given.assembly.templates:
        if template.file == finding.location.file:
            nodes = template.section("Resources")
            return (
                nodes.get(finding.resource, template.source.tree)
                if finding.resource
                else template.source.tree
            )
    return finding


# Guardrails


def _findings_beyond(known: Given, given: Given) -> Iterator[Finding]:
    """Give the findings that only one side has; locations are ignored."""
    left = Counter(map(_identity, known.findings))
    for each in given.findings:
        identity = _identity(each)
        if left[identity]:
            left[identity] -= 1
        elif each.outcome is Outcome.FAULT:
            yield each


def _identity(finding: Finding) -> tuple[str, str, str, str]:
    return finding.rule, finding.path or finding.resource, finding.message, finding.found


# Escalation


def _new_paths(base: Given, head: Given, today: date) -> Iterator[EscalationPath]:
    noon = datetime.combine(today, time(12), UTC)
    accounts = [account_of(each.assembly, noon) for each in (base, head)]
    users = [keeper_users(*each) for each in zip((base.assembly, head.assembly), accounts, strict=True)]
    # Paths of a keeper that is new, changed or another one than ours are reported.
    standing = tuple(each for each in users[1] if each in users[0])
    now = tuple(dict.fromkeys(_paths(accounts[1], standing)))
    if now:
        was = set(_paths(accounts[0], standing, of=frozenset(path.principal for path in now)))
        yield from (path for path in now if path not in was)


def _paths(
    account: Account, standing: Sequence[str], *, of: frozenset[str] | None = None
) -> Iterable[EscalationPath]:
    """Give the escalation paths of all principals, or of those with the given names.

    Without what an unchanged identity keeper can do to each of its users, whose ARNs are in `standing`.
    """
    asked = None if of is None else list(_actors_named(account, of))
    for result in find_escalations(account, of=asked):
        name = result.actor.name
        if isinstance(result, Escalates):
            for each in result.paths:
                if not is_standing(each, standing):
                    yield EscalationPath(name, each.via, each.to, each.needs)
        elif isinstance(result, IsAdministrator):
            yield EscalationPath(name, ("*",), "administrator", "nothing: it can do everything")


def _actors_named(account: Account, names: frozenset[str]) -> Iterator[Actor]:
    """Yield the principals with these names; a managed policy also if it is attached: others could get it too."""
    found = [each for each in account.actors if each.name in names]
    yield from found
    for arn, document in account.policies.items():
        name = f"policy/{arn.rpartition('/')[2]}"
        if name in names and all(each.arn != arn for each in found):
            yield Actor(ActorKind.POLICY, arn, name, (Grant(document, PolicyKind.MANAGED, policy=arn),))
