"""The self-service of Keywright that every user has: own password and own MFA devices.

A step belongs to it only if its statement equals the product's for that user exactly, and only together with all of its statements.
Anything else, such as a changed statement or a part of them, is written in full.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from keywright.policy.matching.arn import Arn
from keywright.policy.principals import PrincipalKind, principal
from keywright.review.result import Change, Step, Subject
from keywright.statements.self_service import command_line_statement, self_service_statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright.policy.statement import Statement

SELF_SERVICE = "the self-service of every user (own password, own MFA devices)"
COMMAND_LINE = "sign in to the AWS CLI with `aws login`"


def split_self_service(change: Change, steps: Sequence[Step]) -> tuple[list[Step], list[Step]]:
    """Separate the self-service of every user from all other steps."""
    wanted = {_content(each.to_json()) for each in _own_statements(change)}
    own = [each for each in steps if _is_plain(each) and _content(each.statement) in wanted]
    if not own or {_content(each.statement) for each in own} != wanted:
        return list(steps), []
    return [each for each in steps if not any(each is one for one in own)], own


def is_command_line(change: Change, step: Step) -> bool:
    """Tell whether a step is exactly the permission for `aws login`."""
    arn = _user(change)
    if arn is None or not _is_plain(step):
        return False
    wanted = command_line_statement(partition=arn.partition, account=arn.account)
    return _content(step.statement) == _content(wanted.to_json())


def _own_statements(change: Change) -> tuple[Statement, ...]:
    arn = _user(change)
    if arn is None:
        return ()
    path = arn.resource.removeprefix("user").rpartition("/")[0] + "/"
    return self_service_statements(arn.partition, arn.account, path)


def _user(change: Change) -> Arn | None:
    is_user = change.subject is Subject.ACCESS and principal(change.arn).kind is PrincipalKind.USER
    return Arn.parse(change.arn) if is_user else None


def _is_plain(step: Step) -> bool:
    """Tell whether a step depends on its statement alone."""
    return bool(step.statement) and not (step.because or step.where or step.statement_before)


def _content(statement: Mapping[str, Any]) -> str:
    """Write a statement without its Sid, and with lists in one order."""
    return json.dumps({**_sorted(statement), "Sid": ""}, sort_keys=True)


def _sorted(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(map(str, value))
    return {key: _sorted(each) for key, each in value.items()} if isinstance(value, dict) else value
