"""Requests by which somebody would come to more: none of them may be possible to who is to be let alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.policy.reference import catalogue
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.verdict import Allowed, Undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.statement import Document
    from keywright.reasoning.evaluation.verdict import Verdict

Probe = tuple[str, str]
"""An action and what it is on."""

SOMEBODY_ELSE = "keywright-somebody-else"
_WRITES = frozenset({"permissions management", "write", "tagging"})


def changes_of_identities(ours: str, path: str) -> Iterator[Probe]:
    """Yield every change of users and roles, on some that nobody made under a boundary; `ours` begins their ARNs."""
    for action in catalogue.actions_of("iam"):
        if not action.levels & _WRITES:
            continue
        if "user" in action.resource_types:
            yield str(action), f"{ours}:user/{SOMEBODY_ELSE}"
            yield str(action), f"{ours}:user{path}{SOMEBODY_ELSE}"
        if "role" in action.resource_types:
            yield str(action), f"{ours}:role/{SOMEBODY_ELSE}"


def acts_as_others(ours: str) -> Iterator[Probe]:
    """Yield what would let somebody act with a role that stands outside of the assembly, by what acts as it already."""
    yield "sts:AssumeRole", f"{ours}:role/{SOMEBODY_ELSE}"
    partition, account = ours.split(":")[1], ours.rpartition(":")[2]
    for action, place in _ACTING:
        yield action, f"arn:{partition}:{action.partition(':')[0]}:x:{account}:{place}"


_ACTING = (
    ("cloudformation:CreateChangeSet", f"stack/{SOMEBODY_ELSE}/x"),
    ("cloudformation:UpdateStack", f"stack/{SOMEBODY_ELSE}/x"),
    ("codebuild:StartBuild", f"project/{SOMEBODY_ELSE}"),
    ("codebuild:UpdateProject", f"project/{SOMEBODY_ELSE}"),
    ("ecs:ExecuteCommand", f"task/{SOMEBODY_ELSE}/x"),
    ("lambda:UpdateFunctionCode", f"function:{SOMEBODY_ELSE}"),
    ("states:UpdateStateMachine", f"stateMachine:{SOMEBODY_ELSE}"),
)
"""Ways on things that are there, by the techniques of the search for escalations."""


def may_any(who: str, documents: tuple[Document, ...], probes: Iterable[Probe]) -> bool:
    """Tell whether policies let somebody do one of these things, or may: a key that isn't known may have any value."""
    policies = Policies(identity=documents)
    verdicts = (evaluate(Request.partial(who, action, place), policies) for action, place in probes)
    return any(map(_is_possible, verdicts))


def _is_possible(verdict: Verdict) -> bool:
    """Tell whether a request is allowed, or may be; one that nothing allows is denied, whatever else can't be told."""
    return isinstance(verdict, Allowed) or (isinstance(verdict, Undecided) and not verdict.is_denied)


def sample(place: str) -> str:
    """Give one thing that stands at a place."""
    return place.replace("??????", "AbCdEf").replace("*", "x")
