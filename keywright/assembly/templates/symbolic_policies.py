"""Policies of an assembly in the form that reasoning takes: unknown parts become symbols or bounds.

A part known only at deployment becomes a symbol, `<Reference>`, equal only to itself. A document with unknown parts
is read twice: as the most that it may allow, and as the least that it certainly allows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import Text, Unknown
from keywright.policy.conditions import Family, SetOperator, operator_named
from keywright.policy.statement import VERSION_WITH_VARIABLES, Document, Effect, Statement, Unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.templates.policy_documents import Policy, TemplateStatement, Texts

    Conditions = dict[str, tuple[str, ...]]

UNKNOWN_PRINCIPAL = "?*"
"""Stands for an unknown principal: no policy may have such a pattern, so it never matches for certain."""
_PRINCIPAL_KEYS = frozenset({"aws:principalaccount", "aws:principalarn", "aws:resourceaccount"})
_BOUNDED = frozenset(
    {"Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
"""Elements that may be anything or nothing while unknown; any other unknown part leaves a policy unread."""
_NAMING = ("Principal", "NotPrincipal")
_FIELDS = 6
"""Fields of an ARN."""
_PARTITION, _ACCOUNT = "AWS::Partition", "AWS::AccountId"


@dataclass(frozen=True)
class Spelling:
    """How unknown parts are written: the partition as `aws`, the account as `account` if it is given.

    With `compares`, two assemblies are compared: an identifier in a condition's value equals the same one on the
    other side, and a wholly unknown element counts as anything or nothing.
    """

    account: str = ""
    compares: bool = False

    def text(self, text: Text) -> str:
        """Write a text with a symbol for each unknown part."""
        literal = text.literal
        if literal is not None:
            return literal
        return "".join(part if isinstance(part, str) else self._symbol(part) for part in text.parts)

    def _symbol(self, part: Unknown) -> str:
        # Policies and catalogue write `aws`, and an account is in one partition.
        if part.reference == _PARTITION:
            return "aws"
        return self.account if part.reference == _ACCOUNT and self.account else part.symbol

    def most(self, policy: Policy) -> Document:
        """Give all that may allow, and what denies in every case; unknown parts of what allows may be wildcards."""
        return self._document(policy, counting=Effect.ALLOW)

    def least(self, policy: Policy) -> Document:
        """Give what allows in every case, and all that may deny; unknown parts of what denies may be wildcards."""
        return self._document(policy, counting=Effect.DENY)

    def _document(self, policy: Policy, counting: Effect) -> Document:
        if policy.plain is not None:
            return policy.plain
        # Statements of the counting effect are read as wide as possible; those of the other effect count only if they
        # are certain, so that both bounds hold.
        spelled = (
            self._statement(each, wide=_effect(each, counting) is counting)
            for each in policy.statements
            if _effect(each, counting) is counting or (_is_sure(each, policy) and not self._is_left_out(each))
        )
        unread = [Unread("/Statement", each.reason) for each in policy.unreadable]
        unread += [
            Unread(f"/Statement/{each.index}/{element}", unknown.reason)
            for each in policy.statements
            for element, unknown in _unknown(each).items()
            if not (self.compares and element.partition(".")[0] in _BOUNDED)
        ]
        return Document(
            tuple(each for each in spelled if each is not None),
            VERSION_WITH_VARIABLES,
            unread=tuple(unread),
            file=policy.holder.template.file,
        )

    def _is_left_out(self, written: TemplateStatement) -> bool:
        """Tell whether a statement certainly does nothing, because an element of it is wholly unknown."""
        return self.compares and bool(_unknown(written))

    def symbolic(self, policy: Policy) -> Document | None:
        """Give a policy with a symbol for every unknown part, to be compared with equal symbols.

        None if a part cannot be written as a symbol.
        """
        # Symbols describe one document; with several, which one is deployed is open.
        if len(policy.documents) != 1 or policy.unreadable:
            return None
        statements = tuple(map(self._symbolic, policy.statements))
        known = tuple(each for each in statements if each is not None)
        if len(known) < len(statements):
            return None
        return Document(known, VERSION_WITH_VARIABLES, file=policy.holder.template.file)

    def _symbolic(self, written: TemplateStatement) -> Statement | None:
        is_fit = not _unknown(written).keys() - {"Resource"} and all(
            not each.unknowns
            or (each.is_single and key.lower() in _PRINCIPAL_KEYS)
            or _compares_texts(operator, each)
            for operator, key, values in _tests(written)
            for each in values
        )
        patterns = (*written.actions, *written.not_actions, *written.not_resources)
        return (
            written.as_statement(self.text) if is_fit and all(each.is_single for each in patterns) else None
        )

    def _statement(self, written: TemplateStatement, *, wide: bool) -> Statement | None:
        conditions = self._conditions(written, wide=wide)
        if conditions is None:
            return None
        return Statement(
            effect=Effect.ALLOW if written.may_allow else Effect.DENY,
            actions=self._texts(written.actions, wide=wide),
            # Fewer exceptions make a statement wider, so the `Not` elements are read the other way round.
            not_actions=self._texts(written.not_actions, wide=not wide),
            resources=self._texts(written.resources, wide=wide),
            not_resources=self._texts(written.not_resources, wide=not wide),
            principals=self._names(self._named(written, wide=wide), wide=wide),
            not_principals=self._names(written.not_principals, wide=not wide),
            conditions=conditions,
            sid=written.sid,
            knows_variables=written.knows_variables,
            pointer=f"/Statement/{written.index}",
        )

    def _named(self, written: TemplateStatement, *, wide: bool) -> Mapping[str, Texts]:
        """Give the principals of a statement; any principal if the element is wholly unknown."""
        unknown = next((written.unknown[each] for each in _NAMING if each in written.unknown), None)
        return {"AWS": (Text((unknown,)),)} if unknown and wide and self.compares else written.principals

    def _conditions(self, written: TemplateStatement, *, wide: bool) -> dict[str, Conditions] | None:
        """Give the weakest (`wide`) or the strictest conditions; None if the strictest cannot be met for certain."""
        found: dict[str, Conditions] = {}
        for operator, key, values in _tests(written):
            known = tuple(self.text(each) for each in values if not self.is_open(operator, key, each))
            if len(known) < len(values) and _narrows(operator) in {wide, None}:
                # Whatever the value is, the request must have the key.
                if wide and self.compares and _asks_presence(operator):
                    found.setdefault("Null", {})[key] = ("false",)
                    continue
                known = ()
            if known or not values:
                found.setdefault(operator, {})[key] = known
            elif not wide:
                return None
        return found

    def is_open(self, operator: str, key: str, value: Text) -> bool:
        """Tell whether it is undecided what a value equals: symbols equal only those of principals."""
        symbols = [each for each in value.unknowns if self._symbol(each) == each.symbol]
        if not symbols or (value.is_single and key.lower() in _PRINCIPAL_KEYS):
            return False
        return not (self.compares and value.is_single and _compares_texts(operator, value))

    def _names(self, named: Mapping[str, Texts], *, wide: bool) -> dict[str, tuple[str, ...]]:
        """Write principals; an unknown one may be any single principal, which is less than everyone."""
        return {
            kind: self._texts(values, wide=wide, anything=UNKNOWN_PRINCIPAL) for kind, values in named.items()
        }

    def _texts(self, values: Texts, *, wide: bool = False, anything: str = "*") -> tuple[str, ...]:
        return tuple(self._wide(each, anything) if wide else self.text(each) for each in values)

    def _wide(self, text: Text, anything: str) -> str:
        """Write a wildcard for what may be more than one thing."""
        return "".join(
            part if isinstance(part, str) else self._symbol(part) if part.is_identifier else anything
            for part in text.parts
        )


def is_certain(policy: Policy, spelling: Spelling | None = None) -> bool:
    """Tell whether a policy has one meaning: no unknown part may be a wildcard, an element or a value."""
    if policy.plain is not None:
        return True
    spelled = spelling or Spelling()
    if len(policy.documents) > 1 or policy.unreadable:
        return False
    return all(each.is_single and not _unknown(each) for each in policy.statements) and not any(
        spelled.is_open(operator, key, value)
        for each in policy.statements
        for operator, key, values in _tests(each)
        for value in values
    )


def _effect(written: TemplateStatement, unknown: Effect) -> Effect:
    return written.effect if isinstance(written.effect, Effect) else unknown


def _is_sure(written: TemplateStatement, policy: Policy) -> bool:
    """Tell whether every possible document of a policy has a statement, at any index."""
    wanted = replace(written, index=0)
    return len(policy.documents) == 1 or all(
        any(replace(each, index=0) == wanted for each in document.statements) for document in policy.documents
    )


def _unknown(written: TemplateStatement) -> dict[str, Unknown]:
    found = dict(written.unknown)
    if isinstance(written.effect, Unknown):
        found["Effect"] = written.effect
    return found


def _tests(written: TemplateStatement) -> Iterator[tuple[str, str, Texts]]:
    for operator, keys in written.conditions.items():
        for key, values in keys.items():
            yield operator, key, values


def _asks_presence(operator: str) -> bool:
    """Tell whether a request without the key fails, whatever the required value."""
    known = operator_named(operator)
    return (
        known is not None
        and known.family is not Family.NULL
        and not (known.negated or known.if_exists)
        and known.quantifier is not SetOperator.ALL
    )


def _compares_texts(operator: str, value: Text) -> bool:
    """Tell whether an operator compares a value literally: any string, or what is certainly an ARN."""
    known = operator_named(operator)
    if known is None or known.family not in {Family.STRING, Family.ARN} or "ignorecase" in known.relation:
        return False
    colons = sum(part.count(":") for part in value.parts if isinstance(part, str))
    return known.family is Family.STRING or (value.prefix.startswith("arn:") and colons >= _FIELDS - 1)


def _narrows(operator: str) -> bool | None:
    """Tell whether fewer values make a condition stricter (not a negated one); None if unknown."""
    known = operator_named(operator)
    return None if known is None or known.family is Family.NULL else not known.negated
