"""Which stacks of ours there are in the account, and where CloudFormation has what was declared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from keywright.assembly.templates.names import declared_name
from keywright.live.session import PATIENT, UnreadableAccountError, in_words, session_in
from keywright.model.source.places import SINGULAR
from keywright.model.stacks.kinds import SECTIONS
from keywright.model.stacks.shards import number_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.model.account.settings import Account
    from keywright.model.stacks.kinds import Kind

_ALIVE = re.compile(r"(?!DELETE_COMPLETE|REVIEW_IN_PROGRESS|ROLLBACK_COMPLETE)")
"""A stack whose creation failed holds nothing."""


def kind_of(stack: str) -> Kind | None:
    """Tell which kind of declared things a stack holds; groups of the first stack of people are with them."""
    return next((kind for kind in SECTIONS if number_of(kind, stack) is not None), None)


def stacks_alive(client: Any) -> list[str]:
    """Name the stacks that hold declared things in the region of a client of CloudFormation.

    Raises:
        ClientError: CloudFormation does not list them.
    """
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = client.list_stacks(**more)
        found += [each["StackName"] for each in page["StackSummaries"] if _ALIVE.match(each["StackStatus"])]
        if not page.get("NextToken"):
            return sorted({each for each in found if kind_of(each)})
        more = {"NextToken": page["NextToken"]}


def placed(kind: Kind, client: Any) -> Mapping[str, str]:
    """Give the stack of each thing of a kind that CloudFormation has made, by its declared name.

    Raises:
        ClientError: CloudFormation does not list stacks or what is in them.
    """
    return {
        name: stack
        for stack in stacks_alive(client)
        if number_of(kind, stack) is not None
        for name in _names(kind, stack, client)
    }


def _names(kind: Kind, stack: str, client: Any) -> Iterator[str]:
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            word, _, name = declared_name(resource["LogicalResourceId"]).partition("/")
            if word == SINGULAR[SECTIONS[kind]] and not resource["ResourceStatus"].startswith(
                "DELETE_COMPLETE"
            ):
                yield name


def placed_in(account: Account, kind: Kind, endpoint_url: str | None = None) -> Mapping[str, str]:
    """Look where things of a kind are in the account that the default credential chain leads to.

    Raises:
        UnreadableAccountError: No way into the declared account, or CloudFormation does not show its stacks.
    """
    client = session_in(account, endpoint_url).client(
        "cloudformation", endpoint_url=endpoint_url, config=PATIENT
    )
    try:
        return placed(kind, client)
    except (BotoCoreError, ClientError) as error:
        message = f"the stacks could not be listed; found {in_words(error)}; accepted: read access to CloudFormation"
        raise UnreadableAccountError(message, 3) from None
