"""`deny:` of the account - what nobody of ours may do from elsewhere or elsewhere, whoever grants it."""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Annotated

from pydantic import Field

from keywright.model.buckets import VpcId
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import Region, Shape

Addresses = Annotated[
    str,
    Shape(
        "a range of addresses",
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
    ),
]
_PRIVATE = re.compile(
    r"(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd]|fe80)", re.IGNORECASE
)


class Networks(Strict):
    """From where requests may come: addresses of the internet, and VPCs by their endpoints."""

    addresses: Annotated[tuple[Addresses, ...], Field(max_length=50)] = ()
    """Ranges of public addresses, such as an office's."""
    vpcs: Annotated[tuple[VpcId, ...], Field(max_length=20)] = ()
    """VPCs whose endpoints requests may come through."""
    excepting: Annotated[tuple[Excepted, ...], Field(alias="except", max_length=10)] = ()
    """Roles and users that are used from elsewhere, such as a partner's; in YAML the key is `except`."""
    instances: bool = False
    """Whether it binds the credentials of EC2 instances too, which come from where their subnets lead."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say what is no network, never seen from outside, or would shut everybody out."""
        if not self.addresses and not self.vpcs:
            yield Mistake(
                "`outside_networks` of {owner} names no network", "nothing", "`addresses`, `vpcs`, or both"
            )
        for index, written in enumerate(self.addresses):
            yield from wrong_addresses(written, ("addresses", index))


def wrong_addresses(written: str, at: tuple[str, int]) -> Iterator[Mistake]:
    """Say what is no network, or never seen from outside."""
    try:
        network = ip_network(written)
    except ValueError:
        yield Mistake("a network of {owner} is none", f"`{written}`", "its first address and length", at)
        return
    if network.prefixlen == 0:
        yield Mistake("a network of {owner} is the whole internet", f"`{written}`", "a narrower range", at)
    elif _PRIVATE.match(written):
        yield Mistake(
            "a network of {owner} is private, and no request to AWS shows its addresses",
            f"`{written}`",
            "the public addresses that it is seen by, or `vpcs`",
            at,
        )


class Denials(Strict):
    """Denials by condition that hold for everybody of ours; they stand in the boundary, so that only break-glass is free."""

    outside_regions: Annotated[tuple[Region, ...], Field(max_length=20)] = ()
    """The regions in which requests are allowed; services that are in no region are let through."""
    without_tls: bool = False
    """Whether requests without TLS are denied."""
    outside_networks: Networks | None = None
    """From where requests are allowed; what a service does for somebody is let through."""
    outside_organizations: Annotated[tuple[Organization, ...], Field(max_length=10)] = ()
    """The organizations whose resources may be reached; what AWS itself owns is let through."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether nothing is denied, or something twice."""
        if not self.said():
            yield Mistake("`deny` of {owner} denies nothing", "nothing", "such as `without_tls: true`")
        for key in ("outside_regions", "outside_organizations"):
            given = getattr(self, key)
            for index, each in enumerate(given):
                if each in given[:index]:
                    yield Mistake(
                        f"`{key}` of {{owner}} names one twice", f"`{each}`", "each once", (key, index)
                    )
