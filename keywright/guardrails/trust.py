"""Trust policies: who a statement lets in, by which action, and what it asks of them.

Sources: "AWS JSON policy elements: Principal", "How to use trust policies with IAM roles" and "The confused deputy
problem", IAM User Guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from keywright.assembly.references import pseudo
from keywright.assembly.value import Text, Unknown, as_text, text
from keywright.guardrails.condition_tests import ConditionTest, condition_tests, every_value, pinned
from keywright.policy.actions import action_pattern
from keywright.policy.statement import Effect
from keywright.policy.truth import Truth, negation, truth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.document import Texts, WrittenStatement
    from keywright.assembly.identities import Identity
    from keywright.guardrails.place import Place

ASSUME_ROLE = "sts:assumerole"
WEB_IDENTITY = "sts:assumerolewithwebidentity"
SAML = "sts:assumerolewithsaml"
ENTRIES = (ASSUME_ROLE, WEB_IDENTITY, SAML)
"""The actions by which somebody comes in; the others only decorate the session."""

MFA_PRESENT = "aws:multifactorauthpresent"
MFA_AGE = "aws:multifactorauthage"
_ORGANIZATION = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
_ACCOUNT = "aws:principalaccount"
_ARN = "aws:principalarn"


@dataclass(frozen=True)
class TrustStatement:
    """One statement of a role's trust policy."""

    role: Identity
    statement: WrittenStatement
    place: Place

    @property
    def label(self) -> str:
        """Name the role in backticks."""
        return f"`{self.role.label}`"

    def lets_in_by(self, *actions: str) -> Truth:
        """Tell whether the statement allows one of these actions (in lower case)."""
        return min(allows(self.statement), max(covers_action(self.statement, action) for action in actions))

    @cached_property
    def everyone(self) -> tuple[tuple[Truth, str], ...]:
        """Give the principals that name, or may turn out to name, everyone; with how certain that is."""
        named = [
            (_names_everyone(value, kind), f"{kind}: {value}" if kind != "*" else "*")
            for kind, values in self.statement.principals.items()
            for value in values
        ]
        hidden = self.statement.unknown.get("Principal")
        if hidden is not None:
            named.append((Truth.MAYBE, str(hidden)))
        return tuple(each for each in named if each[0] is not Truth.NO)

    @cached_property
    def accounts(self) -> tuple[Text, ...]:
        """Give the accounts whose principals may come in by AssumeRole: named, or all that the conditions leave."""
        named = [account_of(value) for value in self.statement.principals.get("AWS", ())]
        if any(certain is Truth.YES for certain, _ in self.everyone):
            named += [
                value if test.key == _ACCOUNT else account_of(value)
                for test in condition_tests(self.statement)
                if test.is_positive and test.key in (_ACCOUNT, _ARN)
                for value in test.values
            ]
        return tuple(dict.fromkeys(account for account in named if account is not None))

    def is_own(self, account: Text) -> Truth:
        """Tell whether an account is the one that the role stands in."""
        own = own_account(self.role)
        if account == own:
            return Truth.YES
        if account.literal is not None:
            return Truth.NO
        return Truth.MAYBE

    @property
    def asks_for_organization(self) -> Truth:
        """Tell whether callers must belong to a certain organization."""
        return pinned(self.statement, _ORGANIZATION.__contains__, _within_organization)

    @property
    def asks_for_account(self) -> Truth:
        """Tell whether callers must belong to certain accounts."""
        return max(
            pinned(self.statement, _ACCOUNT.__eq__, _names_one),
            pinned(self.statement, _ARN.__eq__, _within_account),
        )

    @property
    def asks_for_external_id(self) -> Truth:
        """Tell whether callers must send an external ID."""
        return pinned(self.statement, "sts:externalid".__eq__)

    @property
    def asks_for_mfa(self) -> Truth:
        """Tell whether callers must have used a second factor: a test that an absent key does not pass."""
        present = pinned(self.statement, MFA_PRESENT.__eq__, _is_true)
        return max(present, pinned(self.statement, MFA_AGE.__eq__, _is_bound_above))

    @property
    def providers(self) -> Texts:
        """Give the identity providers it names."""
        return self.statement.principals.get("Federated", ())


def allows(statement: WrittenStatement) -> Truth:
    """Tell whether a statement allows."""
    if isinstance(statement.effect, Unknown):
        return Truth.MAYBE
    return truth(statement.effect is Effect.ALLOW)


def covers_action(statement: WrittenStatement, action: str) -> Truth:
    """Tell whether a statement is about an action (in lower case); wildcards and `NotAction` count."""
    if "Action" in statement.unknown or "NotAction" in statement.unknown:
        return Truth.MAYBE
    if statement.not_actions:
        return negation(_any_covers(statement.not_actions, action))
    return _any_covers(statement.actions, action)


def _any_covers(patterns: Texts, action: str) -> Truth:
    return max((_covers(pattern, action) for pattern in patterns), default=Truth.NO)


def _covers(pattern: Text, action: str) -> Truth:
    if pattern.literal is not None:
        return truth(action_pattern(pattern.literal).covers(action))
    filled = "".join(part if isinstance(part, str) else "*" for part in pattern.parts)
    return Truth.MAYBE if action_pattern(filled).covers(action) else Truth.NO


def _names_everyone(value: Text, kind: str) -> Truth:
    if value.surely_has("*?"):
        return Truth.YES
    if kind in ("Service", "Federated"):
        return Truth.NO
    return Truth.NO if not value.may_be("*") else Truth.MAYBE


def account_of(principal: Text) -> Text | None:
    """Give the account of a principal's ARN or of an account named by its number; None for other principals."""
    fields = fields_of(principal)
    if len(fields) == 1:
        literal = principal.literal
        is_number = literal is not None and len(literal) == 12 and literal.isdigit()  # noqa: PLR2004 - digits of an account
        names_account = any(each.reference == "AWS::AccountId" for each in principal.unknowns)
        return principal if is_number or names_account else None
    return fields[4] if len(fields) >= 6 and fields[2].literal in ("iam", "sts") else None  # noqa: PLR2004 - fields of an ARN


def fields_of(arn: Text) -> list[Text]:
    """Split an ARN into its six fields, as far as it has them; an unknown part is taken to hold no colon."""
    fields: list[Text] = [Text()]
    for part in arn.parts:
        pieces = part.split(":") if isinstance(part, str) else [part]
        fields[-1] = text(fields[-1], pieces[0])
        fields += [text(piece) for piece in pieces[1:]]
    rest = [piece for field in fields[6:] for piece in (":", field)]
    return [*fields[:5], text(*fields[5:6], *rest)] if len(fields) > 5 else fields  # noqa: PLR2004 - the sixth holds the rest


def own_account(role: Identity) -> Text:
    """Give the account that a role stands in; unknown where nobody pinned it."""
    return as_text(pseudo("AWS::AccountId", role.resource.template))


def _names_one(test: ConditionTest) -> Truth:
    """Tell whether no value of a test lets more than one thing through."""
    if not test.matches_patterns:
        return Truth.YES
    return min((_without_wildcards(value) for value in test.values), default=Truth.NO)


def _within_organization(test: ConditionTest) -> Truth:
    """Tell whether each value begins with the id of one organization; paths below it may be patterns."""
    if not test.matches_patterns:
        return Truth.YES
    return min((_without_wildcards(_before(value, "/")) for value in test.values), default=Truth.NO)


def _before(value: Text, separator: str) -> Text:
    head, found, _ = value.prefix.partition(separator)
    return Text((head,)) if found else value


def _within_account(test: ConditionTest) -> Truth:
    fields = [fields_of(value) for value in test.values]
    if not all(len(each) > 4 for each in fields):  # noqa: PLR2004 - the account is the fifth field
        return Truth.NO
    return min((_without_wildcards(each[4]) for each in fields), default=Truth.NO)


def _without_wildcards(value: Text) -> Truth:
    if value.surely_has("*?"):
        return Truth.NO
    return Truth.YES if value.is_single else Truth.MAYBE


def _is_true(test: ConditionTest) -> Truth:
    return every_value(test.values, lambda value: value.lower() == "true")


def _is_bound_above(test: ConditionTest) -> Truth:
    return truth(test.operator is not None and test.operator.relation.startswith("lessthan"))


def people_named(statement: TrustStatement) -> Iterator[Text]:
    """Give the IAM users that a statement names, as principals or by `aws:PrincipalArn`."""
    values = list(statement.statement.principals.get("AWS", ()))
    for test in condition_tests(statement.statement):
        if test.is_positive and test.key == _ARN:
            values += test.values
    for value in values:
        fields = fields_of(value)
        if len(fields) > 5 and fields[5].prefix.startswith("user/"):  # noqa: PLR2004 - the sixth field
            yield value
