"""Ways to add or change a CloudFormation resource type of the emulator."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches.emulator import (
    custom_names,
    physical_name,
    replacing_properties,
    resource_handlers,
    stack_tag_properties,
)
from keywright.sandbox.patches.hooks import IAM, HandlerFailed, Parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

call = IAM.call


def call_if_exists(action: str, **members: Any) -> None:
    """Run an IAM action that removes something; succeed if it does not exist."""
    try:
        call(action, **members)
    except HandlerFailed as failed:
        # A handler that is tried again finds what its first try has already removed.
        if failed.refused.code != "NoSuchEntity":
            raise


@contextmanager
def undone_on_failure(undo: Callable[[], None]) -> Iterator[None]:
    """Remove a partly created resource: after a failed create CloudFormation has nothing to delete."""
    try:
        yield
    except HandlerFailed:
        # The first failure is the one to report.
        with suppress(HandlerFailed):
            undo()
        raise


Created = tuple[str, dict[str, Any]]
"""A resource's physical id (what Ref gives) and its attributes (what Fn::GetAtt gives)."""


def resource_type(
    name: str,
    *,
    create: Callable[[str, Parameters, str], Created],
    update: Callable[[str, Parameters, Parameters], Created],
    delete: Callable[[str, Parameters], None],
    create_only: tuple[str, ...],
    custom_name: str = "",
    name_taken: str = "",
    stack_tags: bool = False,
) -> None:
    """Register a CloudFormation resource type.

    `create` gets the logical id, the properties and the stack's name; `update` the physical id, the old and the new
    properties, only if no create-only property has changed; `delete` the physical id and the properties.
    `custom_name` is the property that names the resource: an update that replaces it must change that too. Otherwise it is
    refused with CloudFormation's message, or with `name_taken`. `stack_tags` adds the stack's tags to the resource's.
    """
    resource_handlers[name] = {
        "create": create,
        "update": lambda physical_id, old, new, _stack: update(physical_id, old, new),
        "delete": delete,
    }
    replacing_properties[name] = create_only
    if custom_name:
        taken = {"exists": name_taken} if name_taken else {}
        custom_names[name] = {"name": custom_name, **taken}
    if stack_tags:
        stack_tag_properties[name] = ("Tags", "list")


def prepared_create(name: str, prepare: Callable[[Parameters], Parameters]) -> None:
    """Let `prepare` change the properties with which a resource of the emulator's own type is created, or raise."""
    handler = resource_handlers[name]
    original = handler["create"]
    handler["create"] = lambda logical_id, properties, stack: original(logical_id, prepare(properties), stack)


def checked_delete(name: str, check: Callable[[str, Parameters], None]) -> None:
    """Let `check` raise before a resource of the emulator's own type is deleted."""
    handler = resource_handlers[name]
    original = handler["delete"]

    def delete(physical_id: str, properties: Parameters) -> None:
        check(physical_id, properties)
        original(physical_id, properties)

    handler["delete"] = delete


def checked_write(name: str, check: Callable[[Parameters], None]) -> None:
    """Let `check` raise before a resource of a type is created or updated."""
    handler = resource_handlers[name]
    create, update = handler["create"], handler["update"]

    def creating(logical_id: str, properties: Parameters, stack: str) -> Any:
        check(properties)
        return create(logical_id, properties, stack)

    def updating(physical_id: str, old: Parameters, new: Parameters, *more: Any) -> Any:
        check(new)
        return update(physical_id, old, new, *more)

    handler.update(create=creating, update=updating)


def generated_name(stack: str, logical_id: str, limit: int = 64) -> str:
    """Generate a physical name as CloudFormation does: stack, logical id, suffix."""
    return str(physical_name(stack, logical_id, max_len=limit))
