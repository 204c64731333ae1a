"""RES004: resource-based policies do not allow others all actions.

What it checks
    No Allow on a resource gives a principal of another account, a service or everyone all actions of the resource's
    service (`sqs:*`, `lambda:*`, however they are spelled). Where a condition restricts the caller it is a warning.

Why it matters
    Such a statement includes the actions that delete the resource and that change its policy: the other account can let
    in whom it wants.

Refused
    Shared:
      Type: AWS::SQS::QueuePolicy
      Properties:
        Queues: ["https://sqs.eu-central-1.amazonaws.com/111111111111/orders"]
        PolicyDocument:
          Statement: {Effect: Allow, Principal: {AWS: "arn:aws:iam::222222222222:root"}, Action: "sqs:*", Resource: "*"}
    ---
    Convert:
      Type: AWS::Lambda::Permission
      Properties: {FunctionName: convert, Action: "lambda:*", Principal: "222222222222"}

Accepted
    Shared:
      Type: AWS::SQS::QueuePolicy
      Properties:
        Queues: ["https://sqs.eu-central-1.amazonaws.com/111111111111/orders"]
        PolicyDocument:
          Statement:
            Effect: Allow
            Principal: {AWS: "arn:aws:iam::222222222222:root"}
            Action: "sqs:SendMessage"
            Resource: "*"
    ---
    Key:
      Type: AWS::KMS::Key
      DeletionPolicy: Retain
      UpdateReplacePolicy: Retain
      Properties:
        KeyPolicy:
          Statement: {Effect: Allow, Principal: {AWS: "arn:aws:iam::111111111111:root"}, Action: "kms:*", Resource: "*"}

Blind to
    Patterns that cover nearly all actions, and several statements that add up to all of them. Where the stack names no
    account, an account given by its number counts as another one, as in TRU002, except if it is the only one that may do
    everything with a KMS key: AWS refuses a key that its own account can't manage. Everyone without a condition is
    reported by RES001 alone.

See
    IAM User Guide, "Apply least-privilege permissions"; "Cross-account resource access in IAM".
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import Text
from keywright.guardrails.place import listed
from keywright.guardrails.subjects.allowed_principals import AllowedPrincipal, allows
from keywright.guardrails.subjects.breadth import is_all_wildcards, service_wildcard
from keywright.guardrails.subjects.confused_deputy import restricts_callers
from keywright.guardrails.subjects.own_accounts import is_own_account
from keywright.guardrails.subjects.policies import ResourceStatement
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "RES004"
SEVERITY = Severity.ERROR

_KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")


def check(statement: ResourceStatement) -> Iterator[Finding]:
    """Report an Allow of all actions for another account, a service or everyone."""
    written = statement.statement
    wide = [pattern for pattern in written.actions if service_wildcard(pattern)]
    everything = is_all_wildcards(written.actions, "*:")
    if not wide and everything is Truth.NO:
        return
    for each in statement.allowed_principals():
        restricted = restricts_callers(each)
        yield from statement.place.answer(
            min(allows(written), Truth.YES if wide else everything, _is_other(each, statement)),
            CODE,
            f"{statement.label} allows others every action",
            found=f"Action {listed(wide or written.actions)} for `{each.shown}`",
            accepted="the actions that they need",
            severity=Severity.WARNING if restricted is Truth.YES else SEVERITY,
        )


def _is_other(principal: AllowedPrincipal, statement: ResourceStatement) -> Truth:
    """Return whether a principal is of another account, or a service; everyone, only where a condition restricts it."""
    if principal.kind == "Service":
        return Truth.YES
    if principal.names_everyone is not Truth.NO:
        return min(principal.names_everyone, restricts_callers(principal), _names_other(principal, statement))
    return _names_other(principal, statement)


def _names_other(principal: AllowedPrincipal, statement: ResourceStatement) -> Truth:
    template = statement.policy.holder.template
    if statement.policy.holder.type in _KEYS and len(_key_administrators(statement)) == 1:
        return Truth.NO
    return max(
        (
            negation(max(principal.is_own(account), is_own_account(account, template)))
            for account in principal.accounts
        ),
        default=Truth.NO,
    )


def _key_administrators(statement: ResourceStatement) -> set[Text]:
    """Return the accounts that the policy of a key allows everything."""
    return {
        account
        for each in statement.policy.statements
        if any(service_wildcard(pattern) for pattern in each.actions)
        for principal in ResourceStatement(statement.policy, each).allowed_principals()
        for account in principal.accounts
    }
