"""`deny:` of the account - account-wide denials by region, network, organization and TLS."""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Annotated

from pydantic import Field

from keywright.model.buckets import VpcId
from keywright.model.fields.strict import Mistake, Strict, repetitions
from keywright.model.fields.text import Region, Shape

Addresses = Annotated[
    str,
    Shape(
        "a CIDR range",
        "such as `203.0.113.0/24` or `2001:db8::/32`",
        pattern=r"^[0-9a-fA-F.:]{2,45}/[0-9]{1,3}$",
    ),
]
Organization = Annotated[
    str, Shape("an organization", "such as `o-a1b2c3d4e5`", pattern=r"^o-[a-z0-9]{10,32}$")
]
Excepted = Annotated[
    str,
    Shape(
        "a role or a user",
        "`role/` or `user/` and its name",
        pattern=r"^(role|user)/[A-Za-z0-9+=,.@_-]{1,64}$",
        kinds=("role", "user"),
    ),
]
_PRIVATE = re.compile(
    r"(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd]|fe80)", re.IGNORECASE
)


class Networks(Strict):
    """The networks from which requests are allowed: public addresses, and VPCs by their endpoints."""

    addresses: Annotated[tuple[Addresses, ...], Field(max_length=50)] = ()
    """CIDR ranges of public addresses, such as an office's."""
    vpcs: Annotated[tuple[VpcId, ...], Field(max_length=20)] = ()
    """VPCs; requests through their endpoints are allowed."""
    excepting: Annotated[tuple[Excepted, ...], Field(alias="except", max_length=10)] = ()
    """Roles and users that are used from other networks, such as a partner's."""
    instances: bool = False
    """Whether the denial also applies to the credentials of EC2 instances, whose requests leave through their subnets."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report invalid, private and missing networks."""
        if not self.addresses and not self.vpcs:
            yield Mistake(
                "`outside_networks` of {owner} has no network", "nothing", "`addresses`, `vpcs`, or both"
            )
        for index, written in enumerate(self.addresses):
            yield from wrong_addresses(written, ("addresses", index))


def wrong_addresses(written: str, at: tuple[str, int]) -> Iterator[Mistake]:
    """Report a CIDR range that is invalid, private or the whole internet."""
    try:
        network = ip_network(written)
    except ValueError:
        yield Mistake(
            "a network of {owner} is not a valid CIDR range",
            f"`{written}`",
            "its first address and prefix length",
            at,
        )
        return
    if network.prefixlen == 0:
        yield Mistake("a network of {owner} is the whole internet", f"`{written}`", "a narrower range", at)
    # Not `is_private`, which is also true of the ranges for documentation, such as 203.0.113.0/24.
    elif _PRIVATE.match(written):
        yield Mistake(
            "a network of {owner} is private: requests to AWS never come from its addresses",
            f"`{written}`",
            "its public addresses, or `vpcs`",
            at,
        )


class Denials(Strict):
    """Denials with conditions in the permissions boundary: they apply to all declared identities but the break-glass role."""

    outside_regions: Annotated[tuple[Region, ...], Field(max_length=20)] = ()
    """The regions in which requests are allowed; global services are exempt."""
    without_tls: bool = False
    """Whether requests without TLS are denied."""
    outside_networks: Networks | None = None
    """The networks from which requests are allowed; requests of AWS services are exempt."""
    outside_organizations: Annotated[tuple[Organization, ...], Field(max_length=10)] = ()
    """The organizations whose resources can be accessed; resources of AWS itself are exempt."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report an empty denial, and values listed twice."""
        if not self.changed_fields():
            yield Mistake("`deny` of {owner} denies nothing", "nothing", "such as `without_tls: true`")
        for key in ("outside_regions", "outside_organizations"):
            yield from repetitions(key, getattr(self, key))
