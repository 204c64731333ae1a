"""USR002: users who sign in are denied access without MFA.

What it checks
    A user that signs in has, by its own policies or by its groups, a Deny of everything (or of everything except some
    actions) where `aws:MultiFactorAuthPresent` is false or missing. A user with access keys and no login profile is
    software.

Why it matters
    Passwords are guessed, phished and reused.

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
    What the guard policy allows without MFA, and guard policies outside the assembly: then it is reported as
    undecided, as it is for a user that may be a person or software.

See
    IAM User Guide, "AWS: Allows MFA-authenticated IAM users to manage their own MFA device"; CIS AWS Foundations 1.9.
"""

from collections.abc import Iterator

from keywright.assembly.identities.collection import Identity
from keywright.assembly.templates.policy_documents import TemplateStatement
from keywright.guardrails.subjects.allowed_principals import MFA_PRESENT
from keywright.guardrails.subjects.condition_tests import condition_tests
from keywright.guardrails.subjects.kinds import User
from keywright.policy.matching.context import Truth
from keywright.policy.statement import Effect
from keywright.reporting.finding import Finding, Severity

CODE = "USR002"
SEVERITY = Severity.ERROR


def check(user: User) -> Iterator[Finding]:
    """Report a person without an MFA guard policy."""
    person = _is_person(user)
    identities = (user.identity, *user.everyone.groups_of(user.identity))
    if person is Truth.NO or any(_is_guarded(identity) for identity in identities):
        return
    certain = min(person, Truth.MAYBE if _has_unread_policies(user, identities) else Truth.YES)
    yield from user.place.answer(
        certain,
        CODE,
        f"user `{user.identity.label}` can act without MFA",
        when_undecided=f"user `{user.identity.label}` is a person that can act without MFA",
        found="no Deny without `aws:MultiFactorAuthPresent`",
        accepted="a group that denies everything except MFA enrollment while BoolIfExists `aws:MultiFactorAuthPresent` is false",
    )


def _is_person(user: User) -> Truth:
    if user.signs_in:
        return Truth.YES
    return Truth.NO if user.keys else Truth.MAYBE


def _is_guarded(identity: Identity) -> bool:
    return any(_is_guard(statement) for policy in identity.policies for statement in policy.statements)


def _is_guard(statement: TemplateStatement) -> bool:
    if statement.effect is not Effect.DENY or not _covers_everything(statement):
        return False
    tests = list(condition_tests(statement))
    return (
        # A further test narrows the Deny, so that some requests without MFA would pass.
        len(tests) == 1
        and tests[0].key == MFA_PRESENT
        and _applies_without_mfa(tests[0].operator_name, tests[0].values)
    )


def _covers_everything(statement: TemplateStatement) -> bool:
    actions = [each.literal for each in statement.actions]
    resources = [each.literal for each in statement.resources]
    return (bool(statement.not_actions) or "*" in actions) and "*" in resources


def _applies_without_mfa(operator: str, values: tuple[object, ...]) -> bool:
    shown = {str(each).lower() for each in values}
    return (operator.lower() == "boolifexists" and shown == {"false"}) or (
        operator.lower() == "null" and shown == {"true"}
    )


def _has_unread_policies(user: User, identities: tuple[Identity, ...]) -> bool:
    """Return whether some policy or group of the user is not in the assembly; AWS managed policies never guard."""
    unread = any(
        attached.policy is None and attached.aws_managed is None
        for identity in identities
        for attached in identity.attached
    )
    absent = len(user.everyone.groups_of(user.identity)) < len(set(user.identity.groups))
    return unread or absent or any(identity.unknown for identity in identities)
