"""Which account IDs in a template are its own, if the stack names no account.

Some properties accept ARNs of the own account only: a permissions boundary, an attached managed policy, an identity
provider, a role passed to a function. An account whose resources the policies name is likely the own one too.

Source: CloudFormation template reference and IAM User Guide, for what each property accepts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.guardrails.subjects.template_nodes import template_nodes
from keywright.policy.matching.context import MAYBE, NO, YES, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.assembly.templates.template import Template
    from keywright.assembly.templates.value import Text
    from keywright.guardrails.subjects.template_nodes import Path

_NUMBER = re.compile(r"[0-9]{12}")
_IDENTITY = re.compile(r"arn:[^:]*:iam::([0-9]{12}):")
_RESOURCE = re.compile(r"arn:[^:]*:[^:]*:[^:]*:([0-9]{12}):")
_OWN_ACCOUNT_PROPERTIES = frozenset(
    {"PermissionsBoundary", "ManagedPolicyArns", "Federated", "ExecutionRoleArn", "TaskRoleArn", "Role"}
)
_RESOURCE_ELEMENTS = frozenset({"Resource", "NotResource"})
_ACCOUNT_PARAMETER = re.compile(r"(?i)(?:aws|my|own|this|current)?_?account_?(?:id|number|no)?")


def is_own_account(account: Text, template: Template) -> Truth:
    """Return whether an account that is not `AWS::AccountId` is the own account.

    A parameter is not, as the own account needs none, unless its name is just "account".
    """
    literal = account.literal
    if literal is None:
        return NO if _is_parameter(account, template) else MAYBE
    if not _NUMBER.fullmatch(literal):
        return MAYBE
    # The stack names its account, so that any other number is another account.
    if template.account:
        return NO
    return _numbers(template).get(literal, NO)


def _is_parameter(account: Text, template: Template) -> bool:
    names = [each.reference for each in account.unknowns]
    return len(names) == 1 == len(account.parts) and all(
        name in template.parameters and not _ACCOUNT_PARAMETER.fullmatch(name) for name in names
    )


@lru_cache(maxsize=8)
def _numbers(template: Template) -> Mapping[str, Truth]:
    """Return the account IDs that are certainly the own account (if it is only one), and those that may be."""
    certain, likely = set[str](), set[str]()
    for node in template_nodes(template, "Resources"):
        if isinstance(node.value, str) and "arn:" in node.value:
            certain.update(_found(_IDENTITY, _OWN_ACCOUNT_PROPERTIES, node.path, node.value))
            likely.update(_found(_RESOURCE, _RESOURCE_ELEMENTS, node.path, node.value))
    return {**dict.fromkeys(likely, MAYBE), **dict.fromkeys(certain, YES if len(certain) == 1 else MAYBE)}


def _found(form: re.Pattern[str], names: frozenset[str], path: Path, text: str) -> list[str]:
    last_two = {step for step in path[-2:] if isinstance(step, str)}
    return form.findall(text) if last_two & names else []
