"""USR002: a person can do nothing before the second factor.

What it checks
    A user that signs in has, by its own policies or by its groups, a Deny of everything (or of everything but some
    actions) where `aws:MultiFactorAuthPresent` is false or absent. A user with access keys and no login is software.

Why it matters
    A password alone is guessed, phished and reused.

Refused
    Alice:
      Type: AWS::IAM::User
      Properties: {UserName: alice, LoginProfile: {Password: "{{resolve:secretsmanager:first:SecretString}}"}}

Accepted
    Guarded:
      Type: AWS::IAM::Group
      Properties:
        GroupName: guarded
        Policies:
          - PolicyName: guard
            PolicyDocument:
              Statement:
                Effect: Deny
                NotAction: ["iam:ChangePassword", "iam:EnableMFADevice"]
                Resource: "*"
                Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}
    Alice:
      Type: AWS::IAM::User
      Properties:
        UserName: alice
        Groups: [guarded]
        LoginProfile: {Password: "{{resolve:secretsmanager:first:SecretString}}"}
    ---
    Scanner:
      Type: AWS::IAM::User
      Properties: {UserName: scanner}
    Key:
      Type: AWS::IAM::AccessKey
      Properties: {UserName: scanner}

Blind to
    What the guard leaves open before the second factor, and guards that stand outside of the assembly: then it is
    reported as cannot tell, as it is for a user of whom nothing says whether it is a person.

See
    IAM User Guide, "AWS: Allows MFA-authenticated IAM users to manage their own MFA device"; CIS AWS Foundations 1.9.
"""

from collections.abc import Iterator

from keywright.assembly.identities.collection import Identity
from keywright.assembly.templates.policy_documents import WrittenStatement
from keywright.guardrails.subjects.allowed_principals import MFA_PRESENT
from keywright.guardrails.subjects.condition_tests import condition_tests
from keywright.guardrails.subjects.kinds import User
from keywright.policy.matching.context import Truth
from keywright.policy.statement import Effect
from keywright.reporting.finding import Finding, Severity

CODE = "USR002"
TITLE = "a person can do nothing before the second factor"
SEVERITY = Severity.ERROR


def check(user: User) -> Iterator[Finding]:
    """Refuse a person whom no guard holds."""
    person = _is_person(user)
    bearers = (user.identity, *user.everyone.groups_of(user.identity))
    if person is Truth.NO or any(_is_guarded(bearer) for bearer in bearers):
        return
    certain = min(person, Truth.MAYBE if _has_unread_policies(user, bearers) else Truth.YES)
    yield from user.place.answer(
        certain,
        CODE,
        f"user `{user.identity.label}` is not held by a second factor",
        unsure=f"user `{user.identity.label}` is a person that no second factor holds",
        found="no Deny without `aws:MultiFactorAuthPresent`",
        accepted="a group that denies all but enrolling while BoolIfExists `aws:MultiFactorAuthPresent` is false",
    )


def _is_person(user: User) -> Truth:
    if user.signs_in:
        return Truth.YES
    return Truth.NO if user.keys else Truth.MAYBE


def _is_guarded(bearer: Identity) -> bool:
    return any(_is_guard(statement) for policy in bearer.policies for statement in policy.statements)


def _is_guard(statement: WrittenStatement) -> bool:
    if statement.effect is not Effect.DENY or not _is_about_everything(statement):
        return False
    tests = list(condition_tests(statement))
    return (
        len(tests) == 1
        and tests[0].key == MFA_PRESENT
        and _holds_without_mfa(tests[0].operator_name, tests[0].values)
    )


def _is_about_everything(statement: WrittenStatement) -> bool:
    actions = [each.literal for each in statement.actions]
    resources = [each.literal for each in statement.resources]
    return (bool(statement.not_actions) or "*" in actions) and "*" in resources


def _holds_without_mfa(operator: str, values: tuple[object, ...]) -> bool:
    shown = {str(each).lower() for each in values}
    return (operator.lower() == "boolifexists" and shown == {"false"}) or (
        operator.lower() == "null" and shown == {"true"}
    )


def _has_unread_policies(user: User, bearers: tuple[Identity, ...]) -> bool:
    """Tell whether some policy or group of the user is not in the assembly; AWS's own managed policies are no guards."""
    unread = any(
        attached.policy is None and attached.aws_managed is None
        for bearer in bearers
        for attached in bearer.attached
    )
    absent = len(user.everyone.groups_of(user.identity)) < len(set(user.identity.groups))
    return unread or absent or any(bearer.unknown for bearer in bearers)
