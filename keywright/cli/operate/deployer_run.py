"""What `keywright deployer` does: read, work out, then tell, write or compare."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.template import Assembly
from keywright.cli.formats import DeployerFormat
from keywright.deployer.bootstrap.boundary import untouchable
from keywright.deployer.bootstrap.caller import LARGEST_INLINE
from keywright.deployer.bootstrap.check import Difference, NotABootstrapError, differences
from keywright.deployer.bootstrap.escalation import JOINING
from keywright.deployer.bootstrap.plan import BOOTSTRAP_ROLE, UPDATE_ROLE, Plan, plan_of
from keywright.deployer.bootstrap.template import TooLongError, documents_of, policies_of, template_of
from keywright.deployer.handlers.refinements import reaches_others
from keywright.deployer.handlers.registry import source
from keywright.deployer.requirements.permissions import RequiredPermission
from keywright.reasoning.comparison.compare import Comparison, NewAccess, NoNewAccess, UndecidedComparison
from keywright.reporting.finding import Finding, Outcome
from keywright.reporting.text import printable

GOOD, DIFFERENT, UNUSABLE, UNDECIDED = range(4)


@dataclass(frozen=True)
class Wishes:
    """What was asked for."""

    by_path: bool
    form: DeployerFormat
    output: Path | None
    policies: Path | None
    check: Path | None
    github: str = ""


def deploying(path: Path, wishes: Wishes) -> int:
    """Do what was asked for, and give the exit code."""
    assembly = _read(path)
    beside = [] if assembly is None else list(untouchable(assembly))
    if assembly is None or beside:
        print(
            *(printable(str(each)) for each in beside), sep="\n", end="\n" if beside else "", file=sys.stderr
        )
        return UNUSABLE
    plan = plan_of(assembly, by_path=wishes.by_path)
    try:
        code = _checked(plan, wishes.check) if wishes.check else _made(plan, wishes)
    except TooLongError as error:
        print(
            f"{printable(str(path))}: the policies of a role are too many; {error}, as with --by-path",
            file=sys.stderr,
        )
        return UNUSABLE
    except OSError as error:
        if error.filename is None:  # what was printed, not what was written
            raise
        print(
            f"{printable(str(error.filename))}: it can't be written; found {(error.strerror or '').lower()}",
            file=sys.stderr,
        )
        return UNUSABLE
    return code or (UNDECIDED if _undecided(plan) else GOOD)


def _read(path: Path) -> Assembly | None:
    assembly = read_assembly(path)
    faults = [each for each in assembly.findings if each.outcome is Outcome.FAULT]
    if not faults:
        return assembly
    print(printable("\n".join(map(str, faults))), file=sys.stderr)
    return None


def _undecided(plan: Plan) -> tuple[Finding, ...]:
    return (*plan.assembly.findings, *plan.needs.undecided)


def _made(plan: Plan, wishes: Wishes) -> int:
    documents, template = documents_of(plan), template_of(plan, wishes.github)
    if wishes.output:
        form = DeployerFormat.JSON if wishes.output.suffix == ".json" else DeployerFormat.YAML
        wishes.output.write_text(_written(template, form), encoding="utf-8")
    if wishes.policies:
        wishes.policies.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            file = wishes.policies / f"{name}.json"
            file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if wishes.form is not DeployerFormat.TEXT:
        print(_written(template, wishes.form), end="")
        print(*(printable(str(each)) for each in _undecided(plan)), sep="\n", end="", file=sys.stderr)
        return GOOD
    print(*_lines(plan, documents, wishes), sep="\n")
    return GOOD


def _written(template: dict[str, Any], form: DeployerFormat) -> str:
    if form is DeployerFormat.JSON:
        readable = json.dumps(template, indent=2) + "\n"
        return (
            readable
            if len(readable) <= LARGEST_INLINE
            else json.dumps(template, separators=(",", ":")) + "\n"
        )
    import yaml  # type: ignore[import-untyped]

    return str(yaml.safe_dump(_apart(template), sort_keys=False, width=120))


def _apart(value: Any) -> Any:
    """Copy every value wherever it stands, so that YAML needs no alias for what stands twice."""
    if isinstance(value, dict):
        return {key: _apart(each) for key, each in value.items()}
    return [_apart(each) for each in value] if isinstance(value, list) else value


def _lines(plan: Plan, documents: dict[str, dict[str, Any]], wishes: Wishes) -> Iterator[str]:
    types = {each.type for each in plan.assembly.resources}
    stacks = {each.id for each in plan.assembly.templates}
    yield f"{_count(len(stacks), 'stack')}, {_count(len(types), 'resource type')}; {source()}"
    for role, needs in ((UPDATE_ROLE, plan.everyday), (BOOTSTRAP_ROLE, plan.needs.calls)):
        actions, policies = {each.action for each in needs}, policies_of(role, documents)
        yield f"{role}: {_count(len(actions), 'action')} in {_count(len(policies), 'policy')}"
    yield from _section("Sealed, and left to keywright-founder", _sealed(plan))
    yield from _section("Wider than the one thing that is meant", _widened(plan))
    yield from _section("Undecided", (printable(str(each)) for each in _undecided(plan)))
    yield from _section("Written", _files(wishes))


def _files(wishes: Wishes) -> Iterator[str]:
    for file in filter(None, (wishes.output, wishes.policies)):
        yield printable(str(file))
    if wishes.output and wishes.output.stat().st_size > LARGEST_INLINE:
        yield (
            f"more than the {LARGEST_INLINE} bytes that a call takes: hand the template over by a bucket"
            + ("" if wishes.output.suffix == ".json" else ", or write .json, which is shorter")
        )


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"\n{title}"
        yield from (f"  {each}" for each in found)


def _sealed(plan: Plan) -> Iterator[str]:
    for resource, why in plan.sealed.items():
        yield f"{printable(resource.label)} ({resource.type}): {why}"
    for action, place in sorted({(each.action, each.place) for each in _left_by_call(plan)}):
        yield f"{action} on {printable(place)}: {_why(action)}"


def _left_by_call(plan: Plan) -> Iterator[RequiredPermission]:
    """Yield the calls that are left to the founder though what they are made for is not sealed."""
    everyday = set(plan.everyday)
    for each in plan.needs.calls:
        is_other = each.resource in plan.sealed or each in everyday
        if not is_other and (each.action == JOINING or reaches_others(each.action)):
            yield each


def _why(action: str) -> str:
    if action == JOINING:
        return "the group leads to more than its own grants"
    return "AWS takes no name for it, and it gives power over anybody else's"


def _widened(plan: Plan) -> Iterator[str]:
    """Name each place that is wider than one thing, with its reason and how many actions are on it."""
    found: dict[tuple[str, str], set[str]] = {}
    for need in plan.everyday:
        if need.widened:
            found.setdefault((need.place, need.widened), set()).add(need.action)
    for (place, why), actions in sorted(found.items()):
        yield f"{printable(place)}: {_count(len(actions), 'action')}; {why}"


def _count(number: int, thing: str) -> str:
    plural = f"{thing[:-1]}ies" if thing.endswith("cy") else f"{thing}s"
    return f"{number} {thing if number == 1 else plural}"


def _checked(plan: Plan, file: Path) -> int:
    earlier = _read(file)
    if earlier is None:
        return UNUSABLE
    try:
        found = differences(plan, earlier)
    except NotABootstrapError as error:
        print(
            f"{printable(str(file))}: it is no bootstrap of ours; found no `{error}`; accepted: what `keywright deployer --output` wrote",
            file=sys.stderr,
        )
        return UNUSABLE
    print(*(line for each in found for line in _told(each)), sep="\n")
    if any(not each.fits and not each.is_undecided for each in found):
        return DIFFERENT
    return UNDECIDED if any(each.is_undecided for each in found) else GOOD


def _told(difference: Difference) -> Iterator[str]:
    if difference.fits:
        yield f"{difference.name}: fits"
        return
    if not isinstance(difference.lacks, NoNewAccess):
        yield f"{difference.name}: lacks {_witnessed(difference.lacks)}"
    if not isinstance(difference.exceeds, NoNewAccess):
        yield f"{difference.name}: allows beyond {_witnessed(difference.exceeds)}"


def _witnessed(comparison: Comparison) -> str:
    match comparison:
        case NewAccess(witness=witness):
            return printable(f"`{witness.action}` on `{witness.resource}`, for example")
        case UndecidedComparison(reason=reason):
            return f"perhaps something: {printable(reason)}"
        case _:
            return "nothing"
