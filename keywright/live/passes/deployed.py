"""The deployed stacks of Keywright in the account, and which declared names each one has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from keywright.assembly.templates.names import declared_name
from keywright.live.session import ADAPTIVE_RETRIES, UnreadableAccountError, error_text, session_in
from keywright.model.source.places import SINGULAR
from keywright.model.stacks.kinds import SECTIONS
from keywright.model.stacks.shards import number_of
from keywright.reporting.exit_codes import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from keywright.model.account.settings import Account
    from keywright.model.stacks.kinds import Kind

_EXISTING = re.compile(r"(?!DELETE_COMPLETE|REVIEW_IN_PROGRESS|ROLLBACK_COMPLETE)")
"""A stack whose creation failed has no resources."""


def kind_of(stack: str) -> Kind | None:
    """Give the kind of declarations in a stack; the first stack of people contains the groups too."""
    return next((kind for kind in SECTIONS if number_of(kind, stack) is not None), None)


def existing_stacks(client: Any) -> list[str]:
    """Name the existing stacks with declared resources in the region of a CloudFormation client.

    Raises:
        ClientError: CloudFormation does not list them.
    """
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = client.list_stacks(**more)
        found += [
            each["StackName"] for each in page["StackSummaries"] if _EXISTING.match(each["StackStatus"])
        ]
        if not page.get("NextToken"):
            return sorted({each for each in found if kind_of(each)})
        more = {"NextToken": page["NextToken"]}


def stacks_by_name(kind: Kind, client: Any) -> Mapping[str, str]:
    """Give the stack of each deployed resource of a kind, by its declared name.

    Raises:
        ClientError: CloudFormation does not list stacks or their resources.
    """
    return {
        name: stack
        for stack in existing_stacks(client)
        if number_of(kind, stack) is not None
        for name in _names(kind, stack, client)
    }


def _names(kind: Kind, stack: str, client: Any) -> Iterator[str]:
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            word, _, name = declared_name(resource["LogicalResourceId"]).partition("/")
            # The list can still contain deleted resources.
            if word == SINGULAR[SECTIONS[kind]] and not resource["ResourceStatus"].startswith(
                "DELETE_COMPLETE"
            ):
                yield name


def read_stacks_by_name(account: Account, kind: Kind, endpoint_url: str | None = None) -> Mapping[str, str]:
    """Give the stacks of a kind in the account of the default credential chain.

    Raises:
        UnreadableAccountError: The declared account cannot be reached, or CloudFormation does not list its stacks.
    """
    client = session_in(account, endpoint_url).client(
        "cloudformation", endpoint_url=endpoint_url, config=ADAPTIVE_RETRIES
    )
    try:
        return stacks_by_name(kind, client)
    except (BotoCoreError, ClientError) as error:
        message = f"the stacks could not be listed; found {error_text(error)}; accepted: read access to CloudFormation"
        raise UnreadableAccountError(message, UNDECIDED) from None


def read_uncreated_stacks(
    account: Account, names: Collection[str], endpoint_url: str | None = None
) -> list[str]:
    """List the stacks of these names whose creation failed and which termination protection keeps.

    Raises:
        UnreadableAccountError: The declared account cannot be reached, or CloudFormation does not describe its stacks.
    """
    client = session_in(account, endpoint_url).client(
        "cloudformation", endpoint_url=endpoint_url, config=ADAPTIVE_RETRIES
    )
    try:
        pages = client.get_paginator("describe_stacks").paginate()
        return sorted(
            stack["StackName"]
            for page in pages
            for stack in page["Stacks"]
            if stack["StackName"] in names
            and stack["StackStatus"] == "ROLLBACK_COMPLETE"
            and stack.get("EnableTerminationProtection")
        )
    except (BotoCoreError, ClientError) as error:
        message = f"the stacks could not be described; found {error_text(error)}; accepted: read access to CloudFormation"
        raise UnreadableAccountError(message, UNDECIDED) from None
