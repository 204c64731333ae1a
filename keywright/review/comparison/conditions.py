"""Describe the conditions of a statement in words.

Well-known keys have their own words; other keys are named with the comparison. Nothing is left
out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.conditions import Family, SetOperator
from keywright.reporting.text import counted, joined

if TYPE_CHECKING:
    from keywright.policy.conditions import Condition, Operator
    from keywright.policy.statement import Statement

_MFA, _MFA_AGE, _TLS = "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:securetransport"
_NAMES = {
    "aws:sourceip": "the caller's address",
    "aws:currenttime": "the time",
    "aws:requestedregion": "the region",
    "aws:principalarn": "the caller's ARN",
    "aws:principalaccount": "the caller's account",
    "aws:principalorgid": "the caller's organization",
    "aws:username": "the user's name",
    "aws:sourcearn": "the source ARN",
    "aws:sourceaccount": "the source account",
    "aws:sourcevpce": "the VPC endpoint",
    "aws:sourcevpc": "the VPC",
    "aws:resourceaccount": "the resource's account",
    "iam:passedtoservice": "the service the role is passed to",
    "iam:permissionsboundary": "the new identity's permissions boundary",
    "s3:prefix": "the listed prefix",
    "sts:externalid": "the external ID",
}
_RELATIONS = {
    "equals": ("is", "is not"),
    "equalsignorecase": ("is (ignoring case)", "is not (ignoring case)"),
    "like": ("is like", "is not like"),
    "within": ("is within", "is not within"),
    "lessthan": ("is less than", ""),
    "lessthanequals": ("is at most", ""),
    "greaterthan": ("is more than", ""),
    "greaterthanequals": ("is at least", ""),
}
_OF_TIME = {
    "lessthan": "before",
    "lessthanequals": "until",
    "greaterthan": "after",
    "greaterthanequals": "from",
}
_PRESENCE = {"true": "absent", "false": "present"}
_HOUR, _MINUTE = 3_600, 60


def describe_conditions(statement: Statement) -> str:
    """Describe all conditions of a statement; empty if it has none."""
    return " and ".join(_describe(each) for each in statement.condition_tests)


def _describe(test: Condition) -> str:
    operator = test.operator
    if operator is None:
        return f"if {test.operator_name} {test.key} {_any_of(test.values)}, an unknown operator"
    return _describe_known_key(test, operator) or f"if {_describe_generic(test, operator)}"


def _describe_known_key(test: Condition, operator: Operator) -> str:
    key, values = test.lowered_key, tuple(each.lower() for each in test.values)
    # The short wording says nothing about several values, so set operators get the exact one.
    if operator.quantifier is not None:
        return ""
    absent = ", or if the request does not say" if operator.if_exists else ""
    if operator.family is Family.BOOL and key in {_MFA, _TLS} and len(values) == 1:
        what = "MFA" if key == _MFA else "TLS"
        return f"{'with' if values == ('true',) else 'without'} {what}{absent}"
    if key == _MFA_AGE and operator.relation == "lessthan" and values[0].isdigit():
        return f"with MFA used within the last {duration(int(values[0]))}{absent}"
    if key == "aws:currenttime" and operator.relation in _OF_TIME and len(values) == 1:
        return f"{_OF_TIME[operator.relation]} {test.values[0]}"
    return ""


def duration(seconds: int) -> str:
    """Write a length of time."""
    for size, word in ((_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds % size == 0 and seconds:
            number = seconds // size
            return counted(number, word)
    return f"{seconds} seconds"


def _describe_generic(test: Condition, operator: Operator) -> str:
    name = _NAMES.get(test.lowered_key, test.key)
    if operator.family is Family.NULL:
        return f"{name} is {' or '.join(_PRESENCE.get(each.lower(), each) for each in test.values)}"
    said = (
        f"{_QUANTIFIED[operator.quantifier].format(name)} {_RELATIONS[operator.relation][operator.negated]}"
    )
    # `ForAllValues` also matches a request without the key ("Set operators for multivalued context keys", IAM
    # User Guide).
    absent = f", or {name} is absent" if operator.if_exists or operator.quantifier is SetOperator.ALL else ""
    return f"{said} {_any_of(test.values)}{absent}"


_QUANTIFIED = {None: "{}", SetOperator.ALL: "every value of {}", SetOperator.ANY: "some value of {}"}


def _any_of(values: tuple[str, ...]) -> str:
    shown = [each or "an empty string" for each in values]
    return joined(shown, "or", none="nothing")
