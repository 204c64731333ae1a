"""A small account in plain Python, with the same constructs as the declarations and no YAML."""

from __future__ import annotations

import sys

from keywright.cdk.node import use_wheel_node

use_wheel_node()

import aws_cdk as cdk  # noqa: E402 - jsii reads which Node to start when it is imported

from examples.python_only.account_stack import AccountStack  # noqa: E402
from examples.python_only.data_stack import DataStack  # noqa: E402
from examples.python_only.people_stack import PeopleStack  # noqa: E402
from examples.python_only.roles_stack import RolesStack  # noqa: E402
from examples.python_only.workloads_stack import WorkloadsStack  # noqa: E402
from keywright.guardrails.cdk.plugin import attach, conclude  # noqa: E402


def compose(app: cdk.App) -> None:
    """Make the stacks in order of deployment: account, data, people, roles, workloads."""
    account = AccountStack(app, "acme-account")
    data = DataStack(app, "acme-data")
    people = PeopleStack(app, "acme-people")
    roles = RolesStack(app, "acme-roles")
    workloads = WorkloadsStack(app, "acme-workloads")
    for later in (people, roles, workloads):
        later.add_stack_dependency(account, reason="boundary, guard and keeper exist before any identity")
    workloads.add_stack_dependency(data, reason="what an instance reads exists before it starts")


def main() -> int:
    """Synthesize; exit code 1 for findings of cdk-nag or the guardrails."""
    app = cdk.App(analytics_reporting=False)
    compose(app)
    attach(app, packs=("AwsSolutions",), own=True)
    return conclude(app)


if __name__ == "__main__":
    sys.exit(main())
