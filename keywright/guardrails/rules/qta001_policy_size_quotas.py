"""QTA001: policies are within IAM's size quotas.

What it checks
    Without white space, a managed policy has at most 6,144 characters and a trust policy 2,048; all inline policies
    of a user together have at most 2,048, of a group 5,120, of a role 10,240, and the inline policy of a permission
    set 10,240.

Why it matters
    IAM refuses the policy in the middle of a deployment, which rolls back.

Refused
    Sales:
      Type: AWS::IAM::User
      Properties:
        UserName: sales
        Policies:
          - PolicyName: grants
            PolicyDocument:
              Statement:
                Effect: Allow
                Action: "s3:GetObject"
                Resource: "arn:aws:s3:::LONG/*"  # thousands of characters

Accepted
    Sales:
      Type: AWS::IAM::Group
      Properties:
        GroupName: sales
        Policies:
          - PolicyName: grants
            PolicyDocument:
              Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::sales/*"}

Blind to
    Policies that other assemblies add to the same identity. A value that is known only at deployment counts as one
    character at least and forty at most: what exceeds the quota only with forty is reported as undecided.

See
    IAM User Guide, "IAM and AWS STS quotas".
"""

from collections.abc import Iterator

from keywright.assembly.identities.collection import IdentityKind
from keywright.assembly.identities.identity_center import PERMISSION_SET
from keywright.assembly.templates.policy_documents import Policy
from keywright.assembly.templates.value import Text
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.guardrails.subjects.policy_sizes import ZERO, Size, size_of_policy
from keywright.policy.quotas import INLINE, MANAGED_POLICY, TRUST_POLICY, Quota
from keywright.reporting.finding import Finding, Severity

CODE = "QTA001"
SEVERITY = Severity.ERROR


def check(view: AssemblyView) -> Iterator[Finding]:
    """Report policies that exceed a quota, alone or together with the others of their identity."""
    found = view.identities
    for policy in found.managed:
        yield from _check_size(
            policy, size_of_policy(policy), MANAGED_POLICY, f"managed policy `{policy.holder.label}`"
        )
    for role in found.roles:
        if role.trust:
            yield from _check_size(
                role.trust, size_of_policy(role.trust), TRUST_POLICY, f"trust policy of `{role.label}`"
            )
    for (_, kind, name), policies in _inline_policies(view).items():
        total = sum((size_of_policy(each) for each in policies), ZERO)
        shown = name.literal or policies[-1].holder.label
        yield from _check_size(policies[-1], total, INLINE[kind], f"the inline policies of {kind} `{shown}`")
    for policy in view.granting_policies:
        if policy.holder.type == PERMISSION_SET:
            what = f"the inline policies of permission set `{policy.holder.label}`"
            yield from _check_size(policy, size_of_policy(policy), INLINE["role"], what)


_Owner = tuple[str, IdentityKind, Text]


def _inline_policies(view: AssemblyView) -> dict[_Owner, list[Policy]]:
    found: dict[_Owner, list[Policy]] = {}
    for each in view.identities.inline_policies:
        owner = (each.policy.holder.template.account, each.kind, each.owner)
        found.setdefault(owner, []).append(each.policy)
    return found


def _check_size(policy: Policy, size: Size, quota: Quota, what: str) -> Iterator[Finding]:
    yield from Place(policy.holder, policy.path).answer(
        size.exceeds(quota.default),
        CODE,
        f"{what} {'are' if what.startswith('the ') else 'is'} too long",
        found=f"{size.least:,} characters",
        accepted=quota.accepted,
    )
