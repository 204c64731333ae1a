"""POL013: no identity has an AWS managed policy with near-administrator access.

What it checks
    The document of each AWS managed policy that is attached to a user, group, role or permission set does not allow
    everything (AdministratorAccess), everything except a few services (PowerUserAccess), or a shell in the account
    (AWSCloudShellFullAccess). On an administrator it does not allow every action of IAM either (IAMFullAccess):
    elsewhere ESC001 reports what that leads to.

Why it matters
    The name of a policy does not show what it grants, AWS extends it, and no review of the template shows that.

Refused
    Reader:
      Type: AWS::IAM::Role
      Properties: {ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"]}
    ---
    Readers:
      Type: AWS::IAM::Group
      Properties: {ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/PowerUserAccess"]}

Accepted
    Reader:
      Type: AWS::IAM::Role
      Properties: {ManagedPolicyArns: ["arn:aws:iam::aws:policy/SecurityAudit"]}

Blind to
    Policies whose documents are not included in this project, and changes by AWS since. AwsSolutions-IAM4 reports
    other managed policies; ESC001 reports escalation through them.

See
    CIS AWS Foundations 1.15 and 1.21.
"""

from collections.abc import Iterator

from keywright.assembly.identities.collection import Identity
from keywright.guardrails.subjects.allowed_principals import allows
from keywright.guardrails.subjects.breadth import covers_everything
from keywright.guardrails.subjects.kinds import AttachedPolicy
from keywright.policy.matching.context import Truth
from keywright.policy.parsing.documents import parse_document
from keywright.policy.reference.managed_policies import PREFIX, managed_policy_document
from keywright.policy.statement import Effect, Statement
from keywright.reporting.finding import Finding, Severity

CODE = "POL013"
SEVERITY = Severity.ERROR

SHELL = "AWSCloudShellFullAccess"
EVERYTHING = "everything"


def check(attached: AttachedPolicy) -> Iterator[Finding]:
    """Report the attachment of such a policy."""
    name = attached.attachment.aws_managed
    what = broad_access(name) if name else ""
    if name and not what and _is_administrator(attached.identity) and _allows(name, "iam:*"):
        what = "every action of IAM"
    if what:
        yield attached.place.fault(
            CODE,
            f"{attached.identity.kind} `{attached.identity.label}` has a managed policy that allows {what}",
            found=f"`{name}`",
            accepted="a policy with the actions and resources that are needed",
        )


def broad_access(name: str) -> str:
    """Describe the broad access that an AWS managed policy allows; "" for any other policy."""
    # The document of this policy allows only the actions of one service, so it is known by name.
    if name == SHELL:
        return "a shell in the account"
    # By document, because names do not show what a policy allows, and AWS changes documents.
    if _allows(name, "*"):
        return EVERYTHING
    return "everything except a few services" if any(map(_excludes_few, _allowing(name))) else ""


def _is_administrator(identity: Identity) -> bool:
    """Return whether another policy of the identity allows everything, so that ESC001 has nothing to add."""
    attached = (each.aws_managed for each in identity.attached)
    return any(broad_access(each) == EVERYTHING for each in attached if each) or any(
        min(allows(each), covers_everything(each)) is Truth.YES
        for policy in identity.policies
        for each in policy.statements
    )


def _allows(name: str, action: str) -> bool:
    """Return whether an AWS managed policy names this action or pattern for all resources."""
    return any(action in each.actions and "*" in each.resources for each in _allowing(name))


def _allowing(name: str) -> list[Statement]:
    content = managed_policy_document(PREFIX + name)
    statements = () if content is None else parse_document(content, file=name)[0].statements
    return [each for each in statements if each.effect is Effect.ALLOW]


def _excludes_few(statement: Statement) -> bool:
    return bool(statement.not_actions) and "*" in statement.resources
