"""Adopts an account: declares, reads what was written as `validate` does, proves it, and leaves alone what fails."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from keywright.adopt.adoption import Adopter, Adoption, Options
from keywright.adopt.proof import Proof, Verdict
from keywright.adopt.writing import written
from keywright.model.action_lock import FILE, ActionLock, needed, relock
from keywright.model.draft import draft_of
from keywright.model.reading import read
from keywright.reporting.finding import Severity
from keywright.statements.declared.sizes import check_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from keywright.account.snapshot import AccountSnapshot
    from keywright.adopt.proof import Proved
    from keywright.adopt.writing import Written
    from keywright.model.reading import Reading


class UnusableDeclarationsError(Exception):
    """What was written can't be read, and no single thing is the cause; carries the findings."""


@dataclass(frozen=True)
class Adopted:
    """The files to write, and what they declare; each identity in `adoption.adopted` is proved to have the same access."""

    files: Mapping[str, str]
    adoption: Adoption
    undecided: tuple[str, ...] = ()
    """What was left alone because the comparison was undecided."""


class Counted(Protocol):
    """Counts what is done."""

    def past(self, thing: tuple[str, Proved]) -> tuple[str, Proved]:
        """Count one thing, and give it back."""


class Watch(Protocol):
    """Begins to show how far the work is."""

    def __call__(self, total: int, what: str, /) -> AbstractContextManager[Counted]:
        """Begin to count to `total`."""


class Unwatched:
    """Shows nothing."""

    def past(self, thing: tuple[str, Proved]) -> tuple[str, Proved]:
        """Give the thing back."""
        return thing


def adopt_account(
    snapshot: AccountSnapshot,
    options: Options,
    source: str,
    watch: Watch = lambda _total, _what: nullcontext(Unwatched()),
) -> Adopted:
    """Declare an account; `source` names the snapshot in the files.

    What can't be declared, or is not proved to have the same access, is left alone; this can concern others, so that all
    is done again without it.

    Raises:
        UnusableDeclarationsError: Nothing can be declared, for a reason that is no single identity's.
    """
    adopter = Adopter(snapshot, options)
    refused: dict[str, list[str]] = {}
    undecided: list[str] = []
    known: dict[object, Proved] = {}
    while True:
        adoption = _adopt(adopter, refused)
        text = written(adoption, source)
        reading, lock = _read_again(text, options)
        reasons = _mistakes(reading, text, adoption)
        if not reasons:
            assert reading.declarations is not None
            proof = Proof(adopter.world, adoption, reading.declarations, lock, known)
            with watch(len(adoption.adopted), "identities and policies compared") as counted:
                results = [counted.past(each) for each in proof.of_all()]
            for name, found in results:
                if found.verdict is not Verdict.PROVED:
                    reasons[name] = [f"its access {found.verdict}: {found.because}"]
                if found.verdict is Verdict.UNDECIDED:
                    undecided.append(name)
        if not reasons:
            files = {**text.files, **({FILE: lock.to_text()} if lock.entries else {})}
            return Adopted(files, adoption, tuple(undecided))
        # Each round leaves something more alone, so that this ends.
        if reasons.keys() <= refused.keys():
            raise UnusableDeclarationsError("\n".join(_told(reasons)))
        for name, why in reasons.items():
            refused.setdefault(name, []).extend(why)


def _adopt(adopter: Adopter, refused: dict[str, list[str]]) -> Adoption:
    """Declare all but what is refused; again without roles that turn out to be left alone, because others may assume them."""
    while True:
        adoption = adopter.adopt(refused)
        roles = {name: why for name, why in adoption.left.items() if name.startswith("roles/")}
        if roles.keys() <= refused.keys():
            return adoption
        refused |= {name: list(why) for name, why in roles.items() if name not in refused}


def _told(reasons: Mapping[str, list[str]]) -> Iterator[str]:
    yield from (f"{name}: {each}" for name, why in sorted(reasons.items()) for each in why)


def _read_again(text: Written, options: Options) -> tuple[Reading, ActionLock]:
    """Read the files as everything else does, and lock the actions of their access levels."""
    with TemporaryDirectory(prefix="keywright-adopt-") as scratch:
        folder = Path(scratch)
        for file, content in text.files.items():
            (folder / file).write_text(content, encoding="utf-8")
        reading = read(folder, options.today, locked=False, dates=Severity.ERROR)
        if reading.declarations is None:
            return reading, ActionLock()
        draft = draft_of(reading.declarations, options.today, folder=folder, places=reading.places, data={})
        lock = relock(ActionLock(), needed(draft), upgrade=False).after
        long = check_sizes(reading.declarations, options.today, reading.places, lock)
        return replace(reading, findings=[*reading.findings, *long]), lock


def _mistakes(reading: Reading, text: Written, adoption: Adoption) -> dict[str, list[str]]:
    """Give the mistakes of what was written, by the thing that each is about."""
    found: dict[str, list[str]] = {}
    unowned: list[str] = []
    references = {f"workloads/{workload}": reference for reference, workload in adoption.names.items()}
    for finding in reading.findings:
        if finding.severity is not Severity.ERROR:
            continue
        file, line = Path(finding.location.file).name, finding.location.line
        thing = text.thing_at(file, line)
        says = f"{finding.message}; found {finding.found}" if finding.found else finding.message
        if thing:
            found.setdefault(references.get(thing, thing), []).append(says)
        else:
            unowned.append(f"{file}:{line}: {says}")
    if unowned:
        raise UnusableDeclarationsError("\n".join(unowned))
    return found
