"""The work of `keywright deployer`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keywright.cli.errors import CommandError, unwritable
from keywright.cli.formats import DeployerFormat
from keywright.cli.reading import read_templates
from keywright.cli.terminal import print_error
from keywright.deployer.bootstrap.boundary import identities_under_reserved_path
from keywright.deployer.bootstrap.check import Difference, NotABootstrapError, differences
from keywright.deployer.bootstrap.escalation import ADD_TO_GROUP
from keywright.deployer.bootstrap.plan import BOOTSTRAP_ROLE, UPDATE_ROLE, Plan, plan_of
from keywright.deployer.bootstrap.template import TooLongError, documents_of, policies_of, template_of
from keywright.deployer.handlers.refinements import affects_other_resources
from keywright.deployer.handlers.registry import source
from keywright.deployer.requirements.permissions import RequiredPermission
from keywright.policy.quotas import INLINE_BYTES
from keywright.reasoning.comparison.compare import Comparison, NewAccess, NoNewAccess, UndecidedComparison
from keywright.reporting.exit_codes import FINDINGS, GOOD, UNDECIDED
from keywright.reporting.finding import Finding
from keywright.reporting.text import counted, printable


@dataclass(frozen=True)
class DeployerOptions:
    """The options of the command."""

    by_path: bool
    form: DeployerFormat
    output: Path | None
    policies: Path | None
    check: Path | None
    github: str = ""


def write_or_check(path: Path, options: DeployerOptions) -> int:
    """Write the roles that deploy an assembly, or compare them with an earlier template; give the exit code."""
    assembly = read_templates(path)
    # The boundary denies changes under that path, so such an assembly could never be deployed.
    refused = list(identities_under_reserved_path(assembly))
    if refused:
        raise CommandError("\n".join(map(str, refused)))
    plan = plan_of(assembly, by_path=options.by_path)
    try:
        code = _check(plan, options.check) if options.check else _write(plan, options)
    except TooLongError as error:
        raise CommandError(f"{path}: a role has too many policies; {error}, as with --by-path") from error
    except OSError as error:
        if error.filename is None:  # standard output failed, not a file
            raise
        raise unwritable(error.filename, error) from error
    return code or (UNDECIDED if _undecided(plan) else GOOD)


def _undecided(plan: Plan) -> tuple[Finding, ...]:
    return (*plan.assembly.findings, *plan.required.undecided)


def _write(plan: Plan, options: DeployerOptions) -> int:
    documents, template = documents_of(plan), template_of(plan, options.github)
    if options.output:
        form = DeployerFormat.JSON if options.output.suffix == ".json" else DeployerFormat.YAML
        options.output.write_text(_template_text(template, form), encoding="utf-8")
    if options.policies:
        options.policies.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            file = options.policies / f"{name}.json"
            file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if options.form is DeployerFormat.TEXT:
        print(*_report(plan, documents, options), sep="\n")
    else:
        print(_template_text(template, options.form), end="")
        print_error(*_undecided(plan))
    return GOOD


def _template_text(template: dict[str, Any], form: DeployerFormat) -> str:
    if form is DeployerFormat.JSON:
        text = json.dumps(template, indent=2) + "\n"
        # Without white space a template may still fit into the call and need no bucket.
        return text if len(text) <= INLINE_BYTES else json.dumps(template, separators=(",", ":")) + "\n"
    import yaml  # type: ignore[import-untyped]

    return str(yaml.safe_dump(_copied(template), sort_keys=False, width=120))


def _copied(value: Any) -> Any:
    """Copy each value, so that YAML writes no alias for one that appears twice."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def _report(plan: Plan, documents: dict[str, dict[str, Any]], options: DeployerOptions) -> Iterator[str]:
    types = {each.type for each in plan.assembly.resources}
    stacks = {each.id for each in plan.assembly.templates}
    yield f"{counted(len(stacks), 'stack')}, {counted(len(types), 'resource type')}; {source()}"
    for role, required in (
        (UPDATE_ROLE, plan.update_permissions),
        (BOOTSTRAP_ROLE, plan.required.permissions),
    ):
        actions, policies = {each.action for each in required}, policies_of(role, documents)
        yield f"{role}: {counted(len(actions), 'action')} in {counted(len(policies), 'policy')}"
    yield from _section(f"Protected: only {BOOTSTRAP_ROLE} can change these", _protected(plan))
    yield from _section("Wider than one resource", _widened(plan))
    yield from _section("Undecided", (printable(str(each)) for each in _undecided(plan)))
    yield from _section("Written", _files(options))


def _files(options: DeployerOptions) -> Iterator[str]:
    for file in filter(None, (options.output, options.policies)):
        yield printable(str(file))
    if options.output and options.output.stat().st_size > INLINE_BYTES:
        yield (
            f"larger than the {INLINE_BYTES} bytes that a call takes: upload the template to a bucket"
            + ("" if options.output.suffix == ".json" else ", or write .json, which is shorter")
        )


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"\n{title}"
        yield from (f"  {each}" for each in found)


def _protected(plan: Plan) -> Iterator[str]:
    for resource, why in plan.protected.items():
        yield f"{printable(resource.label)} ({resource.type}): {why}"
    for action, arn in sorted({(each.action, each.arn) for each in _left_to_bootstrap(plan)}):
        yield f"{action} on {printable(arn)}: {_why(action)}"


def _left_to_bootstrap(plan: Plan) -> Iterator[RequiredPermission]:
    """Yield the calls that only the bootstrap role can make, although their resource is not protected."""
    update_permissions = set(plan.update_permissions)
    for each in plan.required.permissions:
        is_other = each.resource in plan.protected or each in update_permissions
        if not is_other and (each.action == ADD_TO_GROUP or affects_other_resources(each.action)):
            yield each


def _why(action: str) -> str:
    if action == ADD_TO_GROUP:
        return "the group gives more than its own grants"
    return "it can't be restricted to a name, and would reach the resources of others"


def _widened(plan: Plan) -> Iterator[str]:
    """Name each resource pattern that is wider than one resource, with the reason and the number of actions on it."""
    found: dict[tuple[str, str], set[str]] = {}
    for permission in plan.update_permissions:
        if permission.widened:
            found.setdefault((permission.arn, permission.widened), set()).add(permission.action)
    for (arn, why), actions in sorted(found.items()):
        yield f"{printable(arn)}: {counted(len(actions), 'action')}; {why}"


def _check(plan: Plan, file: Path) -> int:
    try:
        found = differences(plan, read_templates(file))
    except NotABootstrapError as error:
        raise CommandError(
            f"{file}: not a template of `keywright deployer`; found no `{error}`; "
            "accepted: what `keywright deployer --output` wrote"
        ) from error
    print(*(line for each in found for line in _difference(each)), sep="\n")
    if any(not each.fits and not each.is_undecided for each in found):
        return FINDINGS
    return UNDECIDED if any(each.is_undecided for each in found) else GOOD


def _difference(difference: Difference) -> Iterator[str]:
    if difference.fits:
        yield f"{difference.name}: fits"
        return
    if not isinstance(difference.lacks, NoNewAccess):
        yield f"{difference.name}: lacks {_example(difference.lacks)}"
    if not isinstance(difference.exceeds, NoNewAccess):
        yield f"{difference.name}: also allows {_example(difference.exceeds)}"


def _example(comparison: Comparison) -> str:
    match comparison:
        case NewAccess(witness=witness):
            return printable(f"`{witness.action}` on `{witness.resource}`, for example")
        case UndecidedComparison(reason=reason):
            return f"possibly something: {printable(reason)}"
        case _:
            return "nothing"
