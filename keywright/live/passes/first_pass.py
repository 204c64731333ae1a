"""Groups and shared policies go last: the assembly of a deployment's first pass, in which none of them goes yet.

Nor does any gain that somebody lets go of (`holding_back`).

Members and their groups can be in different stacks, and a group that still has members can't be deleted: CloudFormation
tries three times, skips it and is green. So a deployment over several stacks has two passes. The first makes and
changes everything, and keeps the groups that are to go as they were deployed; their members leave. The second is the
assembly as it was synthesized. A managed policy that several identities share is in a stack that comes before theirs, and
can't be deleted while it is attached: it is kept in the first pass for the same reason.
"""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from keywright.assembly.sources.template_file import source_of
from keywright.assembly.templates.names import declared_name
from keywright.live.passes.deployed import stacks_alive
from keywright.live.passes.ordering import held_back, named_in
from keywright.live.session import PATIENT, UnreadableAccountError, in_words, session_in
from keywright.live.verification.account import READERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from keywright.model.account.settings import Account


@dataclass(frozen=True, order=True, slots=True)
class Move:
    """What is deployed in one stack, such as `user/alice`, and would stand in another; in none where that stack is left out."""

    what: str
    stack: str
    to: str


class MovingError(Exception):
    """Somebody would move; nothing may be deployed."""

    def __init__(self, moving: Sequence[Move]) -> None:
        names = ", ".join(each.what for each in moving[:10])
        super().__init__(f"the assembly has these in another stack than deployed: {names}")
        self.moves = moving


def moves(new: Mapping[str, Any], deployed: Mapping[str, Any]) -> list[Move]:
    """List what is deployed in one stack and new in another, and what is in a stack of which there is no new template."""
    was = {what: stack for stack, template in deployed.items() for what in _declared(template)}
    will = {what: stack for stack, template in new.items() for what in _declared(template)}
    return sorted(
        Move(what, stack, will.get(what, ""))
        for what, stack in was.items()
        if (what in will or stack not in new) and will.get(what) != stack
    )


def _declared(template: Mapping[str, Any]) -> Iterator[str]:
    return filter(None, map(declared_name, template.get("Resources", {})))


GROUP = "AWS::IAM::Group"
USER = "AWS::IAM::User"
SHARED_POLICY = "SharedPolicy0"
"""Begins the logical id of a managed policy that several identities share."""
_ABSENT = "ValidationError"
"""What CloudFormation answers for a stack that is not there."""

Template = dict[str, Any]
Going = tuple[str, str]
"""What goes: `group` or `policy`, and its name."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A group, or a policy that several identities share, which is to go, or to gain, in the second pass."""

    stack: str
    name: str
    kind: str = "group"
    gains: bool = False


def keep_last(new: Template, deployed: Template, *, groups: bool = True) -> tuple[Template, list[Going]]:
    """Give a template with the shared policies, and groups, that only the deployed one has, with what they refer to."""
    resources, former = new.get("Resources", {}), deployed.get("Resources", {})
    going = [
        each
        for each, resource in former.items()
        if each not in resources
        and ((groups and resource.get("Type") == GROUP) or each.startswith(SHARED_POLICY))
    ]
    kept: dict[str, Any] = {}
    waiting = list(going)
    while waiting:
        each = waiting.pop()
        if each in former and each not in resources and each not in kept:
            kept[each] = former[each]
            waiting += named_in(former[each])
    return {**new, "Resources": {**resources, **kept}}, [_going(each, former[each]) for each in going]


def _going(logical_id: str, resource: Mapping[str, Any]) -> Going:
    kind, key = ("group", "GroupName") if resource.get("Type") == GROUP else ("policy", "ManagedPolicyName")
    return kind, str(resource.get("Properties", {}).get(key, logical_id))


def _holds_identities(*templates: Template) -> bool:
    """Tell whether users or groups are in a stack; while one holds them all, CloudFormation orders removals itself."""
    types = {
        resource.get("Type") for template in templates for resource in template.get("Resources", {}).values()
    }
    return bool(types & {USER, GROUP})


def first_pass(account: Account, assembly: Path, output: Path, endpoint_url: str | None = None) -> list[Kept]:
    """Write the first pass for the account that the default credential chain leads to; see `write_first_pass`.

    Raises:
        UnreadableAccountError: No way into the declared account, or CloudFormation does not show a template.
        OSError, ValueError, UnreadableError, MovingError: See `write_first_pass`.
    """
    client = session_in(account, endpoint_url).client(
        "cloudformation", endpoint_url=endpoint_url, config=PATIENT
    )
    try:
        return write_first_pass(assembly, output, client)
    except (BotoCoreError, ClientError) as error:
        message = f"a deployed template could not be read; found {in_words(error)}; accepted: read access to CloudFormation"
        raise UnreadableAccountError(message, 3) from None


def write_first_pass(assembly: Path, output: Path, client: Any) -> list[Kept]:
    """Write the first pass of an assembly where there must be one, and say what goes in the second.

    `client` reads the deployed templates from CloudFormation. Where nothing has to wait one pass will do, and an output of an
    earlier time is taken away.

    Raises:
        ClientError: CloudFormation does not show a template.
        OSError: The assembly can't be read, or the output not be written; it is only ever an assembly that is replaced.
        ValueError: The assembly's manifest is not one.
        UnreadableError: A deployed template is neither JSON nor YAML.
        MovingError: Somebody would move to another stack, or be left behind in one.
    """
    changed: dict[str, Template] = {}
    kept: list[Kept] = []
    files = templates_of(assembly)
    new = {stack: json.loads((assembly / file).read_text(encoding="utf-8")) for stack, file in files.items()}
    deployed = _all_deployed(new, client)
    left = _all_deployed(set(stacks_alive(client)) - new.keys(), client)
    moving = moves(new, deployed | left)
    if moving:
        raise MovingError(moving)
    several = sum(_holds_identities(new[stack], deployed[stack]) for stack in new) > 1
    held, waiting = held_back(new, deployed)
    kept += [Kept(stack, name, kind, gains=True) for stack, (kind, name) in waiting]
    for stack, file in files.items():
        template, going = keep_last(held[stack], deployed[stack], groups=several)
        if template != new[stack]:
            changed[file] = template
        kept += [Kept(stack, name, kind) for kind, name in going]
    _take_away(output)
    if changed:
        _write(assembly, output, changed)
    return kept


def templates_of(assembly: Path) -> Mapping[str, str]:
    """Give the template's file of each stack of an assembly of ours, which has no stages.

    Raises:
        OSError: There is no manifest.
        ValueError: It is not one.
    """
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    try:
        return {
            properties.get("stackName", name): properties["templateFile"]
            for name, artifact in manifest["artifacts"].items()
            if artifact["type"] == "aws:cloudformation:stack"
            for properties in (artifact["properties"],)
        }
    except (KeyError, TypeError, AttributeError) as error:
        message = f"the manifest names no templates: {error}"
        raise ValueError(message) from error


def _all_deployed(stacks: Iterable[str], client: Any) -> dict[str, Template]:
    """Read several at a time: an account of thousands has hundreds of stacks."""
    listed = sorted(stacks)
    with ThreadPoolExecutor(READERS) as pool:
        return dict(zip(listed, pool.map(partial(_deployed, client=client), listed), strict=True))


def _deployed(stack: str, client: Any) -> Template:
    try:
        body = client.get_template(StackName=stack)["TemplateBody"]
    except ClientError as error:
        if error.response["Error"]["Code"] == _ABSENT:
            return {}
        raise
    if isinstance(body, str):
        body = source_of(body, ".yaml", f"the deployed template of {stack}").tree
    return dict(body)


def _write(assembly: Path, output: Path, changed: Mapping[str, Template]) -> None:
    """Write a whole assembly, or nothing at all."""
    unfinished = output.with_name(f".{output.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(assembly, unfinished)
    for file, template in changed.items():
        (unfinished / file).write_text(json.dumps(template, indent=1), encoding="utf-8")
    unfinished.rename(output)


def _take_away(output: Path) -> None:
    if not output.exists():
        return
    if not (output / "cdk.out").is_file():
        raise FileExistsError(17, "the folder exists and is not a cloud assembly", str(output))
    shutil.rmtree(output)
