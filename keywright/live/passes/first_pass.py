"""The first pass of a deployment: an assembly in which groups and shared policies are not deleted yet.

Members and their group can be in different stacks. IAM refuses to delete a group with members, and CloudFormation then tries
three times, skips the deletion and reports success. So a deployment over several stacks has two passes: the first creates and
changes everything, but keeps groups that will be deleted, so that their members leave them; the second deploys the assembly
as it was synthesized. A managed policy that several identities share is kept for the same reason: it cannot be deleted while
it is attached. Added access is postponed too where it must be (`ordering`), and no identity may move between stacks (`moves`).
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
from keywright.live.passes.deployed import existing_stacks
from keywright.live.passes.ordering import postpone_gains, references_in
from keywright.live.session import (
    ADAPTIVE_RETRIES,
    UnreadableAccountError,
    error_text,
    session_in,
)
from keywright.live.verification.account import CONCURRENT_READS
from keywright.reporting.exit_codes import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from keywright.model.account.settings import Account


@dataclass(frozen=True, order=True, slots=True)
class Move:
    """A deployed resource, such as `user/alice`, that would move to another stack; `to` is empty if its stack is left out."""

    what: str
    stack: str
    to: str


class MovingError(Exception):
    """An identity would move to another stack; nothing is deployed."""

    def __init__(self, moving: Sequence[Move]) -> None:
        names = ", ".join(each.what for each in moving[:10])
        super().__init__(f"the assembly has these in another stack than deployed: {names}")
        self.moves = moving


def moves(new: Mapping[str, Any], deployed: Mapping[str, Any]) -> list[Move]:
    """List what would move to another stack, and what is in a stack without a new template."""
    was = {what: stack for stack, template in deployed.items() for what in _declared(template)}
    will = {what: stack for stack, template in new.items() for what in _declared(template)}
    return sorted(
        Move(what, stack, will.get(what, ""))
        for what, stack in was.items()
        # A name that is in no new template is a deletion and no move, unless its whole stack was left out.
        if (what in will or stack not in new) and will.get(what) != stack
    )


def _declared(template: Mapping[str, Any]) -> Iterator[str]:
    return filter(None, map(declared_name, template.get("Resources", {})))


GROUP = "AWS::IAM::Group"
USER = "AWS::IAM::User"
SHARED_POLICY = "SharedPolicy0"
"""Prefix of the logical ids of managed policies that several identities share."""
_ABSENT = "ValidationError"
"""CloudFormation's error code for a stack that does not exist."""

Template = dict[str, Any]
Removal = tuple[str, str]
"""What is deleted: `group` or `policy`, and its name."""


@dataclass(frozen=True, slots=True)
class PostponedChange:
    """A group or shared policy that is deleted, or gets more access, only in the second pass."""

    stack: str
    name: str
    kind: str = "group"
    gains: bool = False


def postpone_removals(
    new: Template, deployed: Template, *, groups: bool = True
) -> tuple[Template, list[Removal]]:
    """Add the shared policies and groups that only the deployed template has, and what they refer to."""
    resources, former = new.get("Resources", {}), deployed.get("Resources", {})
    removals = [
        each
        for each, resource in former.items()
        if each not in resources
        and ((groups and resource.get("Type") == GROUP) or each.startswith(SHARED_POLICY))
    ]
    kept: dict[str, Any] = {}
    queue = list(removals)
    # What is kept must still be valid, so the deleted resources that it refers to are kept too.
    while queue:
        each = queue.pop()
        if each in former and each not in resources and each not in kept:
            kept[each] = former[each]
            queue += references_in(former[each])
    return {**new, "Resources": {**resources, **kept}}, [_removal(each, former[each]) for each in removals]


def _removal(logical_id: str, resource: Mapping[str, Any]) -> Removal:
    kind, key = ("group", "GroupName") if resource.get("Type") == GROUP else ("policy", "ManagedPolicyName")
    return kind, str(resource.get("Properties", {}).get(key, logical_id))


def _holds_identities(*templates: Template) -> bool:
    """Tell whether a stack contains users or groups; within one stack, CloudFormation orders deletions itself."""
    types = {
        resource.get("Type") for template in templates for resource in template.get("Resources", {}).values()
    }
    return bool(types & {USER, GROUP})


def first_pass(
    account: Account, assembly: Path, output: Path, endpoint_url: str | None = None
) -> list[PostponedChange]:
    """Write the first pass for the account of the default credential chain; see `write_first_pass`.

    Raises:
        UnreadableAccountError: The declared account cannot be reached, or CloudFormation does not return a template.
        OSError, ValueError, UnreadableError, MovingError: See `write_first_pass`.
    """
    client = session_in(account, endpoint_url).client(
        "cloudformation", endpoint_url=endpoint_url, config=ADAPTIVE_RETRIES
    )
    try:
        return write_first_pass(assembly, output, client)
    except (BotoCoreError, ClientError) as error:
        message = f"a deployed template could not be read; found {error_text(error)}; accepted: read access to CloudFormation"
        raise UnreadableAccountError(message, UNDECIDED) from None


def write_first_pass(assembly: Path, output: Path, client: Any) -> list[PostponedChange]:
    """Write the first pass of an assembly, if one is needed, and list what waits for the second.

    `client` reads the deployed templates from CloudFormation. If nothing has to wait, one pass is enough, and an earlier
    output is deleted.

    Raises:
        ClientError: CloudFormation does not return a template.
        OSError: The assembly cannot be read, or the output cannot be written; only an assembly is ever overwritten.
        ValueError: The assembly's manifest is invalid.
        UnreadableError: A deployed template is neither JSON nor YAML.
        MovingError: An identity would move to another stack, or stay in a stack that is left out.
    """
    changed: dict[str, Template] = {}
    kept: list[PostponedChange] = []
    files = templates_of(assembly)
    new = {stack: json.loads((assembly / file).read_text(encoding="utf-8")) for stack, file in files.items()}
    deployed = _all_deployed(new, client)
    # Stacks that are no longer synthesized stay deployed, and their identities would be created a second
    # time.
    without_template = _all_deployed(set(existing_stacks(client)) - new.keys(), client)
    moving = moves(new, deployed | without_template)
    if moving:
        raise MovingError(moving)
    # Within one stack, CloudFormation updates members before it deletes their group.
    several = sum(_holds_identities(new[stack], deployed[stack]) for stack in new) > 1
    templates, postponed = postpone_gains(new, deployed)
    kept += [PostponedChange(stack, name, kind, gains=True) for stack, (kind, name) in postponed]
    for stack, file in files.items():
        template, removals = postpone_removals(templates[stack], deployed[stack], groups=several)
        if template != new[stack]:
            changed[file] = template
        kept += [PostponedChange(stack, name, kind) for kind, name in removals]
    _delete_output(output)
    if changed:
        _write(assembly, output, changed)
    return kept


def templates_of(assembly: Path) -> Mapping[str, str]:
    """Give the template file of each stack of an assembly without stages.

    Raises:
        OSError: The manifest does not exist.
        ValueError: The manifest is invalid.
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
    """Read several at a time: an account with thousands of identities has hundreds of stacks."""
    listed = sorted(stacks)
    with ThreadPoolExecutor(CONCURRENT_READS) as pool:
        return dict(zip(listed, pool.map(partial(_deployed, client=client), listed), strict=True))


def _deployed(stack: str, client: Any) -> Template:
    try:
        body = client.get_template(StackName=stack)["TemplateBody"]
    except ClientError as error:
        if error.response["Error"]["Code"] == _ABSENT:
            return {}
        raise
    # boto3 returns a JSON template as a dictionary and a YAML template as text.
    if isinstance(body, str):
        body = source_of(body, ".yaml", f"the deployed template of {stack}").tree
    return dict(body)


def _write(assembly: Path, output: Path, changed: Mapping[str, Template]) -> None:
    """Write a whole assembly, or nothing at all."""
    # The copy is beside the output, because a rename is atomic only within one file system.
    unfinished = output.with_name(f".{output.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(assembly, unfinished)
    for file, template in changed.items():
        (unfinished / file).write_text(json.dumps(template, indent=1), encoding="utf-8")
    # A rename is atomic: an interrupted run leaves no partial assembly.
    unfinished.rename(output)


def _delete_output(output: Path) -> None:
    if not output.exists():
        return
    # The CDK writes this marker into each assembly: a folder that somebody named by mistake is not deleted.
    if not (output / "cdk.out").is_file():
        raise FileExistsError(17, "the folder exists and is not a cloud assembly", str(output))
    shutil.rmtree(output)
