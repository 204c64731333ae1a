"""Managed policies that are attached are there, of ours by name, of AWS's as far as is known here; and ours are attached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.model.checks.references import ANY, texts
from keywright.model.holders import SECTIONS, attached, holders
from keywright.model.managed_policy import OWN
from keywright.model.nearest import nearest
from keywright.policy.matching.arn import partition_of
from keywright.policy.reference import managed_policies
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.subject import Path

_OURS = re.compile(r"keywright-.*|(group|user|role|instancerole|application)-.*-[0-9]+", re.IGNORECASE)
"""Names of policies that Keywright makes by itself: the fence, and grants past an inline quota."""


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse attachments of what is not declared, or twice; hint at names AWS is not known to have, and at idle ones."""
    commercial = draft.account is not None and partition_of(draft.account.region) == "aws"
    for several in _attachments(draft):
        seen: set[str] = set()
        for at, managed in several:
            if managed in seen and "boundary" not in at:
                yield draft.finding("a policy is attached twice", quoted(managed), "each once", at=at)
            seen.add(managed)
            if managed.startswith(OWN):
                yield from _declared(draft, managed.removeprefix(OWN), at)
            elif commercial and not managed.startswith("arn:"):
                yield from _of_aws(draft, managed, at)
    for name in draft.names.get("policies", ()):
        if _OURS.fullmatch(name):
            yield draft.finding(
                f"policy `{name}` has a name that is kept for Keywright itself",
                quoted(name),
                "another name",
                at=("policies", name),
            )
    if draft.policies:
        yield from _idle(draft)


def _attachments(draft: Draft) -> Iterator[list[tuple[Path, str]]]:
    """Give what each holds, and what the sessions of each certificate are held to, with its places."""
    for path, holder in holders(draft):
        yield [(at, policy.managed) for at, policy in attached(path, holder)]
    for name, role in draft.roles.items():
        for number, trust in enumerate(role.trusts):
            at = ("roles", name, "trusts", number, "at_most")
            yield [((*at, index), each) for index, each in enumerate(getattr(trust, "at_most", ()))]


def _declared(draft: Draft, name: str, at: Path) -> Iterator[Finding]:
    names = draft.names.get("policies", ())
    if name not in names:
        near = listed(f"policy/{each}" for each in nearest(name, names))
        yield draft.finding(
            f"policy {quoted(name)} is not declared",
            quoted(f"policy/{name}"),
            near or "a name under `policies`",
            at=at,
        )


def _of_aws(draft: Draft, name: str, at: Path) -> Iterator[Finding]:
    if managed_policies.managed_policy_document(managed_policies.PREFIX + name) is not None:
        return
    known = [arn.removeprefix(managed_policies.PREFIX) for arn in managed_policies.managed_policy_arns()]
    near = listed(nearest(name, known))
    yield draft.finding(
        f"no managed policy of AWS's of this name is known, as of {managed_policies.packed_on()}",
        quoted(name),
        f"{near}, or the ARN where it is newer",
        at=at,
        severity=Severity.WARNING,
    )


def _idle(draft: Draft) -> Iterator[Finding]:
    """Tell which policies wait for somebody: not while an attachment is misspelt, which may mean any of them."""
    patterns: list[Path] = [(section, ANY, "policies", ANY, "managed") for section in SECTIONS]
    patterns.append(("permission_sets", ANY, "boundary", "managed"))
    patterns.append(("roles", ANY, "trusts", ANY, "at_most", ANY))
    named = {each for pattern in patterns for _, each in texts(draft.data, pattern) if each.startswith(OWN)}
    if named - {OWN + name for name in draft.names.get("policies", ())}:
        return
    for name in draft.policies:
        if OWN + name not in named:
            yield draft.finding(
                f"policy {quoted(name)} gives nobody anything",
                "nobody who attaches it",
                f"{quoted(OWN + name)} under `policies` of who needs it, or no such declaration",
                at=("policies", name),
                severity=Severity.ADVICE,
            )
