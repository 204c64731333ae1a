"""The clean-up phase of a stack update: "Update behaviors of stack resources" in the AWS CloudFormation User Guide.

Once every resource is updated the stack is UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: replaced and removed resources are
deleted in the reverse order of their dependencies. A deletion that fails is tried three times and then skipped: the
resource stays outside of any stack, and the stack is UPDATE_COMPLETE nevertheless. The emulator deletes before that
phase, once, replaced resources before removed ones, and keeps in the stack what it could not delete. It also reports
every unchanged resource as updated.
"""

from __future__ import annotations

import inspect
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from keywright.sandbox.patches.emulator import (
    add_event,
    changesets,
    concurrency,
    delete_resource,
    dependency_order,
    deploy_stack,
    handlers,
    provision_resource,
    runs_on_worker_thread,
    stack_records,
    stacks,
    update_resource,
)
from keywright.sandbox.patches.hooks import patch

TRIES = 3
_STACK = "AWS::CloudFormation::Stack"


@dataclass
class Update:
    """A stack update in progress."""

    stack_name: str
    stack_id: str
    old_template: dict[str, Any]
    new_template: dict[str, Any]
    pending: list[Deletion] = field(default_factory=list)
    delayed: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    cleaning_up: bool = False

    @property
    def stack(self) -> dict[str, Any]:
        """The emulator's record of the stack."""
        record: dict[str, Any] = stack_records[self.stack_name]
        return record

    def begins(self, logical_id: str, *, created: bool) -> None:
        """Report that a resource is being created or changed."""
        if created:
            self.created.add(logical_id)
        event = self.delayed.pop(logical_id, None)
        if event:
            add_event(*event[:4], "CREATE_IN_PROGRESS" if created else event[4])


@dataclass(frozen=True)
class Deletion:
    """A replaced or removed resource to delete in the clean-up."""

    logical_id: str
    resource_type: str
    physical_id: str
    properties: dict[str, Any]


_updating: ContextVar[Update | None] = ContextVar("updating", default=None)


def register() -> None:
    """Hook into the emulator's update of a stack."""
    for module in (stacks, handlers, changesets):
        patch(module, "_deploy_stack_async", _deploy)
    patch(stacks, "_delete_resource", _delete_resource)
    patch(stacks, "_add_event", _report)
    patch(stacks, "_update_resource", _update_resource)
    patch(stacks, "_provision_resource", _provision_resource)


_parameters = inspect.signature(deploy_stack)


async def _deploy(*arguments: Any, **named: Any) -> None:
    given = _parameters.bind(*arguments, **named).arguments
    # A first creation deletes nothing and has no clean-up.
    if not given.get("is_update"):
        await deploy_stack(*arguments, **named)
        return
    previous = given.get("previous_stack") or {}
    update = Update(
        given["stack_name"], given["stack_id"], previous.get("_template") or {}, given["template"]
    )
    token = _updating.set(update)
    try:
        await deploy_stack(*arguments, **named)
        if update.cleaning_up:
            await _clean_up(update)
    finally:
        _updating.reset(token)


def update_policy(logical_id: str) -> dict[str, Any]:
    """Give the UpdatePolicy of a resource in the current update; empty without one."""
    update = _updating.get()
    resources = update.new_template.get("Resources", {}) if update else {}
    return dict(resources.get(logical_id, {}).get("UpdatePolicy") or {})


def _delete_resource(
    resource_type: str, physical_id: str, properties: Any, stack_name: Any = None, logical_id: Any = None
) -> None:
    update = _updating.get()
    if update and update.stack_name == stack_name and update.stack["StackStatus"] == "UPDATE_IN_PROGRESS":
        update.pending.append(Deletion(logical_id, resource_type, physical_id, properties))
    else:
        delete_resource(resource_type, physical_id, properties, stack_name, logical_id)


def _update_resource(*arguments: Any) -> Any:
    _type, _physical_id, old, new, _stack, logical_id, *_ = arguments
    update = _updating.get()
    if update and old != new:
        update.begins(logical_id, created=False)
    return update_resource(*arguments)


def _provision_resource(resource_type: str, logical_id: str, properties: Any, stack: str) -> Any:
    if update := _updating.get():
        update.begins(logical_id, created=True)
    return provision_resource(resource_type, logical_id, properties, stack)


def _report(
    stack_id: str, stack_name: str, logical_id: str, resource_type: str, status: str, *more: Any, **named: Any
) -> None:
    """Record an event of a stack, unless it reports an unchanged resource as updated."""
    update = _updating.get()
    if update is None or update.stack_id != stack_id or "ROLLBACK" in update.stack["StackStatus"]:
        add_event(stack_id, stack_name, logical_id, resource_type, status, *more, **named)
        return
    event = (stack_id, stack_name, logical_id, resource_type, status, *more)
    if resource_type == _STACK and logical_id == stack_name and status == "UPDATE_COMPLETE":
        update.cleaning_up = True
        update.stack["StackStatus"] = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
        add_event(stack_id, stack_name, logical_id, _STACK, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", **named)
    elif status == "UPDATE_IN_PROGRESS" and not more and not named:
        # Whether the resource changes is not known yet, so the event waits until something is created or
        # updated.
        update.delayed[logical_id] = event
    elif status == "UPDATE_COMPLETE" and logical_id in update.delayed:
        del update.delayed[logical_id]
    else:
        update.begins(logical_id, created=logical_id in update.created)
        outcome = status.replace("UPDATE", "CREATE") if logical_id in update.created else status
        add_event(stack_id, stack_name, logical_id, resource_type, outcome, *more, **named)


async def _clean_up(update: Update) -> None:
    for deletion in _dependents_first(update):
        await _delete(update, deletion)
    update.stack["StackStatus"] = "UPDATE_COMPLETE"
    add_event(
        update.stack_id,
        update.stack_name,
        update.stack_name,
        _STACK,
        "UPDATE_COMPLETE",
        physical_id=update.stack_id,
    )


def _dependents_first(update: Update) -> list[Deletion]:
    try:
        order = dependency_order(update.old_template.get("Resources") or {}, {})
    # A circle of references has no order; the emulator has refused such a template before.
    except ValueError:
        order = []
    position = {logical_id: number for number, logical_id in enumerate(order)}
    return sorted(update.pending, key=lambda each: position.get(each.logical_id, 0), reverse=True)


async def _delete(update: Update, deletion: Deletion) -> None:
    """Try to delete a resource three times; the last failure is only reported."""

    def tell(status: str, reason: str = "") -> None:
        add_event(
            update.stack_id,
            update.stack_name,
            deletion.logical_id,
            deletion.resource_type,
            status,
            reason,
            deletion.physical_id,
        )

    arguments = (
        deletion.resource_type,
        deletion.physical_id,
        deletion.properties,
        update.stack_name,
        deletion.logical_id,
    )
    for _ in range(TRIES):
        tell("DELETE_IN_PROGRESS")
        try:
            if runs_on_worker_thread(deletion.resource_type):
                await concurrency.run_reentrant(delete_resource, *arguments)
            else:
                delete_resource(*arguments)
        except Exception as failure:  # noqa: BLE001 - any exception of a handler is the reason of the failure, as in the emulator
            tell("DELETE_FAILED", str(failure))
        else:
            tell("DELETE_COMPLETE")
            return
