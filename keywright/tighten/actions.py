"""Actions of IAM that an event of CloudTrail shows, and those whose absence shows that they were not used."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from keywright.policy.reference.catalogue import action, services

_HERE = Path(__file__).parent
LOGGED = _HERE / "logged_actions.json"
# Lambda's events have the date of the API in their names, such as `CreateFunction20150331` and `GetFunction20150331v2`.
_DATED = re.compile(r"(?<=[a-z])20[0-9]{6}(v[0-9]+)?$")
_DOMAIN = ".amazonaws.com"


@cache
def table() -> dict[str, Any]:
    """Give the table of names that differ."""
    loaded: dict[str, Any] = json.loads((_HERE / "actions.json").read_text("utf-8"))
    return loaded


@cache
def _logged() -> dict[str, frozenset[str]]:
    loaded = json.loads(LOGGED.read_text("utf-8"))
    return {
        service: frozenset(f"{service}:{name}".lower() for name in names.split())
        for service, names in loaded.items()
    }


def is_logged(name: str) -> bool:
    """Tell whether CloudTrail is known to log each use of an action (`service:Name`) as a management event."""
    return name.lower() in _logged().get(name.partition(":")[0].lower(), frozenset())


def logs_all(service: str) -> bool:
    """Tell whether all use of a service is logged: it is none of those with data events."""
    entry = table()["logging_services"].get(service)
    return entry is not None and not entry["not_logged"]


def is_global(service: str) -> bool:
    """Tell whether a service's events are all in one region of its partition, such as us-east-1."""
    return service in table()["global_services"]


@lru_cache(maxsize=1 << 14)
def actions_of_event(source: str, event: str) -> tuple[str, ...]:
    """Give the actions that an event shows, as `service:Name`; none if the event names no known action."""
    service = service_of_event(source)
    renamed = table()["actions"].get(service, {})
    dated = _DATED.sub("", event)
    for name in (event, dated):
        if name in renamed:
            return tuple(f"{service}:{each}" for each in renamed[name])
    found = action(f"{service}:{event}") or action(f"{service}:{dated}")
    return (str(found),) if found else ()


def service_of_event(source: str) -> str:
    """Give the prefix of the actions of an event's source, such as `cloudwatch` for `monitoring.amazonaws.com`."""
    name = source.lower().removesuffix(_DOMAIN)
    return str(table()["prefixes"].get(name, name))


def has_actions(source: str) -> bool:
    """Tell whether events of a source can show the use of an action; a sign-in, for one, can't."""
    name = source.lower().removesuffix(_DOMAIN)
    return name not in table()["without_action"] and service_of_event(source) in services()
