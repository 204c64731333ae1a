"""The principals that a statement of a trust or resource-based policy allows, and the conditions on each.

Sources: "AWS JSON policy elements: Principal", "How to use trust policies with IAM roles" and "The confused deputy
problem", IAM User Guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import LONGEST_TEXT, Text, Unknown, text
from keywright.guardrails.subjects.condition_tests import ConditionTest, every_value
from keywright.guardrails.subjects.effective_conditions import EffectiveConditions, effective_conditions
from keywright.policy.matching.context import Truth, negation, truth
from keywright.policy.matching.memoize import memoized
from keywright.policy.matching.patterns import Glob, action_pattern
from keywright.policy.statement import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.policy_documents import Policy, TemplateStatement, Texts

MFA_PRESENT = "aws:multifactorauthpresent"
MFA_AGE = "aws:multifactorauthage"
_ORGANIZATION = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
_ACCOUNT = "aws:principalaccount"
_ARN = "aws:principalarn"


@dataclass(frozen=True)
class AllowedPrincipal:
    """One principal, by kind and value, that a statement allows some of `actions` (in lower case).

    `own` is the account of the policy. `value` is unknown if the template does not contain the principal.
    """

    statement: TemplateStatement
    kind: str
    value: Text
    actions: tuple[str, ...]
    own: Text
    conditions: EffectiveConditions

    @cached_property
    def is_allowed(self) -> Truth:
        """Return whether the statement allows one of the actions, and no Deny of the policy denies it again."""
        covered = max(covers_action(self.statement, action) for action in self.actions)
        return min(allows(self.statement), covered, negation(self.conditions.is_denied))

    @property
    def shown(self) -> str:
        """Show the principal as the policy names it."""
        return str(self.value) if self.kind in ("*", "") else f"{self.kind}: {self.value}"

    @cached_property
    def names_everyone(self) -> Truth:
        """Return whether the principal is everyone, or may be."""
        if not self.kind:
            return Truth.MAYBE
        if self.value.surely_has("*?"):
            return Truth.YES
        if self.kind in ("Service", "Federated"):
            return Truth.NO
        return Truth.NO if not self.value.may_be("*") else Truth.MAYBE

    @cached_property
    def accounts(self) -> tuple[Text, ...]:
        """Return the accounts of the principal: the named one, or those to which conditions restrict everyone."""
        found = [account_of(self.value)] if self.kind == "AWS" else []
        if self.names_everyone is Truth.YES:
            found += [
                value if test.key == _ACCOUNT else account_of(value)
                for test in self.conditions.tests
                if test.is_positive and test.key in (_ACCOUNT, _ARN)
                for value in test.values
            ]
        return tuple(dict.fromkeys(account for account in found if account is not None))

    def is_own(self, account: Text) -> Truth:
        """Return whether an account is the account of the policy."""
        return truth(account == self.own)

    @cached_property
    def requires_organization(self) -> Truth:
        """Return whether callers must belong to a certain organization."""
        return self.conditions.restricts(_ORGANIZATION.__contains__, _is_one_organization)

    @cached_property
    def requires_account(self) -> Truth:
        """Return whether callers must belong to certain accounts."""
        return max(
            self.conditions.restricts(_ACCOUNT.__eq__, _is_one_value),
            self.conditions.restricts(_ARN.__eq__, _is_one_account),
        )

    @cached_property
    def requires_one_role(self) -> Truth:
        """Return whether `aws:PrincipalArn` restricts callers to certain roles, each by its whole ARN."""
        return self.conditions.restricts(_ARN.__eq__, _is_one_role)

    @cached_property
    def requires_external_id(self) -> Truth:
        """Return whether callers must send an external ID."""
        return self.conditions.restricts("sts:externalid".__eq__)

    @cached_property
    def requires_mfa(self) -> Truth:
        """Return whether callers must have used MFA: a test that a missing key passes does not count."""
        return max(
            self.conditions.restricts(MFA_PRESENT.__eq__, _is_true),
            self.conditions.restricts(MFA_AGE.__eq__, _is_upper_bound),
        )

    @cached_property
    def users(self) -> tuple[Text, ...]:
        """Return the IAM users that the statement names, as principals or by `aws:PrincipalArn`."""
        values = [self.value] if self.kind == "AWS" else []
        for test in self.conditions.tests:
            if test.is_positive and test.key == _ARN:
                values += test.values
        fields = [fields_of(value) for value in values]
        return tuple(
            value
            for value, several in zip(values, fields, strict=True)
            if len(several) > 5 and several[5].prefix.startswith("user/")  # noqa: PLR2004 - the sixth field
        )


def allowed_principals(
    statement: TemplateStatement, policy: Policy, own: Text, actions: tuple[str, ...]
) -> Iterator[AllowedPrincipal]:
    """Return the principals of a statement; one without a kind if the template does not contain them."""
    named = [(kind, value) for kind, values in statement.principals.items() for value in values]
    hidden = statement.unknown.get("Principal")
    if hidden is not None or not named:
        named.append(("", Text((hidden or Unknown("no principal is named"),))))
    denials = list(_denials(statement, policy, actions))
    for kind, value in named:
        covering = [
            (each, min(certainty, covers_principal(each, kind, value, own))) for each, certainty in denials
        ]
        conditions = effective_conditions(statement, [each for each in covering if each[1] is not Truth.NO])
        yield AllowedPrincipal(statement, kind, value, actions, own, conditions)


MAXIMUM_STATEMENTS = 500
"""Policies with more statements are read without their denials. No AWS policy is so long, and ignoring denials hides no finding."""


def _denials(
    allow: TemplateStatement, policy: Policy, actions: tuple[str, ...]
) -> Iterator[tuple[TemplateStatement, Truth]]:
    """Return the denials of the policy that apply to an Allow, each with how certain that is."""
    if not allow.may_allow or len(policy.statements) > MAXIMUM_STATEMENTS:
        return
    wanted = [action for action in actions if covers_action(allow, action) is not Truth.NO]
    documents = [each for each in policy.documents if allow in each.statements]
    for denial in policy.statements:
        if denial.effect is Effect.ALLOW:
            continue
        covers = min((covers_action(denial, action) for action in wanted), default=Truth.NO)
        certainty = min(negation(allows(denial)), covers)
        certainty = (
            min(certainty, covers_resources(denial, allow)) if certainty is not Truth.NO else certainty
        )
        if certainty is not Truth.NO:
            always = all(denial in document.statements for document in documents)
            yield denial, certainty if always else Truth.MAYBE


def covers_resources(denial: TemplateStatement, allow: TemplateStatement) -> Truth:
    """Return whether a Deny covers all resources of an Allow; in a trust policy neither has any."""
    if denial.not_resources or "Resource" in denial.unknown:
        return Truth.MAYBE
    if not denial.resources:
        return Truth.YES
    patterns = [Glob.parse(str(each)) for each in denial.resources if each.is_single]
    covered = all(any(pattern.matches(str(each)) for pattern in patterns) for each in allow.resources)
    if covered and allow.resources:
        return Truth.YES
    return Truth.NO if all(each.is_single for each in denial.resources) else Truth.MAYBE


def covers_principal(denial: TemplateStatement, kind: str, value: Text, own: Text) -> Truth:
    """Return whether a Deny covers every caller of a principal."""
    if "Principal" in denial.unknown or "NotPrincipal" in denial.unknown:
        return Truth.MAYBE
    if denial.not_principals:
        excepted = [
            _covers(name, each, kind, value, own)
            for name, values in denial.not_principals.items()
            for each in values
        ]
        return negation(max(excepted, default=Truth.NO))
    return max(
        (
            _covers(name, each, kind, value, own)
            for name, values in denial.principals.items()
            for each in values
        ),
        default=Truth.NO,
    )


def _covers(name: str, named: Text, kind: str, value: Text, own: Text) -> Truth:
    if name in ("*", "AWS") and named.literal == "*":
        return Truth.YES
    if not kind or named.may_have("*?"):
        return Truth.MAYBE
    if name != kind:
        return Truth.NO
    if named == value:
        return Truth.YES
    # The root of an account as principal means all its identities ("AWS JSON policy elements: Principal").
    if kind == "AWS" and _is_root(named, own) and account_of(value) == account_of(named):
        return Truth.YES
    return Truth.NO if named.is_single else Truth.MAYBE


def _is_root(principal: Text, own: Text) -> bool:
    fields = fields_of(principal)
    return principal == own or len(fields) == 1 or fields[-1].literal == "root"


def allows(statement: TemplateStatement) -> Truth:
    """Return whether a statement allows."""
    if isinstance(statement.effect, Unknown):
        return Truth.MAYBE
    return truth(statement.effect is Effect.ALLOW)


def covers_action(statement: TemplateStatement, action: str) -> Truth:
    """Return whether a statement covers an action (in lower case), by wildcards and `NotAction` too."""
    if "Action" in statement.unknown or "NotAction" in statement.unknown:
        return Truth.MAYBE
    if statement.not_actions:
        return negation(_any_covers(statement.not_actions, action))
    return _any_covers(statement.actions, action)


def _any_covers(patterns: Texts, action: str) -> Truth:
    return max((_pattern_covers(pattern, action) for pattern in patterns), default=Truth.NO)


def _pattern_covers(pattern: Text, action: str) -> Truth:
    if pattern.literal is not None:
        return truth(action_pattern(pattern.literal).covers(action))
    filled = "".join(part if isinstance(part, str) else "*" for part in pattern.parts)
    return Truth.MAYBE if action_pattern(filled).covers(action) else Truth.NO


def account_of(principal: Text) -> Text | None:
    """Return the account of a principal's ARN, or of an account ID; None for other principals."""
    fields = fields_of(principal)
    if len(fields) == 1:
        literal = principal.literal
        is_number = literal is not None and len(literal) == 12 and literal.isdigit()  # noqa: PLR2004 - digits of an account
        names_account = any(each.reference == "AWS::AccountId" for each in principal.unknowns)
        return principal if is_number or names_account else None
    return fields[4] if len(fields) >= 6 and fields[2].literal in ("iam", "sts") else None  # noqa: PLR2004 - fields of an ARN


def fields_of(arn: Text) -> list[Text]:
    """Split an ARN into its fields; an unknown part is assumed to contain no colon."""
    literal = arn.literal
    if literal is not None and len(literal) <= LONGEST_TEXT:
        return list(_known_fields(literal))
    fields: list[Text] = [Text()]
    for part in arn.parts:
        pieces = part.split(":") if isinstance(part, str) else [part]
        fields[-1] = text(fields[-1], pieces[0])
        fields += [text(piece) for piece in pieces[1:]]
    rest = [piece for field in fields[6:] for piece in (":", field)]
    return [*fields[:5], text(*fields[5:6], *rest)] if len(fields) > 5 else fields  # noqa: PLR2004 - the sixth holds the rest


@memoized
def _known_fields(arn: str) -> tuple[Text, ...]:
    return tuple(Text((each,)) if each else Text() for each in arn.split(":", 5))


def _is_one_value(test: ConditionTest) -> Truth:
    """Return whether each value of a test matches one value only."""
    if not test.matches_patterns:
        return Truth.YES
    return min((_without_wildcards(value) for value in test.values), default=Truth.NO)


def _is_one_organization(test: ConditionTest) -> Truth:
    """Return whether each value begins with the ID of one organization; the path after it can be a pattern."""
    if not test.matches_patterns:
        return Truth.YES
    return min((_without_wildcards(_before(value, "/")) for value in test.values), default=Truth.NO)


def _before(value: Text, separator: str) -> Text:
    head, found, _ = value.prefix.partition(separator)
    return Text((head,)) if found else value


def _is_one_account(test: ConditionTest) -> Truth:
    fields = [fields_of(value) for value in test.values]
    if not all(len(each) > 4 for each in fields):  # noqa: PLR2004 - the account is the fifth field
        return Truth.NO
    return min((_without_wildcards(each[4]) for each in fields), default=Truth.NO)


def _is_one_role(test: ConditionTest) -> Truth:
    fields = [fields_of(value) for value in test.values]
    if not all(len(each) > 5 and each[5].prefix.startswith("role/") for each in fields):  # noqa: PLR2004 - the sixth field
        return Truth.NO
    return min((_without_wildcards(value) for value in test.values), default=Truth.NO)


def _without_wildcards(value: Text) -> Truth:
    if value.surely_has("*?"):
        return Truth.NO
    return Truth.YES if value.is_single else Truth.MAYBE


def _is_true(test: ConditionTest) -> Truth:
    return every_value(test.values, lambda value: value.lower() == "true")


def _is_upper_bound(test: ConditionTest) -> Truth:
    return truth(test.operator is not None and test.operator.relation.startswith("lessthan"))
