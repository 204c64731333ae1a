"""The page at the end of `make up`: who exists, who may do what, how each signs in, and the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from keywright.model.sheets.wording import access_in_words, grant_in_words, sign_in_address, trust_in_words
from keywright.model.workloads import roles_of_workload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright.model.declarations import Declarations
    from sandbox.up.proof import Proof


def show(console: Console, declarations: Declarations, proofs: Sequence[Proof]) -> None:
    """Print the page; it holds no secret, only where each waits."""
    console.print()
    for part in (
        _people(declarations),
        _applications(declarations),
        _workloads(declarations),
        _roles(declarations),
    ):
        console.print(part)
        console.print()
    console.print(_sign_in(declarations))
    console.print()
    console.print(_proofs(proofs))


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", show_lines=False, box=None, pad_edge=False
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _people(declarations: Declarations) -> RenderableType:
    table = _table("People", "name", "console", "command line", "may, after the second factor")
    for name, user in declarations.users.items():
        if user.person is not None:
            lines = "\n".join(access_in_words(user, declarations)) or "nothing yet"
            table.add_row(name, _yes(said=user.console), "aws login" if user.cli else "", Text(lines))
    return table


def _applications(declarations: Declarations) -> RenderableType:
    table = _table("Applications with long-term keys", "name", "keys", "may", "because")
    for name, user in declarations.users.items():
        if user.application is not None:
            keys = "\n".join(f"{key.serial} {key.status}" for key in user.access_keys)
            may = "\n".join(access_in_words(user, declarations))
            table.add_row(name, keys, Text(may), Text(user.application.because))
    return table


def _workloads(declarations: Declarations) -> RenderableType:
    table = _table("Workloads on EC2 (a role, no key)", "name", "launched by", "may")
    for name, workload in declarations.workloads.items():
        held = [grant_in_words(each) for each in (*workload.grants, *workload.policies)]
        held += [f"assume {role}" for role in roles_of_workload(declarations, name)]
        held += ["take shells from whom `session_on` grants one"] if workload.sessions else []
        table.add_row(name, workload.ec2.launch, Text("\n".join(held)))
    return table


def _roles(declarations: Declarations) -> RenderableType:
    table = _table("Roles to assume", "name", "by", "may")
    for name, role in declarations.roles.items():
        by = "\n".join(map(trust_in_words, role.trusts))
        may = "\n".join(map(grant_in_words, (*role.grants, *role.policies)))
        table.add_row(name, Text(by), Text(may))
    return table


def _sign_in(declarations: Declarations) -> RenderableType:
    table = _table("First sign-in", "user name", "first password waits in the secret")
    for name, user in declarations.users.items():
        if user.console:
            table.add_row(name, f"keywright/first-password/{name}")
    handover = declarations.account.handover
    who = (
        f"Members of {handover} may read these secrets, nobody else."
        if handover
        else "Nobody may read these secrets yet."
    )
    address = Text.assemble(
        "At ", (sign_in_address(declarations), "underline"), f" (account {declarations.account.id}). {who}"
    )
    after = Text(
        "The first password must be changed at once, then a second factor registered; until then nothing else works."
    )
    return Group(table, address, after)


def _proofs(proofs: Sequence[Proof]) -> RenderableType:
    lines = [Text("Proof from the instance itself", style="bold")]
    if not proofs:
        lines.append(Text("no workload here launches an instance that may read a bucket, so none is asked"))
    for proof in proofs:
        mark = Text("held   ", style="green") if proof.held else Text("BROKEN ", style="bold red")
        lines.append(Text.assemble(mark, proof.sentence))
    return Group(*lines)


def _yes(*, said: bool) -> str:
    return "yes" if said else ""
