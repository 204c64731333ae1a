"""How a difference is undone, and what to declare if it should stay.

CloudFormation compares a new template with the last one, not with the account. A deployment of the same templates therefore
changes nothing of a drift. `cdk deploy --revert-drift` makes a change set that is aware of drift: it restores those
properties that the template sets ("Using drift-aware change sets", CloudFormation User Guide). What no template mentions,
such as an access key or a user that somebody created, only a call of IAM undoes.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from keywright.live.verification.expected import COMMAND_LINE_GROUP, GUARD_GROUP, SESSION_TOKEN_GROUP
from keywright.live.verification.identity_differences import Aspect
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.live.verification.expected import ExpectedIdentity
    from keywright.live.verification.identity_differences import IdentityDifference

_RESERVED = frozenset({GUARD_GROUP, COMMAND_LINE_GROUP, SESSION_TOKEN_GROUP})
"""Groups whose members follow from other declarations."""
_LONGEST = 400
"""Characters of a declaration that is written whole; of a longer one, only what it declares is said."""


def iam(operation: str, **options: str) -> str:
    """Write a command of the AWS CLI."""
    words = [f"--{name.replace('_', '-')} {shlex.quote(value)}" for name, value in options.items()]
    return f"`aws iam {' '.join((operation, *words))}`"


def revert(stack: str) -> str:
    """Write the command that restores what a template sets."""
    return (
        f"`npx cdk deploy {shlex.quote(stack)} --revert-drift`"
        if stack
        else "`npx cdk deploy --revert-drift`"
    )


def repair_of(  # noqa: PLR0911 - one case for each aspect
    kind: str, name: str, each: IdentityDifference, expected: ExpectedIdentity
) -> str:
    """Give the command that undoes one difference; empty if there is no single one."""
    owner = {f"{kind}_name": name}
    match each.aspect:
        case Aspect.MEMBERSHIP:
            operation = "remove-user-from-group" if each.is_extra else "add-user-to-group"
            return iam(operation, user_name=name, group_name=each.what)
        case Aspect.ATTACHED:
            operation = f"{'detach' if each.is_extra else 'attach'}-{kind}-policy"
            return iam(operation, **owner, policy_arn=each.what)
        case Aspect.INLINE if each.is_extra:
            return iam(f"delete-{kind}-policy", **owner, policy_name=each.what)
        case Aspect.BOUNDARY if not expected.boundaries:
            return iam(f"delete-{kind}-permissions-boundary", **owner)
        case Aspect.BOUNDARY:
            (boundary, *_) = sorted(expected.boundaries)
            return iam(f"put-{kind}-permissions-boundary", **owner, permissions_boundary=boundary)
        case Aspect.LOGIN if each.is_extra:
            return iam("delete-login-profile", user_name=name)
        case Aspect.TAG if each.what in expected.tags:
            tag = f"Key={each.what},Value={expected.tags[each.what]}"
            return iam(f"tag-{kind}", **owner, tags=tag)
        case Aspect.TAG:
            return iam(f"untag-{kind}", **owner, tag_keys=each.what)
    return ""


def keep_of(each: IdentityDifference) -> str:  # noqa: PLR0911 - one case for each aspect
    """Say what to declare so that a difference stays; empty if no declaration allows it."""
    match each.aspect:
        case Aspect.MEMBERSHIP if each.what in _RESERVED:
            return ""
        case Aspect.MEMBERSHIP:
            verb = "add" if each.is_extra else "remove"
            return f"{verb} {quoted(each.what)} {'to' if each.is_extra else 'from'} its `groups:`"
        case Aspect.ATTACHED if each.is_extra:
            return f"add `{{managed: {managed_name(each.what)}, because: …}}` to its `policies:`"
        case Aspect.ATTACHED:
            return f"remove {quoted(managed_name(each.what))} from its `policies:`"
        case Aspect.LOGIN if each.is_extra:
            return "`console: true`"
        case Aspect.LOGIN:
            return "`console: false`"
        case Aspect.TAG if each.is_extra:
            return f"add {quoted(each.what)} to its `tags:`"
        case Aspect.TAG:
            return f"change {quoted(each.what)} in its `tags:`"
    return ""


def keep_statement(statement: Mapping[str, Any]) -> str:
    """Write an Allow statement as a grant of a declaration; empty if the language has no such statement."""
    if statement.get("Effect") != "Allow" or "NotAction" in statement or "NotResource" in statement:
        return ""
    written: dict[str, Any] = {
        "effect": "allow",
        "actions": _list(statement.get("Action")),
        "resources": _list(statement.get("Resource")),
    }
    if "Principal" in statement or written["actions"] == ["*"]:
        return ""
    if statement.get("Condition"):
        written["conditions"] = statement["Condition"]
    # JSON is YAML, so the text can be pasted.
    text = f"`statement: {json.dumps(written, ensure_ascii=False)}`"
    return text if len(text) <= _LONGEST else "a grant for its statement"


def managed_name(arn: str) -> str:
    """Give the name of an AWS managed policy, as declarations have it; the ARN of any other."""
    owner, _, name = arn.partition(":policy/")
    return name if owner.endswith(":aws") else arn


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
