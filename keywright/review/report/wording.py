"""The lines of one change: who, what, an example request and its location; and escaping of untrusted text in Markdown."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from keywright.policy.principals import PrincipalKind, principal
from keywright.reporting.text import counted, joined
from keywright.review.report.self_service import SELF_SERVICE, split_self_service
from keywright.review.result import LEVEL_VERBS, LEVELS, Change, Step, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from keywright.reporting.finding import Location


_RUNS = re.compile("`+")
_NAMED = re.compile("`[^`]*`:? ")
_OUR_OWN = re.compile(r"(?:[A-Za-z0-9 ,;:'()%-]|\.(?![A-Za-z0-9]))*")
"""Characters of our own sentences, none of which is markup."""
LONGEST = 300


def code(text: object, longest: int = LONGEST) -> str:
    """Write a text as a code span; a long text is cut, with a note."""
    plain = visible(str(text))
    if len(plain) > longest:
        plain = f"{plain[:longest]}… ({len(plain) - longest} more characters)"
    # CommonMark, "Code spans": a span ends at the next run of equally many backticks, so a longer run cannot
    # be closed by the text.
    fence = "`" * (max((len(run) for run in _RUNS.findall(plain)), default=0) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") or not plain.strip() else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def prose(text: str) -> str:
    """Write a sentence with its quoted parts as code spans; all as one span if it contains other characters."""
    parts = text.split("`")
    # An odd backtick, or a character that our sentences never contain, means that untrusted text is outside
    # of the quotes.
    if len(parts) % 2 == 0 or not all(_OUR_OWN.fullmatch(each) for each in parts[::2]):
        return code(text.replace("`", "'"))
    return "".join(code(each) if index % 2 else each for index, each in enumerate(parts))


def reason(text: str) -> str:
    """Write a sentence that may quote anything: a name at its start and one more quotation, else one span."""
    named = _NAMED.match(text)
    start, rest = (named[0], text[named.end() :]) if named else ("", text)
    return f"{prose(start)}{prose(rest) if rest.count('`') in {0, 2} else code(rest.replace('`', chr(39)))}"


def visible(text: str) -> str:
    """Escape invisible characters and those that change text direction."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


def listed(texts: tuple[str, ...], most: int = 3) -> str:
    """Write some of several texts, and the number of the others."""
    return joined(map(code, texts), most=most)


_MOST_CONTEXT = 3
_MOST_ACTIONS, _MOST_RESOURCES, _MOST_CONCERNED, _MOST_CALLERS = 3, 3, 6, 3
_LONGEST_STATEMENT = 1_500
_MFA = "aws:multifactorauthpresent"
_OUR_CONDITION = re.compile(
    r"with(?:out)? (?:MFA|TLS)(?: used within the last [0-9]+ [a-z]+)?(?:, or if the request does not say)?"
)
_UNSAID = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principaltype",
        "aws:securetransport",
        "aws:userid",
        "aws:username",
    }
)
"""Keys (lower case) of every request: shown only if the statement has conditions on them."""


class Detail(IntEnum):
    """How much is written about each change."""

    LINE = 1
    """The principal and the access."""
    EXAMPLE = 2
    """Plus an example request."""
    STATEMENT = 3
    """Plus the statement and its location, folded."""


@dataclass(frozen=True)
class Wording:
    """Writes changes; `names` has the display names of ARNs."""

    names: Mapping[str, str] = field(default_factory=dict)

    def change(self, change: Change, *, is_gain: bool, detail: Detail = Detail.STATEMENT) -> str:
        """Write one change: on one line if it has one step, else with a line for each."""
        steps = self.ordered(change, is_gain=is_gain)
        who = self._who(change)
        # For a removed principal, the sum of its losses says enough.
        if change.is_gone and not is_gain and len(steps) > 1:
            return "\n".join([f"- {who} {_summary(change, steps, is_gain=False)}", *_folded(steps)])
        if len(steps) == 1:
            lines = [f"- {who} {self.what(change, steps[0], is_gain=is_gain)}"]
            lines += self._example(change, steps[0], detail, "  ")
        else:
            lines = [f"- {who} {_summary(change, steps, is_gain=is_gain)}"]
            told, own = split_self_service(change, steps)
            if own:
                verb = "can use" if is_gain else "can no longer use"
                throughs = dict.fromkeys(self.through(change, each) for each in own)
                lines.append(f"  - {verb} {SELF_SERVICE}{''.join(throughs)}")
            for step in told:
                lines.append(f"  - {self.what(change, step, is_gain=is_gain)}")
                lines += self._example(change, step, detail, "    ")
        if change.expected and is_gain:
            lines.append(f"  expected: {code(change.expected)}")
        return "\n".join([*lines, *(_folded(steps) if detail >= Detail.STATEMENT else ())])

    def _who(self, change: Change) -> str:
        named = code(change.name)
        if change.concerns:
            word = "assumed by " if change.name.startswith(("role/", "workload/")) else ""
            named = f"{named} ({word}{listed(change.concerns, _MOST_CONCERNED)})"
        if change.subject is Subject.RESOURCE:
            return (
                f"{named} has a new policy and"
                if change.is_new
                else f"{named} has no policy any more and"
                if change.is_gone
                else named
            )
        return (
            f"{named} is new and" if change.is_new else f"{named} is removed and" if change.is_gone else named
        )

    def ordered(self, change: Change, *, is_gain: bool) -> list[Step]:
        """Give the steps, the most powerful first."""
        return sorted(change.gains if is_gain else change.losses, key=_severity)

    def through(self, change: Change, step: Step) -> str:
        """Name the group that a step comes from, if it is another one."""
        if not step.through or step.through == change.arn:
            return ""
        return f", through {code(self.names.get(step.through, step.through))}"

    def condition(self, step: Step, *, is_gain: bool) -> str:
        """Describe the conditions of a step's statement, and those of the other side."""
        own = f", {_condition_text(step.condition)}" if step.condition else ""
        if not step.condition_before:
            return own
        return f"{own}, {'before' if is_gain else 'now'} only {_condition_text(step.condition_before)}"

    def what(self, change: Change, step: Step, *, is_gain: bool) -> str:
        """Write what one step changes."""
        condition = _condition(step, is_gain=is_gain)
        where = f"{self.through(change, step)}{f', only {prose(step.where)}' if step.where else ''}"
        if change.subject is Subject.TRUST:
            return f"{_verb(change, is_gain=is_gain)} {self._caller(change, step)}{condition}{where}"
        if change.subject is Subject.RESOURCE:
            verb = _verb(change, is_gain=is_gain)
            return f"{verb} {self._caller(change, step)}: {self._actions(step)}{condition}{where}"
        levels = _levels_text(step.levels)
        verb = "can" if is_gain else "can no longer"
        had = (
            f"; before, only {joined([LEVEL_VERBS[each] for each in step.levels_before], 'and')}"
            if step.levels_before and is_gain
            else ""
        )
        return f"{verb} {levels} {self.resources(step)}: {self._actions(step)}{condition}{where}{had}"

    def callers(self, change: Change, steps: Sequence[Step], *, is_gain: bool) -> str:
        """Write who can assume a role or access a resource by several statements, without their conditions."""
        callers = dict.fromkeys(self._caller(change, each) for each in steps)
        number = counted(len(steps), "statement")
        return f"{_verb(change, is_gain=is_gain)} {joined(callers, most=_MOST_CALLERS)} ({number})"

    def _actions(self, step: Step) -> str:
        more = step.more_actions + max(0, len(step.actions) - _MOST_ACTIONS)
        if more:
            return f"{', '.join(map(code, step.actions[:_MOST_ACTIONS]))} and {more} more"
        return listed(step.actions or (step.witness.action,), _MOST_ACTIONS)

    def resources(self, step: Step) -> str:
        """Name the resources of a step."""
        texts = step.resources or (step.witness.resource,)
        return listed(tuple(map(self.resource_name, texts)), _MOST_RESOURCES)

    def resource_name(self, text: str) -> str:
        """Give the short name of a resource or of its content."""
        if text in self.names:
            return self.names[text]
        start, slash, rest = text.partition("/")
        return f"{self.names[start]}{slash}{rest}" if start in self.names else text

    # Who calls

    def _caller(self, change: Change, step: Step) -> str:
        """Describe who is allowed: everyone, a service, a token subject, another account, or a principal of this one."""
        witness = step.witness
        who = principal(witness.principal)
        if witness.principal == "*" or who.kind is PrincipalKind.ANONYMOUS:
            return "**anyone**"
        if who.kind is PrincipalKind.PROVIDER:
            subjects = _subjects(step.statement) if step.statement else _shown_subject(step)
            named = listed(subjects, _MOST_RESOURCES) if subjects else "**any subject**"
            issuer = witness.principal.partition("-provider/")[2] or witness.principal
            return f"{named} of {code(issuer)}"
        if who.kind is PrincipalKind.SERVICE:
            return f"the service {code(witness.principal)}"
        own = step.account or _account(change.arn)
        if own and who.account == own and any(map(_is_root, _named_in(step, own))):
            return f"any principal that the account allows, such as {code(self.names.get(witness.principal, witness.principal))}"
        if own and who.account and who.account != own:
            return f"**another account**, {code(self.names.get(witness.principal, witness.principal))}"
        return code(self.names.get(witness.principal, witness.principal))

    def _example(self, change: Change, step: Step, detail: Detail, indent: str) -> Iterator[str]:
        if detail >= Detail.EXAMPLE:
            yield f"{indent}for instance {self._request(change, step)}{_location_suffix(step.declared or step.place)}"
            if step.because:
                yield f"{indent}because {reason(step.because)}"

    def _requester(self, change: Change, step: Step) -> str:
        """Name the requester; for resources of another account, name the principal and the condition that the account allows it."""
        witness, own = step.witness, _account(change.arn)
        there = principal(witness.principal).account
        if change.subject is Subject.ACCESS and own and there and there != own:
            return f"{code(change.name)}, if account {code(there)} allows it"
        return code(self.names.get(witness.principal, witness.principal))

    def _request(self, change: Change, step: Step) -> str:
        witness = step.witness
        who = self._requester(change, step)
        asked = json.dumps(dict(step.statement)).lower()
        said = [
            (key, values)
            for key, values in sorted(witness.context.items())
            if key.lower() != _MFA and (key.lower() not in _UNSAID or key.lower() in asked)
        ]
        keys = [f"{code(key)} = {code(', '.join(values))}" for key, values in said[:_MOST_CONTEXT]]
        factors = [values for key, values in witness.context.items() if key.lower() == _MFA]
        mfa = [" with MFA" if each == ("true",) else " without MFA" for each in factors]
        more = f" and {len(said) - len(keys)} more keys" if len(said) > len(keys) else ""
        given = f", {', '.join(keys)}{more}" if keys else ""
        return f"{code(witness.action)} on {code(witness.resource)} by {who}{''.join(mfa)}{given}"


def _verb(change: Change, *, is_gain: bool) -> str:
    can = "can" if is_gain else "can no longer"
    return f"{can} be {'assumed' if change.subject is Subject.TRUST else 'accessed'} by"


def _severity(step: Step) -> int:
    return min((LEVELS.index(each) for each in step.levels), default=len(LEVELS))


def _summary(change: Change, steps: Sequence[Step], *, is_gain: bool) -> str:
    if change.subject is Subject.TRUST:
        return "can be assumed by more principals" if is_gain else "can be assumed by fewer principals"
    if change.subject is Subject.RESOURCE:
        return "can be accessed by more principals" if is_gain else "can be accessed by fewer principals"
    levels = [level for level in LEVELS if any(level in step.levels for step in steps)]
    return f"{'can' if is_gain else 'can no longer'} {_levels_text(levels)}"


def _levels_text(levels: Sequence[str]) -> str:
    return joined([f"**{LEVEL_VERBS[each]}**" for each in levels], "and", none="**act**")


def _condition(step: Step, *, is_gain: bool) -> str:
    """Describe the conditions now and before; for tokens, only the subjects."""
    subjects, before = _subjects(step.statement), _subjects(step.statement_before)
    word = "before, only" if is_gain else "now, only"
    if subjects and (before or not step.condition_before):
        return f"; {word} {listed(before, _MOST_RESOURCES)}" if before and before != subjects else ""
    condition = f", {_condition_text(step.condition)}" if step.condition and is_gain else ""
    if before and not subjects:
        return f"{condition}; {word} {listed(before, _MOST_RESOURCES)}"
    return (
        f"{condition}; {word} {_condition_text(step.condition_before)}"
        if step.condition_before
        else condition
    )


def _subjects(statement: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the token subjects that a trust policy requires."""
    found: list[str] = []
    for operator, keys in statement.get("Condition", {}).items():
        compared = operator.lower().removeprefix("foranyvalue:")
        for key, values in keys.items() if compared.startswith("string") else ():
            if key.lower().endswith(":sub") and "not" not in operator.lower():
                found += [values] if isinstance(values, str) else list(map(str, values))
    return tuple(found)


def _shown_subject(step: Step) -> tuple[str, ...]:
    """Give the token subject of the example request."""
    shown = (values for key, values in step.witness.context.items() if key.lower().endswith(":sub"))
    return next(map(tuple, shown), ())


def _condition_text(condition: str) -> str:
    """Write a condition: as plain text if it consists of known words, else as a code span."""
    return condition if _OUR_CONDITION.fullmatch(condition) else code(condition)


def _named_in(step: Step, account: str) -> Iterator[str]:
    """Yield the principals of an account that a statement names."""
    element = step.statement.get("Principal", {})
    named = element.get("AWS", ()) if isinstance(element, dict) else ()
    for each in [named] if isinstance(named, str) else named:
        if principal(each).account == account:
            yield each


def _is_root(text: str) -> bool:
    return principal(text).kind is PrincipalKind.ROOT


def _account(arn: str) -> str:
    fields = arn.split(":")
    return fields[4] if len(fields) > 4 else ""  # noqa: PLR2004 - the field of an ARN that holds the account


def _location_suffix(place: Location | None) -> str:
    return f" · {code(place)}" if place else ""


def _folded(steps: Sequence[Step]) -> Iterator[str]:
    written = [each for each in steps if each.statement]
    if written:
        yield f"  <details><summary>{'statement' if len(written) == 1 else f'{len(written)} statements'}</summary>"
        for each in written:
            text = json.dumps(dict(each.statement), ensure_ascii=False)
            yield from ("", f"  {code(text, _LONGEST_STATEMENT)}{_location_suffix(each.place)}")
        yield from ("", "  </details>")
