"""Looks at a live account many times a second while it is deployed: what everybody can do, and whether MFA is required."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from tests.e2e.world import World

INTERVAL = 0.1
"""Seconds between two looks."""
GUARD = "mfa-guard"


@dataclass(frozen=True)
class Look:
    """What an account has at one moment: for each user and role the statements that allow, and the unique id."""

    allowed: dict[str, frozenset[str]]
    ids: dict[str, str]
    unguarded: frozenset[str]
    """Users with a console password that are outside the group of the MFA guard, or whose group has no policy."""


def look(world: World) -> Look:
    """Read the account once."""
    iam = world.client("iam")
    details: dict[str, list[dict[str, Any]]] = {}
    for page in iam.get_paginator("get_account_authorization_details").paginate():
        for key, several in page.items():
            if isinstance(several, list):
                details.setdefault(key, []).extend(several)
    documents = {
        each["Arn"]: version["Document"]
        for each in details.get("Policies", ())
        for version in each["PolicyVersionList"]
        if version["IsDefaultVersion"]
    }
    groups = {
        each["GroupName"]: _allowing(each, "GroupPolicyList", documents)
        for each in details["GroupDetailList"]
    }
    guards = {
        each["GroupName"]
        for each in details["GroupDetailList"]
        if each["GroupName"] == GUARD and (each["GroupPolicyList"] or each["AttachedManagedPolicies"])
    }
    allowed, ids, unguarded = {}, {}, set()
    for user in details["UserDetailList"]:
        if not user["Path"].startswith(world.path):
            continue
        name = user["UserName"]
        own = _allowing(user, "UserPolicyList", documents)
        allowed[f"user/{name}"] = own.union(*(groups.get(each, frozenset()) for each in user["GroupList"]))
        ids[f"user/{name}"] = user["UserId"]
        if not guards & set(user["GroupList"]) and _has_password(iam, name):
            unguarded.add(name)
    for role in details["RoleDetailList"]:
        if role["Path"].startswith(world.path):
            own = _allowing(role, "RolePolicyList", documents)
            trust = _statements(role["AssumeRolePolicyDocument"])
            allowed[f"role/{role['RoleName']}"] = own | trust
            ids[f"role/{role['RoleName']}"] = role["RoleId"]
    return Look(allowed, ids, frozenset(unguarded))


def _has_password(iam: Any, name: str) -> bool:
    try:
        iam.get_login_profile(UserName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return False
        raise
    # It may have joined the guard's group since the list was read.
    return all(each["GroupName"] != GUARD for each in iam.list_groups_for_user(UserName=name)["Groups"])


def _allowing(holder: dict[str, Any], inline: str, managed: dict[str, Any]) -> frozenset[str]:
    own = (each["PolicyDocument"] for each in holder[inline])
    attached = (managed.get(each["PolicyArn"], {}) for each in holder["AttachedManagedPolicies"])
    return frozenset().union(*map(_statements, (*own, *attached)))


def _statements(document: dict[str, Any]) -> frozenset[str]:
    """Give the statements of a document that allow, each action and resource as one of its own."""
    found = set()
    for statement in _several(document.get("Statement", ())):
        if statement["Effect"] != "Allow":
            continue
        rest = {key: each for key, each in statement.items() if key not in ("Sid", "Action", "Resource")}
        for action in _several(statement.get("Action", ("",))):
            for resource in _several(statement.get("Resource", ("",))):
                found.add(json.dumps([action, resource, rest], sort_keys=True))
    return frozenset(found)


def _several(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else (value,)


@dataclass
class Watch:
    """Looks again and again in a thread; afterwards `mistakes` says what must never have been."""

    world: World
    looks: list[Look] = field(default_factory=list)
    unanswered: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.looks.append(look(self.world))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()
        with suppress(ClientError, BotoCoreError):
            self.looks.append(look(self.world))

    def _run(self) -> None:
        while not self._over.is_set():
            begun = time.monotonic()
            try:
                self.looks.append(look(self.world))
            except (ClientError, BotoCoreError, KeyError):
                self.unanswered += 1
            self._over.wait(max(0.0, INTERVAL - (time.monotonic() - begun)))

    def mistakes(self) -> list[str]:
        """Give what somebody could do neither before nor after, and who had a password without the MFA guard."""
        before, after = self.looks[0], self.looks[-1]
        found: dict[str, None] = {}
        for each in self.looks:
            for name in each.unguarded:
                found[f"user {name} has a console password and no MFA guard"] = None
            for who, allowed in each.allowed.items():
                both = before.allowed.get(who, frozenset()) | after.allowed.get(who, frozenset())
                if allowed - both:
                    found[f"{who} can for a moment {min(allowed - both)}"] = None
        for who in before.ids.keys() & after.ids.keys():
            if before.ids[who] != after.ids[who]:
                found[f"{who} was replaced"] = None
        return list(found)
