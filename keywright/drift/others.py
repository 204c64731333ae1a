"""What differs beside the policies of identities: identity providers, instance profiles, descriptions, lengths of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.drift.expected import literals
from keywright.drift.repair import revert
from keywright.drift.result import Difference, Direction, Drift
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.account.entities import Entry, InstanceProfile
    from keywright.account.snapshot import AccountSnapshot
    from keywright.assembly.templates.template import Resource
    from keywright.drift.sides import Sides
    from keywright.reporting.finding import Location

_DEFAULT_SECONDS = 3600


# Providers and instance profiles


def provider_drift(sides: Sides) -> Iterator[Drift]:
    """Yield identity providers and instance profiles that differ: they decide who gets a role without IAM credentials."""
    yield from _oidc(sides)
    yield from _saml(sides)
    yield from _profiles(sides)


def _oidc(sides: Sides) -> Iterator[Drift]:
    live = {each.url: each for each in sides.snapshot.oidc_providers}
    if not sides.snapshot.has("OpenIDConnectProviders"):
        return
    for resource in sides.assembly.of_type("AWS::IAM::OIDCProvider"):
        url = next(iter(literals(iter(resource.texts("Url")))), "").removeprefix("https://")
        if not url:
            continue
        name, repair = f"oidc-provider/{url}", revert(resource.template.stack)
        if url not in live:
            message = "does not exist"
            yield _provider(name, [Difference(message=message, direction=Direction.LESS, repair=repair)])
            continue
        declared, found = literals(iter(resource.texts("ClientIdList"))), frozenset(live[url].client_ids)
        differences = list(
            _more_or_less("audience", declared, found, repair=repair, place=sides.snapshot.locate(live[url]))
        )
        thumbprints = {each.lower() for each in literals(iter(resource.texts("ThumbprintList")))}
        if thumbprints and thumbprints != {each.lower() for each in live[url].thumbprints}:
            differences.append(
                Difference(
                    message="has other thumbprints than declared",
                    found=listed(live[url].thumbprints, none="none"),
                    accepted=listed(sorted(thumbprints)),
                    direction=Direction.UNDECIDED,
                    repair=repair,
                    place=sides.snapshot.locate(live[url]),
                )
            )
        if differences:
            yield _provider(name, differences)


def _saml(sides: Sides) -> Iterator[Drift]:
    if not sides.snapshot.has("SAMLProviders"):
        return
    live = {each.arn.resource.rpartition("/")[2]: each for each in sides.snapshot.saml_providers}
    for resource in sides.assembly.of_type("AWS::IAM::SAMLProvider"):
        name = resource.name.literal
        if not name:
            continue
        repair = revert(resource.template.stack)
        if name not in live:
            missing = Difference(message="does not exist", direction=Direction.LESS, repair=repair)
            yield _provider(f"saml-provider/{name}", [missing])
            continue
        metadata = next(iter(literals(iter(resource.texts("SamlMetadataDocument")))), "")
        found = live[name].metadata
        if metadata and found and "".join(metadata.split()) != "".join(found.split()):
            other = Difference(
                message="has other metadata than declared: whoever holds the key of its certificate decides who signs in",
                direction=Direction.MORE,
                repair=repair,
                place=sides.snapshot.locate(live[name]),
            )
            yield _provider(f"saml-provider/{name}", [other])


def _profiles(sides: Sides) -> Iterator[Drift]:
    live: dict[str, tuple[InstanceProfile, set[str]]] = {}
    for role in sides.snapshot.roles:
        for profile in role.instance_profiles:
            live.setdefault(profile.name, (profile, set()))[1].add(role.name)
    for resource in sides.assembly.of_type("AWS::IAM::InstanceProfile"):
        name = resource.name.literal
        if not name:
            continue
        declared = literals(iter(resource.texts("Roles")))
        found = live[name][1] if name in live else set()
        place = sides.snapshot.locate(live[name][0]) if name in live else None
        repair = revert(resource.template.stack)
        differences = list(_more_or_less("role", declared, frozenset(found), repair=repair, place=place))
        if differences:
            yield _provider(f"instance-profile/{name}", differences)


def _more_or_less(
    what: str, declared: frozenset[str], found: frozenset[str], *, repair: str, place: Location | None
) -> Iterator[Difference]:
    for names, message, direction in (
        (found - declared, f"has an {what}" if what == "audience" else f"has a {what}", Direction.MORE),
        (declared - found, f"does not have the declared {what}", Direction.LESS),
    ):
        if names:
            more = " that is not declared" if direction is Direction.MORE else ""
            yield Difference(
                message=f"{message} {listed(sorted(names))}{more}",
                found=listed(sorted(found), none="none"),
                accepted=listed(sorted(declared), none="none"),
                direction=direction,
                repair=repair,
                place=place,
            )


def _provider(name: str, differences: list[Difference]) -> Drift:
    direction = min((each.direction for each in differences), key=lambda each: each.rank)
    undecided = tuple(each.message for each in differences if each.direction is Direction.UNDECIDED)
    return Drift(name=name, arn="", direction=direction, differences=tuple(differences), undecided=undecided)


# Settings


def settings_of(snapshot: AccountSnapshot, resource: Resource, live: Entry) -> Iterator[Difference]:
    """Yield a description and a maximum session duration that differ, as far as the snapshot has them."""
    written = literals(iter(resource.texts("Description")))
    description = getattr(live, "description", None)
    repair, place = revert(resource.template.stack), snapshot.locate(live)
    if description is not None and description != next(iter(written), "") and len(written) <= 1:
        yield Difference(
            message="has another description than declared",
            found=quoted(description),
            accepted=quoted(next(iter(written), "")),
            repair=repair,
            place=place,
        )
    seconds = getattr(live, "session_seconds", None)
    declared = next(iter(literals(iter(resource.texts("MaxSessionDuration")))), str(_DEFAULT_SECONDS))
    if seconds is not None and declared.isdecimal() and seconds != int(declared):
        yield Difference(
            message="has another maximum session duration than declared",
            found=f"{seconds} seconds",
            accepted=f"{declared} seconds",
            direction=Direction.MORE if seconds > int(declared) else Direction.LESS,
            repair=repair,
            place=place,
        )
