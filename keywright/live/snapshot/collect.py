"""Reads an account piece by piece, and puts the pieces together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from keywright.live.snapshot.account_parts import (
    DETAIL_LISTS,
    POLICY_SETTINGS,
    ROLE_SETTINGS,
    STACKS,
    account_tasks,
    details,
    policy_tasks,
    regional_tasks,
    stack_tasks,
)
from keywright.live.snapshot.credentials import last_accessed_tasks, user_tasks
from keywright.live.snapshot.requests import CONCURRENT, Requests
from keywright.live.snapshot.tasks import Piece, Task

if TYPE_CHECKING:
    from keywright.live.snapshot.journal import Journal

Progress = Callable[[int, int], None]
"""Told how many pieces are read, and how many are known of."""

_LISTS = (
    "LoginProfiles",
    "PasswordLastUsed",
    "AccessKeys",
    "MFADevices",
    "OtherCredentials",
    "SAMLProviders",
    "OpenIDConnectProviders",
    "InstanceProfiles",
    "Instances",
    "StackResources",
)
_VALUES = ("PasswordPolicy", "AccountAliases", "AccountSummary")
_LAST_ACCESSED = "LastAccessed"


@dataclass(frozen=True)
class Scope:
    """What to read beside the identities: the Regions of instances and stacks, and the services last accessed."""

    regions: tuple[str, ...]
    last_accessed: bool = False


def collect(
    requests: Requests, account: str, scope: Scope, journal: Journal, progress: Progress
) -> dict[str, Any]:
    """Read everything that the journal lacks, and give the snapshot.

    Raises:
        RefusedError: The identities can't be read.
        StoppedError: The run can be continued later; the journal has what was read.
    """
    reading = _Reading(requests, journal, progress)
    (identities,) = reading.run([Task("details", details)])
    whole = reading.run([*account_tasks(), *regional_tasks(scope.regions)])
    stacks = [each for piece in whole for each in piece["parts"].get(STACKS, ())]
    users, roles = identities["parts"]["UserDetailList"], identities["parts"]["RoleDetailList"]
    of_users = list(user_tasks(users))
    more = [*of_users, *policy_tasks(identities["parts"]["Policies"]), *stack_tasks(stacks)]
    if scope.last_accessed:
        more += last_accessed_tasks(users, roles)
    pieces = [*whole, *reading.run(more)]
    gone = {each.of for each, piece in zip(more, pieces[len(whole) :], strict=True) if piece["gone"]}
    found: dict[str, Any] = dict(_identities(identities["parts"], pieces, gone))
    found |= {"ReadAt": journal.began.isoformat(), "AccountId": account, "Region": scope.regions[0]}
    found |= _lists(pieces, scope, {each["UserName"] for each in found["UserDetailList"]})
    for piece in pieces:
        found |= {name: value for name, value in piece["parts"].items() if name in _VALUES}
    found["Unread"] = _unread(pieces, {each.of for each in of_users if each.of not in gone})
    return found


class _Reading:
    """Runs tasks; what is complete goes to the journal, what is not is read again by the next run."""

    def __init__(self, requests: Requests, journal: Journal, progress: Progress) -> None:
        self._requests = requests
        self._journal = journal
        self._progress = progress
        self._done = 0
        self._total = 0

    def run(self, tasks: Sequence[Task]) -> list[dict[str, Any]]:
        """Give the pieces in the order of the tasks."""
        known = self._journal.pieces
        read = {each.key: known[each.key] for each in tasks if each.key in known}
        missing = [each for each in tasks if each.key not in read]
        self._total += len(tasks)
        self._done += len(read)
        pool = ThreadPoolExecutor(CONCURRENT)
        try:
            running = {pool.submit(each.run, self._requests): each for each in missing}
            for future in as_completed(running):
                piece = future.result()
                key = running[future].key
                read[key] = _plain(piece)
                if not piece.unread:
                    self._journal.add(key, read[key])
                self._done += 1
                self._progress(self._done, self._total)
        finally:
            # After an error or Ctrl-C the requests under way end, and no other begins.
            pool.shutdown(cancel_futures=True)
        return [read[each.key] for each in tasks]


def _plain(piece: Piece) -> dict[str, Any]:
    return {"parts": piece.parts, "unread": piece.unread, "gone": piece.gone}


def _identities(
    parts: dict[str, Any], pieces: Sequence[dict[str, Any]], gone: set[str]
) -> dict[str, list[Any]]:
    """Give the lists of the details with what they lack, without what was deleted since they were read."""
    roles: dict[str, Any] = {}
    policies: dict[str, Any] = {}
    for piece in pieces:
        roles |= piece["parts"].get(ROLE_SETTINGS, {})
        policies |= piece["parts"].get(POLICY_SETTINGS, {})
    found = {name: list(parts[name]) for name in DETAIL_LISTS}
    found["UserDetailList"] = [
        each for each in found["UserDetailList"] if f"user/{each['UserName']}" not in gone
    ]
    found["Policies"] = [
        each | policies.get(each["Arn"], {})
        for each in found["Policies"]
        if f"policy/{each['PolicyName']}" not in gone
    ]
    found["RoleDetailList"] = [each | roles.get(each["RoleName"], {}) for each in found["RoleDetailList"]]
    return found


def _lists(pieces: Iterable[dict[str, Any]], scope: Scope, users: set[str]) -> dict[str, list[Any]]:
    """Give the other lists, without the users that came or went while they were read."""
    names = (*_LISTS, *((_LAST_ACCESSED,) if scope.last_accessed else ()))
    found: dict[str, list[Any]] = {name: [] for name in names}
    for piece in pieces:
        for name in names:
            own = piece["parts"].get(name, ())
            found[name] += [each for each in own if each.get("UserName") is None or each["UserName"] in users]
    return found


def _unread(pieces: Sequence[dict[str, Any]], users: set[str]) -> list[dict[str, str]]:
    """Give what could not be read; one entry where the same error hid a part of every user."""
    entries = [each for piece in pieces if not piece["gone"] for each in piece["unread"]]
    entries.sort(key=lambda each: (each["Part"], each["Error"], each.get("Of", "")))
    found = []
    for (part, error), group in groupby(entries, key=lambda each: (each["Part"], each["Error"])):
        of = sorted({each.get("Of", "") for each in group})
        whole = users and users == set(of)
        found += [
            {"Part": part, **({"Of": each} if each else {}), "Error": error}
            for each in ([""] if whole else of)
        ]
    return found


def as_text(snapshot: dict[str, Any]) -> str:
    """Write a snapshot: one line for each entry, so that a location leads to it and the file stays small.

    The lists of the details come first: by its first key the file is recognised.
    """
    first = {name: snapshot[name] for name in DETAIL_LISTS}
    members = (f"{json.dumps(name)}: {_member(value)}" for name, value in (first | snapshot).items())
    return "{\n" + ",\n".join(members) + "\n}\n"


def _member(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(json.dumps(each) for each in value) + "\n]"
    return json.dumps(value)
