"""The assemblies of an organization's accounts: nested in one cloud assembly, in one folder, or named one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.assembly.sources.manifest import MANIFEST, Folder, is_template, read_manifest
from keywright.assembly.sources.source import UnreadableError, unreadable
from keywright.reporting.finding import Finding, Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from keywright.assembly.sources.manifest import Manifest

PREFIX = "assembly-"


@dataclass(frozen=True)
class AccountFolder:
    """The assembly of one account: its name, its folder, and the accounts that its stacks state."""

    name: str
    path: Path
    ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Accounts:
    """The accounts at some paths, by name, and what of them cannot be used. Both are empty for a single assembly."""

    folders: tuple[AccountFolder, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.folders or self.findings)


def account_assemblies(folder: Path) -> Mapping[str, Path]:
    """Give the nested assemblies of a cloud assembly by account name, or the folder itself under "" if it has none.

    Raises:
        UnreadableError: The manifest cannot be read, or a nested path leads out of the folder.
    """
    if not (folder / MANIFEST).is_file():
        return {"": folder}
    manifest = _manifest(folder)
    found = {}
    for name, place in manifest.stages:
        manifest.folder.resolve(name, manifest.source, *place)
        found[name.removeprefix(PREFIX)] = folder / name
    return found or {"": folder}


def accounts_at(paths: Sequence[Path]) -> Accounts:
    """Find the accounts of an organization: in the given order, or by name within one path.

    Nested assemblies are accounts if each states one of its own; otherwise they are stages of one assembly.
    """
    alone = len(paths) == 1
    found = [
        each for path in paths for each in _within(path) or ([] if alone else [_account(path.name, path)])
    ]
    names = Counter(each.name for each in found if isinstance(each, AccountFolder))
    return _distinct(
        replace(each, name=str(each.path))
        if isinstance(each, AccountFolder) and names[each.name] > 1
        else each
        for each in found
    )


def _within(path: Path) -> list[AccountFolder | Finding]:
    """Give the accounts within a path; nothing if it is one assembly."""
    if not path.is_dir():
        return []
    if (path / MANIFEST).is_file():
        return _nested(path)
    names = sorted(each.name for each in path.iterdir())
    if any(is_template(each) for each in names):
        return []
    inside = (name for name in names if (path / name / MANIFEST).is_file())
    return [_account(name.removeprefix(PREFIX), path / name) for name in inside]


def _nested(path: Path) -> list[AccountFolder | Finding]:
    try:
        if _manifest(path).stacks:
            return []
        found = [_account(*each) for each in sorted(account_assemblies(path).items())]
    except UnreadableError:
        return []
    ids = [each.ids for each in found if isinstance(each, AccountFolder)]
    # Stages that share an account are one assembly: to judge them apart could lose what one gives to the other.
    are_accounts = ids and all(len(each) == 1 for each in ids) and len(set(ids)) == len(ids)
    return found if are_accounts and len(found) > 1 else []


def _account(name: str, path: Path) -> AccountFolder | Finding:
    try:
        if not (path / MANIFEST).is_file():
            accepted = "a folder written by `cdk synth`"
            raise unreadable(Location(str(path)), "the folder is not an assembly", accepted=accepted)
        return AccountFolder(name, path, frozenset(each.account for each in _manifest(path).stacks))
    except UnreadableError as error:
        return error.finding


def _manifest(path: Path) -> Manifest:
    return read_manifest(Folder(path, path, "" if str(path) == "." else str(path)))


def _distinct(found: Iterable[AccountFolder | Finding]) -> Accounts:
    """Leave out folders that state an account of an earlier one, and say so."""
    folders: list[AccountFolder] = []
    findings: list[Finding] = []
    owners: dict[str, AccountFolder] = {}
    for each in found:
        if isinstance(each, Finding):
            findings.append(each)
            continue
        taken = sorted(owners.keys() & each.ids)
        if taken:
            findings += _repeated(each, taken, owners)
            continue
        owners |= dict.fromkeys(filter(None, each.ids), each)
        folders.append(each)
    return Accounts(tuple(folders), tuple(findings))


def _repeated(
    folder: AccountFolder, taken: Sequence[str], owners: Mapping[str, AccountFolder]
) -> Iterator[Finding]:
    for account in taken:
        yield Finding(
            Location(str(folder.path)),
            f"account {account} has another assembly",
            found=f"`{owners[account].path}`",
            accepted="one assembly for each account",
        )
