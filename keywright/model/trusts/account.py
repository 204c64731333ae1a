"""`trusts: [{account: …}]` - another account: a partner's, or another one of ours."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.account.denials import Addresses, Organization, wrong_addresses
from keywright.model.fields.dates import Day, MfaAge
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import AccountId, ExternalId, Shape
from keywright.model.grants.sessions import RoleElsewhere

Unit = Annotated[
    str,
    Shape(
        "an organizational unit",
        "such as `ou-ab12-11111111`",
        pattern=r"^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$",
    ),
]


class Colleagues(Strict):
    """Humans of another account: they can do MFA, and can't send an external ID."""

    mfa: MfaAge
    """How fresh the second factor must be."""


class AccountTrust(Strict):
    """Another account: software with an external ID, people with MFA, or roles of an account of one's own organization."""

    account: AccountId
    """The number of the other account."""
    external_id: ExternalId | None = None
    """What the other side's software must send along; stops it being used against you by its other customers."""
    people: Colleagues | None = None
    """That it is people who come, with a second factor."""
    roles: Annotated[tuple[RoleElsewhere, ...], Field(max_length=20)] = ()
    """The only roles of it whose sessions may come: names under this account's path, or ARNs."""
    organization: Organization | None = None
    """The organization that whoever comes must belong to still."""
    units: Annotated[tuple[Unit, ...], Field(max_length=20)] = ()
    """Organizational units of it, in one of which, or below, the other account must be."""
    networks: Annotated[tuple[Addresses, ...], Field(max_length=50)] = ()
    """The public addresses that it must come from."""
    since: Day | None = None
    """The first day, in UTC, on which it may come."""
    until: Day | None = None
    """The last day, in UTC, on which it may come."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say whether it is both software and people, or neither, and what of its conditions can't be met."""
        yield from self._mistakes_of_conditions()
        if (self.external_id is not None) + (self.people is not None) != 1 and not self._is_of_ours:
            found = "neither" if self.people is None else "both"
            yield Mistake(
                f"a trust of {{owner}} in account `{self.account}` has not exactly one of `external_id` and `people`",
                found,
                "`external_id` for software, `people: {mfa: {within: 1h}}` for people, `organization` and `roles` for an account of yours",
                "account",
            )
        yield from self._mistakes_of_roles()

    @property
    def _is_of_ours(self) -> bool:
        """Tell whether nothing more need be asked: named roles of an account of one organization with this one."""
        return bool(self.roles and self.organization) and self.external_id is None and self.people is None

    def _mistakes_of_roles(self) -> Iterator[Mistake]:
        if self.roles and self.people is not None:
            yield Mistake(
                f"a trust of {{owner}} in account `{self.account}` asks roles for a second factor, which no session of one carries",
                "`roles` and `people`",
                "one of them",
                "roles",
            )
        for index, role in enumerate(self.roles):
            at = ("roles", index)
            if role in self.roles[:index]:
                yield Mistake("`roles` of {owner} names one twice", f"`{role}`", "each once", at)
            elif role.startswith("arn:") and role.split(":")[4] != self.account:
                accepted = f"a role of account `{self.account}`"
                yield Mistake(
                    "`roles` of {owner} names a role of a further account", f"`{role}`", accepted, at
                )

    def _mistakes_of_conditions(self) -> Iterator[Mistake]:
        if self.units and self.organization is None:
            yield Mistake(
                f"a trust of {{owner}} in account `{self.account}` names units of no organization",
                "`units` without `organization`",
                "`organization` beside it, such as `o-a1b2c3d4e5`",
                "units",
            )
        if self.since is not None and self.until is not None and self.until < self.since:
            yield Mistake(
                f"a trust of {{owner}} in account `{self.account}` ends before it begins",
                f"`{self.until}`",
                f"`{self.since}` or later",
                "until",
            )
        for index, written in enumerate(self.networks):
            yield from wrong_addresses(written, ("networks", index))
