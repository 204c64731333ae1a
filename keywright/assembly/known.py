"""What an assembly's values come to for reasoning: texts and statements in which unknown parts never mislead.

A part that only the deployment knows becomes a symbol, `<Reference>`, that equals itself alone. Where it may turn out
to be a wildcard it is taken for one in what allows, and for nothing in what denies: never too little is allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.value import Text, Unknown
from keywright.policy.document import Document, Unread
from keywright.policy.statement import VERSION_WITH_VARIABLES, Effect, Statement

if TYPE_CHECKING:
    from keywright.assembly.document import Policy, Texts, WrittenStatement

_PARTITION = "AWS::Partition"


def spelled(text: Text) -> str:
    """Spell a text with a symbol for each unknown part; the partition is taken for the commercial one."""
    return "".join(part if isinstance(part, str) else _symbol(part) for part in text.parts)


def _symbol(part: Unknown) -> str:
    """Write no character that separates anything in an ARN."""
    if part.reference == _PARTITION:
        return "aws"
    named = "|".join(filter(None, (part.origin, part.reference or part.reason)))
    return f"<{named.replace('::', '.').replace(':', '.').replace('/', '|')}>"


def granting(policy: Policy) -> Document:
    """Give the document that a policy may come to: all that may allow, and what denies in every case."""
    statements = [_statement(each) for each in policy.statements if _counts(each, policy)]
    unread = [Unread("/Statement", each.reason) for each in policy.unreadable]
    unread += [
        Unread(f"/Statement/{each.index}/{element}", unknown.reason)
        for each in policy.statements
        for element, unknown in _unknown(each).items()
    ]
    return Document(tuple(statements), VERSION_WITH_VARIABLES, unread=tuple(unread))


def _counts(written: WrittenStatement, policy: Policy) -> bool:
    return written.may_allow or all(written in document.statements for document in policy.documents)


def _unknown(written: WrittenStatement) -> dict[str, Unknown]:
    found = dict(written.unknown)
    if isinstance(written.effect, Unknown):
        found["Effect"] = written.effect
    return found


def _statement(written: WrittenStatement) -> Statement:
    allows = written.may_allow
    return Statement(
        effect=Effect.ALLOW if allows else Effect.DENY,
        actions=_texts(written.actions, widened=allows),
        not_actions=_texts(written.not_actions, widened=not allows),
        resources=_texts(written.resources, widened=allows),
        not_resources=_texts(written.not_resources, widened=not allows),
        principals={kind: _texts(values, widened=False) for kind, values in written.principals.items()},
        not_principals={
            kind: _texts(values, widened=False) for kind, values in written.not_principals.items()
        },
        conditions={
            operator: {key: _texts(values, widened=False) for key, values in keys.items()}
            for operator, keys in written.conditions.items()
        },
        sid=written.sid,
        knows_variables=written.knows_variables,
        pointer=f"/Statement/{written.index}",
    )


def _texts(values: Texts, *, widened: bool) -> tuple[str, ...]:
    return tuple(_wide(each) if widened and not each.is_single else spelled(each) for each in values)


def _wide(text: Text) -> str:
    return "".join(part if isinstance(part, str) else "*" for part in text.parts)
