"""The summary at the end of `keywright up`: identities, their access, how to sign in, and the checks on the instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from keywright.model.queries import roles_of_workload
from keywright.model.sheets.wording import access_in_words, grant_in_words, sign_in_address, trust_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.model.declarations import Declarations
    from keywright.sandbox.up.proof import Proof


def show(console: Console, declarations: Declarations, proofs: Sequence[Proof]) -> None:
    """Print the summary of what is declared; it names secrets and contains none."""
    tables = {
        "People": _people(declarations),
        "Applications with access keys": _applications(declarations),
        "Workloads on EC2 (a role, no access key)": _workloads(declarations),
        "Roles to assume": _roles(declarations),
    }
    parts = [_titled(title, table) for title, table in tables.items() if table.row_count]
    parts.append(_sign_in(declarations))
    if declarations.workloads:
        parts.append(_proofs(proofs))
    for part in parts:
        console.print()
        console.print(part)


def _titled(title: str, *parts: RenderableType) -> Group:
    """Put a title above, which is not wrapped to the width of a table as the table's own would be."""
    return Group(Text(title, style="bold"), *parts)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _people(declarations: Declarations) -> Table:
    table = _table("name", "console", "command line", "access, with MFA")
    for name, user in declarations.users.items():
        if user.person is not None:
            lines = "\n".join(access_in_words(user, declarations)) or "nothing yet"
            table.add_row(name, "yes" if user.console else "", "aws login" if user.cli else "", Text(lines))
    return table


def _applications(declarations: Declarations) -> Table:
    table = _table("name", "keys", "access", "reason")
    for name, user in declarations.users.items():
        if user.application is not None:
            keys = "\n".join(f"{key.serial} {key.status}" for key in user.access_keys)
            may = "\n".join(access_in_words(user, declarations))
            table.add_row(name, keys, Text(may), Text(user.application.because))
    return table


def _workloads(declarations: Declarations) -> Table:
    table = _table("name", "launch", "access")
    for name, workload in declarations.workloads.items():
        access = [grant_in_words(each) for each in (*workload.grants, *workload.policies)]
        access += [f"assume {role}" for role in roles_of_workload(declarations, name)]
        access += ["accept sessions that `session_on` grants"] if workload.sessions else []
        table.add_row(name, workload.ec2.launch, Text("\n".join(access)))
    return table


def _roles(declarations: Declarations) -> Table:
    table = _table("name", "trusts", "access")
    for name, role in declarations.roles.items():
        by = "\n".join(map(trust_in_words, role.trusts))
        may = "\n".join(map(grant_in_words, (*role.grants, *role.policies)))
        table.add_row(name, Text(by), Text(may))
    return table


def _sign_in(declarations: Declarations) -> Group:
    table = _table("user name", "secret with the first password")
    for name, user in declarations.users.items():
        if user.console:
            table.add_row(name, f"keywright/first-password/{name}")
    handover = declarations.account.handover
    who = (
        f"Only members of the group {handover} can read these secrets."
        if handover
        else "No group can read these secrets yet."
    )
    address = Text.assemble(
        "Sign in at ",
        (sign_in_address(declarations), "underline"),
        f" (account {declarations.account.id}). {who}",
    )
    after = Text(
        "The first password must be changed at the first sign-in, then an MFA device registered; until then nothing else works."
    )
    return _titled("First sign-in", table, address, after)


def _proofs(proofs: Sequence[Proof]) -> Group:
    lines: list[RenderableType] = []
    if not proofs:
        lines.append(Text("no workload launches an instance that can read a bucket"))
    for proof in proofs:
        mark = Text("passed ", style="green") if proof.passed else Text("FAILED ", style="bold red")
        lines.append(Text.assemble(mark, proof.sentence))
    return _titled("Checks on the instances", *lines)
