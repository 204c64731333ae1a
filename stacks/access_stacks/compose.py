"""All stacks of the account, and the order in which they are deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_stacks.account_stack import AccountStack
from access_stacks.analyzer_stack import AnalyzerStack
from access_stacks.data_stack import DataStack
from access_stacks.groups_stack import GroupsStack
from access_stacks.keys_stack import KeysStack
from access_stacks.people_stack import PeopleStack
from access_stacks.roles_stack import RolesStack
from access_stacks.workloads_stack import WorkloadsStack
from keywright.model.stacks.shards import ACCOUNT_STACK, CENTER_STACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import aws_cdk as cdk
    from constructs import Construct

    from access_stacks.inputs import StackInputs
    from access_stacks.pinned_stack import PinnedStack


def compose(app: cdk.App, inputs: StackInputs) -> Mapping[str, Construct]:
    """Make the stacks, and give the construct of each declared name.

    Deployed first are the MFA guard and the boundary, which every identity needs; then buckets before grants on them, so
    that no grant names a bucket that another account created in between; groups before their members; people before
    roles, so that a user who leaves a group has left before its roles gain access. Of each kind the first stack is
    deployed before its shards.
    """
    shards = inputs.declarations.shards
    account = AccountStack(app, ACCOUNT_STACK, inputs=inputs)
    data = [DataStack(app, number, inputs=inputs) for number in shards.numbers("buckets")]
    # The groups of the first shard are in the first people stack.
    groups = [GroupsStack(app, number, inputs=inputs) for number in shards.numbers("groups")[1:]]
    people = [PeopleStack(app, number, inputs=inputs) for number in shards.numbers("people")]
    roles = [RolesStack(app, number, inputs=inputs) for number in shards.numbers("roles")]
    workloads = [WorkloadsStack(app, number, inputs=inputs) for number in shards.numbers("workloads")]
    replica = inputs.account.access_keys.replica
    copies = [KeysStack(app, replica, inputs=inputs)] if replica else []
    analyzer = inputs.account.access_analyzer
    elsewhere = [AnalyzerStack(app, each, inputs=inputs) for each in analyzer.regions] if analyzer else []
    center = [_center_stack(app, inputs)] if inputs.declarations.identity_center else []
    # CloudFormation would deploy independent stacks in any order; each line below states one dependency.
    _after(center, [account, *data])
    for kind in (data, people, roles, workloads):
        _after(kind[1:], kind[:1])
    _after([*groups, people[0], roles[0], workloads[0]], [account, *data])
    _after(people[:1], [*groups, *copies])
    _after(roles[:1], people)
    stacks: Sequence[PinnedStack] = (
        account,
        *data,
        *copies,
        *groups,
        *people,
        *roles,
        *workloads,
        *elsewhere,
        *center,
    )
    return {name: construct for stack in stacks for name, construct in stack.declared.items()}


def _center_stack(app: cdk.App, inputs: StackInputs) -> PinnedStack:
    from access_stacks.identity_center_stack import IdentityCenterStack  # noqa: PLC0415 - few accounts have IAM Identity Center

    return IdentityCenterStack(app, CENTER_STACK, inputs=inputs)


def _after(later: Iterable[PinnedStack], earlier: Sequence[PinnedStack]) -> None:
    for stack in later:
        for each in earlier:
            stack.add_stack_dependency(each)
