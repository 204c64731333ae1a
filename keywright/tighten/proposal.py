"""The proposal: the edit of the declarations that narrows grants to what was used, proved never to allow more."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import TYPE_CHECKING

from keywright.model.edited_files import EditedFile, reading_after, text_of
from keywright.model.grants.grant import OWN
from keywright.model.queries import services_used
from keywright.model.source.yaml_edits import UneditableError, edited
from keywright.policy.statement import Document
from keywright.reasoning.comparison.compare import compare_access
from keywright.reasoning.comparison.search import NoNewAccess
from keywright.reasoning.evaluation.policies import Policies
from keywright.reporting.finding import Severity
from keywright.statements.declared.boundaries import declared_boundaries, declared_boundary_statements
from keywright.statements.declared.grants import statements_of_grant
from keywright.statements.logical_id import logical_id
from keywright.tighten.actions import logs_all
from keywright.tighten.narrowing import Judge, Left, Narrowing
from keywright.tighten.observed import Activity, Identity, is_recent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from keywright.model.action_lock import ActionLock
    from keywright.model.declarations import Declarations
    from keywright.model.grants.grant import Grant
    from keywright.model.reading import Reading
    from keywright.model.source.places import Path
    from keywright.policy.statement import Statement
    from keywright.reporting.finding import Location
    from keywright.tighten.evidence import Evidence
    from keywright.tighten.observed import Observed

_SECTIONS = ("users", "groups", "roles", "workloads", "policies")
_SINGULAR = {
    "users": "user",
    "groups": "group",
    "roles": "role",
    "workloads": "workload",
    "policies": "policy",
    "permission_sets": "permissionset",
    "delegations": "delegation",
}
_ELSEWHERE = {
    "permission_sets": "a permission set works in other accounts too, whose trails are not this one",
    "delegations": "its roles are not declared here",
}


@dataclass(frozen=True)
class Proposal:
    """What can be narrowed, what is left and why, and the edited files.

    `missing` says why the trail supports no proposal; then nothing else is in it.
    """

    declarations: Declarations
    narrowings: tuple[Narrowing, ...] = ()
    left: tuple[Left, ...] = ()
    missing: tuple[str, ...] = ()
    files: tuple[EditedFile, ...] = ()
    places: dict[Path, Location] = field(default_factory=dict)
    activities: dict[tuple[str, str], Activity] = field(default_factory=dict)
    """By section and name, what all that get its grants did."""


def subject(path: Path) -> str:
    """Name what a path is in, such as `role/operate`."""
    return f"{_SINGULAR[str(path[0])]}/{path[1]}"


def propose(reading: Reading, folder: File, observed: Observed, evidence: Evidence, today: date) -> Proposal:
    """Propose narrower grants."""
    assert reading.declarations is not None
    return _Proposing(reading, reading.declarations, folder, observed, evidence, today).proposal()


@dataclass
class _Proposing:
    reading: Reading
    declarations: Declarations
    folder: File
    observed: Observed
    evidence: Evidence
    today: date
    left: list[Left] = field(default_factory=list)
    activities: dict[tuple[str, str], Activity] = field(default_factory=dict)

    def proposal(self) -> Proposal:
        missing = tuple(self.evidence.missing())
        if missing:
            return Proposal(self.declarations, missing=missing)
        candidates = [*self._candidates()]
        taken = self._accepted([], candidates)
        self.left += [
            Left(
                each.path, "the edit would leave declarations with a mistake, or was not proved to allow less"
            )
            for each in candidates
            if each not in taken
        ]
        paths = [*(each.path for each in taken), *(each.path for each in self.left)]
        places = {each: self.reading.places.at(*each) for each in paths}
        files = self._edited(taken) or ()
        return Proposal(self.declarations, tuple(taken), tuple(self.left), (), files, places, self.activities)

    def _accepted(self, taken: list[Narrowing], more: list[Narrowing]) -> list[Narrowing]:
        """Take as many as are accepted together: all, or of each half as many as possible."""
        if not more or self._is_accepted([*taken, *more]):
            return [*taken, *more]
        if len(more) == 1:
            return taken
        middle = len(more) // 2
        return self._accepted(self._accepted(taken, more[:middle]), more[middle:])

    def _candidates(self) -> Iterator[Narrowing]:
        promised = tuple(
            action
            for always in self.declarations.always
            for action in ((always.can,) if isinstance(always.can, str) else always.can)
        )
        for section, words in _ELSEWHERE.items():
            for name, holder in getattr(self.declarations, section).items():
                if holder.grants:
                    self.left.append(Left((section, name), words))
        for section in _SECTIONS:
            for name, holder in sorted(getattr(self.declarations, section).items()):
                if not holder.grants:
                    continue
                activity = self._evidenced(section, name)
                if isinstance(activity, str):
                    self.left.append(Left((section, name), activity))
                    continue
                self.activities[section, name] = activity
                judge = Judge(self.declarations, self.reading.lock, self.evidence, activity, promised)
                for index, grant in enumerate(holder.grants):
                    yield from self._judged(
                        judge, (section, name, "grants", index), grant, len(holder.grants)
                    )

    def _judged(self, judge: Judge, path: Path, grant: Grant, number: int) -> Iterator[Narrowing]:
        for each in judge.judge(path, grant):
            if isinstance(each, Left):
                self.left.append(each)
            elif each.is_whole and number == 1:
                self.left.append(
                    Left(path, "nothing of it is used, and it is the only grant; remove it by hand")
                )
            else:
                yield each

    def _evidenced(self, section: str, name: str) -> Activity | str:
        """Give what all that get the grants of a holder did, or why that is not known."""
        holder = getattr(self.declarations, section)[name]
        if section in {"groups", "policies"} and holder.adopted is not None:
            return "who gets it beside what is declared is not known, since it was adopted"
        bearers = [*self._bearers(section, name)]
        found = [each for each in bearers if isinstance(each, Identity)]
        doubts = [each for each in bearers if isinstance(each, str)]
        if doubts:
            return doubts[0]
        whole, last = Activity(), self.evidence.period.last
        for identity in dict.fromkeys(found):
            activity = self.observed.activity(identity)
            assert last is not None
            if is_recent(activity.first, last, self.evidence.days):
                return f"{identity.label} has its first event on {activity.first[:10]}, less than {self.evidence.days} days before the last"
            whole.add(activity)
        if not whole.uses:
            return "no event of who gets it; `keywright retire` finds what is unused as a whole"
        return whole

    def _bearers(self, section: str, name: str) -> Iterator[Identity | str]:
        """List the identities that get the grants of something, or a reason why one can't be recognized."""
        account = self.declarations.account
        if section == "users":
            yield Identity(f"user/{name}", account.id, "user", re.escape(name))
        elif section == "roles":
            if account.break_glass_role == f"role/{name}":
                yield "the break-glass role is for what nobody foresees"
            yield Identity(f"role/{name}", account.id, "role", re.escape(name))
        elif section == "workloads":
            yield self._role_of(name)
        elif section == "groups":
            for user, declared in self.declarations.users.items():
                if any(each.name == name for each in declared.groups):
                    yield from self._bearers("users", user)
        else:
            yield from self._bearers_of_policy(name)

    def _bearers_of_policy(self, name: str) -> Iterator[Identity | str]:
        for section in (*_ELSEWHERE, *(each for each in _SECTIONS if each != "policies")):
            for holder, declared in getattr(self.declarations, section).items():
                if any(each.managed == f"{OWN}{name}" for each in declared.policies):
                    if section in _ELSEWHERE:
                        yield _ELSEWHERE[section]
                    elif section == "groups" and declared.adopted is not None:
                        yield "who gets it beside what is declared is not known, since a group was adopted"
                    else:
                        yield from self._bearers(section, holder)

    def _role_of(self, workload: str) -> Identity | str:
        wanted = logical_id("InstanceRole", workload)
        found = [
            each for each in self.observed.identities if each.logical_id == wanted and each.kind == "role"
        ]
        if len(found) != 1:
            return "its role is not in the templates"
        if not found[0].is_nameable:
            return "the generated name of its role can't be recognized in a trail"
        return found[0]

    def _is_accepted(self, narrowings: list[Narrowing]) -> bool:
        """Tell whether narrowings together are valid declarations that are proved to allow no more than before."""
        files = self._edited(narrowings)
        if files is None:
            return False
        after = reading_after(files, self.folder, self.today)
        if after.declarations is None or any(each.severity is Severity.ERROR for each in after.findings):
            return False
        return self._keeps_services(after.declarations) and is_narrower(
            self.declarations, after.declarations, self.reading.lock, after.lock
        )

    def _edited(self, narrowings: Iterable[Narrowing]) -> tuple[EditedFile, ...] | None:
        by_file: dict[str, list[Narrowing]] = {}
        for each in narrowings:
            by_file.setdefault(self.reading.places.at(*each.path).file, []).append(each)
        files = []
        for name, several in by_file.items():
            mark, text = text_of(File(name))
            before = mark + text
            # From the end of each list of grants, and whole grants last, so that no path changes before its edit.
            ordered = sorted(several, key=lambda each: (each.is_whole, -int(each.path[3])))
            try:
                text = edited(text, [edit for each in ordered for edit in each.edits])
            except UneditableError:
                return None
            files.append(EditedFile(File(name), before, mark + text))
        return tuple(files)

    def _keeps_services(self, after: Declarations) -> bool:
        """Tell whether the boundary still allows what a resource's own policy may allow: no grant shows that use."""
        lost = set(services_used(self.declarations)) - set(services_used(after))
        used = {name.partition(":")[0] for each in self.observed.activities.values() for name in each.used()}
        return all(logs_all(service) and service not in used for service in lost)


def is_narrower(
    before: Declarations, after: Declarations, lock: ActionLock | None, lock_after: ActionLock | None
) -> bool:
    """Tell whether it is proved that every holder, and the boundary, allow no more after than before."""
    for section in _SECTIONS:
        for name, holder in getattr(before, section).items():
            narrowed = getattr(after, section).get(name)
            if narrowed is None or narrowed.model_copy(update={"grants": holder.grants}) != holder:
                return False
            if narrowed.grants != holder.grants and not _is_proved(
                _statements(holder.grants, before, lock), _statements(narrowed.grants, after, lock_after)
            ):
                return False
    old = {
        each.policy_name: declared_boundary_statements(each, before) for each in declared_boundaries(before)
    }
    new = {each.policy_name: declared_boundary_statements(each, after) for each in declared_boundaries(after)}
    return old.keys() == new.keys() and all(
        old[name] == statements or _is_proved(old[name], statements) for name, statements in new.items()
    )


def _statements(
    grants: Iterable[Grant], declarations: Declarations, lock: ActionLock | None
) -> tuple[Statement, ...]:
    return tuple(each for grant in grants for each in statements_of_grant(grant, declarations, lock))


def _is_proved(before: tuple[Statement, ...], after: tuple[Statement, ...]) -> bool:
    found = compare_access(Policies(identity=(Document(before),)), Policies(identity=(Document(after),)))
    return isinstance(found, NoNewAccess)
