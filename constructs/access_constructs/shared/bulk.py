"""What groups and roles have in common as plain data: what they hold, what rule packs find in it, and what is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from access_constructs.shared.accepted_findings import accept_all, necessary_wildcards, wildcard_findings
from access_constructs.shared.resources import IncludedResources
from keywright.reporting.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from constructs import Construct, IConstruct

    from access_constructs.shared.resources import Properties
    from keywright.policy.statement import Statement


class IdentityDefinition(Protocol):
    """A group or a role whose grants are inside it."""

    @property
    def full_name(self) -> str:
        """Its name in IAM."""

    @property
    def grants(self) -> Sequence[Statement]:
        """What it holds, bounds in time included."""

    def known(self, *, inline: bool) -> Mapping[str, str]:
        """Give what rule packs find in every owner of its kind with or without inline policies, and why it is no harm."""

    @property
    def resources(self) -> Mapping[str, Properties] | None:
        """Its resource by logical id; None where its grants need policies beside it."""


def accepted_findings_of(construct: IConstruct, owner: IdentityDefinition, *, inline: bool) -> dict[str, str]:
    """Give what is accepted of an owner with or without inline policies; `construct` is anything of the stack."""
    return {**necessary_wildcards(construct, owner.grants), **owner.known(inline=inline)}


def wildcard_finding_ids(construct: IConstruct, owner: IdentityDefinition) -> set[str]:
    """Name every finding of the owner that has an id of its own: each wildcard that its grants hold."""
    return {f"AwsSolutions-IAM5[{each}]" for each in wildcard_findings(construct, owner.grants)}


def fits_in_bulk(construct: IConstruct, owner: IdentityDefinition) -> bool:
    """Tell whether an owner can be made with others: its grants fit it, and nothing that is found in them is left.

    Where something is left, others' reasons would be no answer to it.
    """
    necessary = necessary_wildcards(construct, owner.grants)
    return owner.resources is not None and wildcard_finding_ids(construct, owner) <= necessary.keys()


class BulkIdentities(IncludedResources):
    """Many groups, or many roles, in three calls into the CDK however many they are.

    Every resource is a typed construct under the same logical id and with the same properties as its own construct
    would give it. A finding is accepted of all at once, so only where each of them that has it accepts it.

    Raises:
        ValueError: A name twice, grants that do not fit their owner, or what the owner's own construct refuses.
    """

    def __init__(self, scope: Construct, construct_id: str, owners: Iterable[IdentityDefinition]) -> None:
        resources: dict[str, Any] = {}
        members = list(owners)
        for owner in members:
            resources |= _of(owner, resources)
        super().__init__(scope, construct_id, resources)
        accept_all(self, _accepted_by_all(self, members))


def _of(owner: IdentityDefinition, others: Mapping[str, Any]) -> Mapping[str, Properties]:
    if owner.resources is None:
        raise refusal(
            f"`{owner.full_name}` can't be made with others",
            found="grants past its inline quota",
            accepted="a construct of its own",
        )
    if not others.keys().isdisjoint(owner.resources):
        raise refusal("an owner is declared twice", found=f"`{owner.full_name}`", accepted="each name once")
    return owner.resources


def _accepted_by_all(construct: IConstruct, owners: Sequence[IdentityDefinition]) -> dict[str, str]:
    accepted: dict[str, dict[str, None]] = {}
    refused: set[str] = set()
    for owner in owners:
        own = accepted_findings_of(construct, owner, inline=bool(owner.grants))
        refused |= wildcard_finding_ids(construct, owner) - own.keys()
        for finding, reason in own.items():
            accepted.setdefault(finding, {})[reason] = None
    return {
        finding: "; ".join(sorted(reasons)) for finding, reasons in accepted.items() if finding not in refused
    }
