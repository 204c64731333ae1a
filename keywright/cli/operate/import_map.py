"""`keywright import-map`: writes what `cdk import` takes over from an account that exists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright.cli.formats import ReportFormat
from keywright.cli.options import ASSEMBLY, Form
from keywright.reporting.exit_codes import FINDINGS, GOOD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keywright.account.imports import Import, ImportPlan
    from keywright.account.snapshot import AccountSnapshot
    from keywright.assembly.templates.template import Assembly

_PLURALS = {
    "Group": "groups",
    "InstanceProfile": "instance profiles",
    "ManagedPolicy": "managed policies",
    "OIDCProvider": "OIDC providers",
    "Role": "roles",
    "SAMLProvider": "SAML providers",
    "User": "users",
}
_MAP = ".import.json"


def command(
    snapshot: Annotated[
        Path, typer.Argument(metavar="SNAPSHOT", help="A file that `keywright snapshot` wrote.")
    ],
    assembly: Annotated[
        Path, typer.Argument(metavar="ASSEMBLY", help="The folder that `cdk synth` wrote.")
    ] = ASSEMBLY,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Write the assembly to import here.")
    ] = Path("cdk.import"),
    form: Form = ReportFormat.TEXT,
) -> int:
    """Write what `cdk import` takes over: the declared users, groups, roles and policies that exist. Only reads files.

    The import changes nothing in IAM. `keywright deploy` then brings policies, groups and boundaries; what is not
    declared stays until somebody removes it. Access keys, passwords and MFA devices stay with their user.

    Exit codes: 0 everything that exists can be imported, 1 something can't, and nothing is written, 2 unusable input.
    """
    from keywright.account.imports import plan_imports
    from keywright.cli.errors import unwritable

    template, account = _read(snapshot, assembly)
    plan = plan_imports(template, account)
    if plan.errors:
        _report(plan, output, form)
        return FINDINGS
    try:
        _write(plan, assembly, output)
    except OSError as error:
        raise unwritable(output, error) from error
    _report(plan, output, form)
    return GOOD


def _read(snapshot: Path, assembly: Path) -> tuple[Assembly, AccountSnapshot]:
    """Read both inputs.

    Raises:
        CommandError: One is unusable, or they belong to different accounts.
    """
    from keywright.account.snapshot import UnusableSnapshotError, read_snapshot
    from keywright.assembly.sources.manifest import MANIFEST
    from keywright.assembly.templates.reader import read_assembly
    from keywright.cli.errors import CommandError

    if not (assembly / MANIFEST).is_file():
        message = (
            f"{assembly}: it is no assembly; found no `{MANIFEST}`; accepted: a folder that `cdk synth` wrote"
        )
        raise CommandError(message)
    try:
        account = read_snapshot(snapshot)
    except UnusableSnapshotError as error:
        raise CommandError(str(error)) from error
    template = read_assembly(assembly)
    if template.findings:
        raise CommandError("\n".join(map(str, template.findings)))
    others = sorted({each.account for each in template.templates if each.account} - {account.account})
    if others:
        raise CommandError(
            f"{snapshot}: the snapshot is of another account than the assembly; found `{account.account}`; "
            f"accepted: `{others[0]}`"
        )
    return template, account


def _write(plan: ImportPlan, assembly: Path, output: Path) -> None:
    import json

    from keywright.assembly.sources.manifest import MANIFEST

    manifest = json.loads((assembly / MANIFEST).read_text(encoding="utf-8"))
    output.mkdir(parents=True, exist_ok=True)
    artifacts: dict[str, Any] = {}
    for name, stack in sorted(_stacks(manifest, plan).items()):
        file = f"{name}.template.json"
        properties = {"templateFile": file, "validateOnSynth": False}
        # CloudFormation accepts no change of a stack's tags during an import.
        kept = {key: stack["properties"][key] for key in ("stackName",) if key in stack["properties"]}
        artifacts[name] = {
            "type": stack["type"],
            "environment": stack["environment"],
            "properties": properties | kept,
            "displayName": stack.get("displayName", name),
        }
        imports = sorted(plan.stacks[kept.get("stackName", name)], key=lambda each: each.resource.logical_id)
        resources = {each.resource.logical_id: each.declaration for each in imports}
        _json(output / file, {"Resources": resources})
        _json(output / f"{name}{_MAP}", {each.resource.logical_id: each.identifier for each in imports})
    _json(output / MANIFEST, {"version": manifest["version"], "artifacts": artifacts})


def _stacks(manifest: Mapping[str, Any], plan: ImportPlan) -> dict[str, Any]:
    return {
        name: each
        for name, each in manifest["artifacts"].items()
        if each["type"] == "aws:cloudformation:stack"
        and each["properties"].get("stackName", name) in plan.stacks
    }


def _json(path: Path, content: object) -> None:
    import json

    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _report(plan: ImportPlan, output: Path, form: ReportFormat) -> None:
    import json

    from keywright.cli.terminal import finding_as_json
    from keywright.reporting.finding import in_reading_order

    findings = in_reading_order(plan.findings)
    if form is ReportFormat.JSON:
        stacks = {
            stack: {each.resource.logical_id: each.identifier for each in imports}
            for stack, imports in sorted(plan.stacks.items())
        }
        found = {"stacks": stacks, "findings": list(map(finding_as_json, findings))}
        print(json.dumps(found, indent=2))
        return
    print(*_lines(plan, output), sep="\n")


def _lines(plan: ImportPlan, output: Path) -> Iterator[str]:
    from keywright.cli.terminal import coloured_line, colours_wanted
    from keywright.reporting.finding import in_reading_order, with_severity
    from keywright.reporting.text import counted

    line = coloured_line if colours_wanted() else with_severity
    yield from map(line, in_reading_order(plan.findings))
    if plan.errors:
        yield f"nothing is written: {counted(len({each.resource for each in plan.errors}), 'resource')} can't be imported as declared"
        return
    if not plan.stacks:
        yield "nothing to import: no declared resource exists outside of its stack"
        return
    for stack, imports in sorted(plan.stacks.items()):
        yield f"{stack}: {_counts(imports)} to import"
    yield "The import changes nothing in the account. Run:"
    for stack in sorted(plan.stacks):
        yield f"  cdk import {stack} --app {output} --resource-mapping {output / stack}{_MAP} --force"
    yield "  keywright deploy"


def _counts(imports: Sequence[Import]) -> str:
    from collections import Counter

    from keywright.reporting.text import joined

    kinds = Counter(each.resource.type.rpartition("::")[2] for each in imports)
    return joined(
        [
            f"{number} {_PLURALS[kind] if number > 1 else _singular(kind)}"
            for kind, number in sorted(kinds.items())
        ],
        "and",
        most=len(kinds),
    )


def _singular(kind: str) -> str:
    plural = _PLURALS[kind]
    return f"{plural[:-3]}y" if plural.endswith("ies") else plural[:-1]
