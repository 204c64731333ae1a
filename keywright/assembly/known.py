"""What an assembly's values come to for reasoning: texts and statements in which unknown parts never mislead.

A part that only the deployment knows becomes a symbol, `<Reference>`, that equals itself alone. A document is read
twice where parts are unknown: as the most that it may allow, and as the least that it allows in any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright.assembly.value import Text, Unknown
from keywright.policy.document import Document, Unread
from keywright.policy.statement import VERSION_WITH_VARIABLES, Effect, Statement

if TYPE_CHECKING:
    from keywright.assembly.document import Policy, Texts, WrittenStatement

_PARTITION, _ACCOUNT = "AWS::Partition", "AWS::AccountId"


@dataclass(frozen=True)
class Spelling:
    """How unknown parts are spelled: the partition as the commercial one, the account as `account` if there is one."""

    account: str = ""

    def text(self, text: Text) -> str:
        """Spell a text with a symbol for each unknown part."""
        return "".join(part if isinstance(part, str) else self._symbol(part) for part in text.parts)

    def _symbol(self, part: Unknown) -> str:
        """Write no character that separates anything in an ARN."""
        if part.reference == _PARTITION:
            return "aws"
        if part.reference == _ACCOUNT and self.account:
            return self.account
        named = "|".join(filter(None, (part.origin, part.reference or part.reason)))
        return f"<{named.replace('::', '.').replace(':', '.').replace('/', '|')}>"

    def most(self, policy: Policy) -> Document:
        """Give all that may allow, and what denies in every case; unknown parts of what allows may be wildcards."""
        return self._document(policy, counting=Effect.ALLOW)

    def least(self, policy: Policy) -> Document:
        """Give what allows in every case, and all that may deny; unknown parts of what denies may be wildcards."""
        return self._document(policy, counting=Effect.DENY)

    def _document(self, policy: Policy, counting: Effect) -> Document:
        statements = [
            self._statement(each, wide=_effect(each, counting) is counting)
            for each in policy.statements
            if _effect(each, counting) is counting or _is_sure(each, policy)
        ]
        unread = [Unread("/Statement", each.reason) for each in policy.unreadable]
        unread += [
            Unread(f"/Statement/{each.index}/{element}", unknown.reason)
            for each in policy.statements
            for element, unknown in _unknown(each).items()
        ]
        return Document(
            tuple(statements),
            VERSION_WITH_VARIABLES,
            unread=tuple(unread),
            file=policy.holder.template.file,
        )

    def _statement(self, written: WrittenStatement, *, wide: bool) -> Statement:
        return Statement(
            effect=Effect.ALLOW if written.may_allow else Effect.DENY,
            actions=self._texts(written.actions, wide=wide),
            not_actions=self._texts(written.not_actions, wide=not wide),
            resources=self._texts(written.resources, wide=wide),
            not_resources=self._texts(written.not_resources, wide=not wide),
            principals={kind: self._texts(values) for kind, values in written.principals.items()},
            not_principals={kind: self._texts(values) for kind, values in written.not_principals.items()},
            conditions={
                operator: {key: self._texts(values) for key, values in keys.items()}
                for operator, keys in written.conditions.items()
            },
            sid=written.sid,
            knows_variables=written.knows_variables,
            pointer=f"/Statement/{written.index}",
        )

    def _texts(self, values: Texts, *, wide: bool = False) -> tuple[str, ...]:
        return tuple(_wide(each) if wide and not each.is_single else self.text(each) for each in values)


def is_certain(policy: Policy) -> bool:
    """Tell whether a policy comes out in one way, without unknown parts that could be wildcards or elements."""
    if len(policy.documents) > 1 or policy.unreadable:
        return False
    return all(each.is_single and not _unknown(each) for each in policy.statements)


def _effect(written: WrittenStatement, unknown: Effect) -> Effect:
    return written.effect if isinstance(written.effect, Effect) else unknown


def _is_sure(written: WrittenStatement, policy: Policy) -> bool:
    return all(written in document.statements for document in policy.documents)


def _unknown(written: WrittenStatement) -> dict[str, Unknown]:
    found = dict(written.unknown)
    if isinstance(written.effect, Unknown):
        found["Effect"] = written.effect
    return found


def _wide(text: Text) -> str:
    return "".join(part if isinstance(part, str) else "*" for part in text.parts)
