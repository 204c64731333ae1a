"""The policies of one owner: inline while they fit, else its Allow statements in managed policies of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk.aws_iam as iam

from keywright.policy.compaction import (
    MANAGED_QUOTA,
    distribute_statements,
    document_size,
    fit_statements,
    merge_statements,
)
from keywright.policy.quotas import INLINE
from keywright.policy.statement import Effect, Statement, policy_document
from keywright.reporting.refusal import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from access_constructs.shared.resources import Properties

INLINE_NAME = "grants"
INLINE_ACCEPTED = {
    "IAMNoInlinePolicy": "grants are part of their owner: they come, change and go with it, atomically"
}
"""Why the packs that refuse inline policies are answered; see `accepted_finding.in_strict_packs`."""
GROUP_INLINE_QUOTA = INLINE["group"].default
USER_INLINE_QUOTA = INLINE["user"].default
_PATH = re.compile(r"/|/[\x21-\x7e]{1,510}/")
_UNRESOLVED = "${Token["
"""In a text that CDK makes known at synthesis only."""
MANAGED_PER_OWNER = 10


@dataclass(frozen=True)
class IdentityPolicies:
    """What a user, group or role takes as `Policies` and `ManagedPolicyArns`."""

    policies: list[Properties]
    managed_policy_arns: list[str]

    @property
    def properties(self) -> Properties:
        """Give them as CloudFormation spells them, without what there is none of."""
        given = {"Policies": self.policies, "ManagedPolicyArns": self.managed_policy_arns}
        return {name: value for name, value in given.items() if value}


def identity_policies(
    scope: Construct,
    *,
    kind: str,
    name: str,
    path: str,
    statements: Sequence[Statement],
    managed_policy_arns: Sequence[str] = (),
    inline_quota: int,
) -> IdentityPolicies:
    """Give an owner its statements, merged, inline as one policy where they fit its quota ("IAM and AWS STS quotas").

    Past the quota the Allow statements go to managed policies `<kind>-<name>-<number>` under the path, as few as hold
    them; every Deny stays inline, because a Deny that travels between two resources would be absent for a moment. No
    order of the statements shows in what comes out.

    Raises:
        ValueError: Even so the statements don't fit; what is too long is named. A path that is none, a grant that is no
            statement.
    """
    _refuse_bad(name, path, statements)
    inline = inline_policies(statements, inline_quota)
    if inline is not None:
        return IdentityPolicies(inline, list(managed_policy_arns))
    denied = [each for each in fit_statements(statements, inline_quota) if each.effect is Effect.DENY]
    if document_size(policy_document(*denied)) > inline_quota:
        raise refusal(
            f"the Deny statements of `{name}` exceed its inline quota",
            found=f"{document_size(policy_document(*denied))} characters",
            accepted=f"at most {inline_quota}",
        )
    allowed = [each for each in statements if each.effect is Effect.ALLOW]
    places = MANAGED_PER_OWNER - len(managed_policy_arns)
    policies = [
        _managed(scope, kind=kind, name=name, path=path, number=number, statements=share)
        for number, share in _shares(name, allowed, places).items()
    ]
    return IdentityPolicies(_inline(denied), [*managed_policy_arns, *(policy.ref for policy in policies)])


def inline_policies(statements: Sequence[Statement], inline_quota: int) -> list[Properties] | None:
    """Give an owner's statements, merged, as its inline policies: one or none; None where they don't fit its quota."""
    together = fit_statements(statements, inline_quota)
    fits = not together or document_size(policy_document(*together)) <= inline_quota
    return _inline(together) if fits else None


def _refuse_bad(name: str, path: str, statements: Sequence[Statement]) -> None:
    if not (_PATH.fullmatch(path) or _UNRESOLVED in path):
        raise refusal(
            f"the path of `{name}` is malformed",
            found=f"`{path}`",
            accepted="such as `/reports/`: a slash at both ends, at most 512 characters",
        )
    strange = next((each for each in statements if not isinstance(each, Statement)), None)
    if strange is not None:
        raise refusal(
            f"a grant of `{name}` is no statement",
            found=f"`{type(strange).__name__}`",
            accepted="`Statement`, such as `S3Grant(...).statements()` gives",
        )


def _inline(statements: Sequence[Statement]) -> list[Properties]:
    if not statements:
        return []
    return [{"PolicyName": INLINE_NAME, "PolicyDocument": policy_document(*statements)}]


def _managed(
    scope: Construct, *, kind: str, name: str, path: str, number: int, statements: Sequence[Statement]
) -> iam.CfnManagedPolicy:
    policy = iam.CfnManagedPolicy(
        scope,
        f"Grants{number}",
        managed_policy_name=f"{kind.lower()}-{name}-{number}",
        path=path,
        description="Grants past the inline quota of their owner",
        policy_document=policy_document(*statements),
    )
    policy.override_logical_id(logical_id(f"{kind}Grants", name, f"N{number}"))
    return policy


def _shares(name: str, statements: Sequence[Statement], places: int) -> dict[int, tuple[Statement, ...]]:
    found = distribute_statements(statements, MANAGED_QUOTA, places)
    if found is None:
        raise refusal(
            f"the grants of `{name}` do not fit its policies",
            found=f"{document_size(policy_document(*merge_statements(statements)))} characters",
            accepted=f"{max(places, 0)} managed policies of {MANAGED_QUOTA} characters, no statement longer than one",
        )
    return found
