"""The whole account in one place: which stacks there are, and in which order they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.account_stack import AccountStack
from stacks.data_stack import DataStack
from stacks.people_stack import PeopleStack
from stacks.roles_stack import RolesStack
from stacks.setting import ACCOUNT_STACK, DATA_STACK, PEOPLE_STACK, ROLES_STACK, WORKLOADS_STACK, Setting
from stacks.workloads_stack import WorkloadsStack

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk
    from constructs import Construct


def compose(app: cdk.App, setting: Setting) -> Mapping[str, Construct]:
    """Make the stacks; give the construct of each declared name.

    Guard and boundary come before anybody; buckets before grants on them, so that nobody is let at a stranger's bucket
    whose name was taken; people before roles, so that whoever leaves a group is out before its roles may do more.
    """
    account = AccountStack(app, ACCOUNT_STACK, setting=setting)
    data = DataStack(app, DATA_STACK, setting=setting)
    people = PeopleStack(app, PEOPLE_STACK, setting=setting)
    roles = RolesStack(app, ROLES_STACK, setting=setting)
    workloads = WorkloadsStack(app, WORKLOADS_STACK, setting=setting)
    for later in (people, roles, workloads):
        later.add_stack_dependency(account)
        later.add_stack_dependency(data)
    roles.add_stack_dependency(people)
    stacks = (account, data, people, roles, workloads)
    return {name: construct for stack in stacks for name, construct in stack.declared.items()}
