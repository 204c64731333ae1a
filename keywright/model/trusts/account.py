"""`trusts: [{account: …}]` - another account: a partner's, or one of the same organization."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from keywright.model.account.denials import Addresses, Organization, wrong_addresses
from keywright.model.fields.dates import Day, MfaAge
from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import AccountId, ExternalId, Reason, Shape
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
    """People of another account: they can use MFA, and cannot send an external ID."""

    mfa: MfaAge
    """How recently MFA must have been used."""


class AccountTrust(Strict):
    """Another account: its software with an external ID, its people with MFA, or roles of an account of the same organization."""

    account: AccountId
    """The ID of the other account."""
    external_id: ExternalId | None = None
    """The external ID that the other account's software must send; it prevents the confused deputy problem."""
    people: Colleagues | None = None
    """The people of the account, with MFA."""
    roles: Annotated[tuple[RoleElsewhere, ...], Field(max_length=20)] = ()
    """The only roles of the account that are trusted: names under this account's path, or ARNs."""
    organization: Organization | None = None
    """The organization that the caller's account must belong to."""
    units: Annotated[tuple[Unit, ...], Field(max_length=20)] = ()
    """Organizational units; the other account must be in one of them, or below."""
    networks: Annotated[tuple[Addresses, ...], Field(max_length=50)] = ()
    """The public addresses that requests must come from."""
    since: Day | None = None
    """The first day, in UTC, on which it can assume the role."""
    until: Day | None = None
    """The last day, in UTC, on which it can assume the role."""
    kept: Reason | None = None
    """Why it stays declared after its last day, without effect; a sentence for the reviewer."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report a trust in both software and people, or in neither, and conditions that nobody can meet."""
        yield from self._mistakes_of_conditions()
        if (self.external_id is not None) + (self.people is not None) != 1 and not self._is_in_organization:
            found = "neither" if self.people is None else "both"
            yield Mistake(
                f"a trust of {{owner}} in account `{self.account}` needs exactly one of `external_id` and `people`",
                found,
                "`external_id` for software, `people: {mfa: {within: 1h}}` for people, `organization` and `roles` for an account of your organization",
                "account",
            )
        yield from self._mistakes_of_roles()

    @property
    def _is_in_organization(self) -> bool:
        """Tell whether no further condition is needed: it names roles of an account of the same organization."""
        return bool(self.roles and self.organization) and self.external_id is None and self.people is None

    def _mistakes_of_roles(self) -> Iterator[Mistake]:
        if self.roles and self.people is not None:
            yield Mistake(
                f"a trust of {{owner}} in account `{self.account}` requires MFA of roles, whose sessions have none",
                "`roles` and `people`",
                "one of them",
                "roles",
            )
        for index, role in enumerate(self.roles):
            at = ("roles", index)
            if role in self.roles[:index]:
                yield Mistake("`roles` of {owner} lists a role twice", f"`{role}`", "each once", at)
            elif role.startswith("arn:") and role.split(":")[4] != self.account:
                accepted = f"a role of account `{self.account}`"
                yield Mistake(
                    "`roles` of {owner} lists a role of a different account", f"`{role}`", accepted, at
                )

    def _mistakes_of_conditions(self) -> Iterator[Mistake]:
        if self.units and self.organization is None:
            yield Mistake(
                f"a trust of {{owner}} in account `{self.account}` has `units` without `organization`",
                "`units`",
                "`organization` too, such as `o-a1b2c3d4e5`",
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
