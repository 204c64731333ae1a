"""`keywright up`: deploy the declarations into the sandbox, and check that instances read S3 with their role."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from keywright.live.verification.verify import verify
from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.reporting.exit_codes import FINDINGS, GOOD, UNUSABLE
from keywright.reporting.finding import Severity, with_severity
from keywright.sandbox.account import Sandbox
from keywright.sandbox.deployment import Deployment, StepFailed
from keywright.sandbox.up.existing import create_existing, session_of
from keywright.sandbox.up.page import show
from keywright.sandbox.up.proof import prove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from keywright.model.declarations import Declarations
    from keywright.reporting.finding import Finding


def up(access: Path, state: Path, today: date) -> int:
    """Run all steps and print each one; give the exit code.

    Raises:
        SandboxError: The account did not start.
    """
    console = Console(highlight=False)
    try:
        return _steps(console, access, state, today)
    except StepFailed as failed:
        console.print(failed.output, markup=False, soft_wrap=True)
        console.print(
            f"{failed.step} failed; the steps after it were skipped. Correct the cause and run `keywright up` again.",
            style="red",
            markup=False,
            soft_wrap=True,
        )
        return failed.code if failed.code in {FINDINGS, UNUSABLE} else FINDINGS


def _steps(console: Console, access: Path, state: Path, today: date) -> int:
    with step(console, f"Read {access}/"):
        reading = read(access, today)
    if reading.declarations is None:
        _refuse(console, reading.findings)
        return FINDINGS if reading.usable else UNUSABLE
    declarations = in_force(reading.declarations, today).declarations
    sandbox = Sandbox(state, declarations.account.id, declarations.account.region)
    with step(console, "Start the sandbox, an AWS account on this machine"):
        sandbox.start()
    environment = sandbox.environment()
    with step(console, "Create what the declarations call existing"):
        create_existing(declarations, environment)
    with step(console, "Synthesize; check with cdk-nag and the guardrails"):
        Deployment(access, state / "cdk.out", environment, today).synthesize()
    with step(console, "Deploy every stack with CloudFormation") as tell:
        Deployment(access, state / "cdk.out", environment, today, tell=tell).deploy()
    with step(console, "Verify that the identities that exist are those declared"):
        differences = verify(
            declarations, session_of(environment).client("iam", endpoint_url=sandbox.endpoint)
        )
    # Advice is expected here: nobody has registered an MFA device yet.
    refused = [finding for finding in differences if finding.severity is Severity.ERROR]
    if refused:
        _refuse(console, refused)
        return FINDINGS
    return _check_instances(console, declarations, sandbox)


def _refuse(console: Console, findings: Sequence[Finding]) -> None:
    for finding in findings:
        console.print(with_severity(finding), markup=False, soft_wrap=True)


def _check_instances(console: Console, declarations: Declarations, sandbox: Sandbox) -> int:
    with step(console, "Let the instances read S3 with their role"):
        proofs = prove(declarations, sandbox)
    show(console, declarations, proofs)
    console.print(
        f"\nAny AWS client: set -a; . {sandbox.env_file}; set +a    Stop: keywright down",
        style="dim",
        markup=False,
    )
    return GOOD if all(proof.passed for proof in proofs) else FINDINGS


@contextmanager
def step(console: Console, what: str) -> Iterator[Callable[[str], None]]:
    """Show a running step, its progress and its duration; as plain lines if the output is not a terminal."""
    began = time.monotonic()
    if console.is_terminal:
        with console.status(what) as status:
            yield (
                lambda line: (
                    status.update(f"{what} [dim]{escape(_short(line))}[/dim]") if _short(line) else None
                )
            )
    else:
        console.print(f"... {what}", markup=False)
        yield lambda line: console.print(f"    {_done(line)}", markup=False) if _done(line) else None
    console.print(f"[green]✓[/green] {what} [dim]({time.monotonic() - began:.1f} s)[/dim]")


def _short(line: str) -> str:
    """Shorten an event of CloudFormation to `access-people User0alice CREATE_COMPLETE`."""
    parts = [part.strip() for part in line.split("|")]
    return f"{parts[0]} {parts[3]} {parts[5]}" if len(parts) >= _EVENT_PARTS else ""


def _done(line: str) -> str:
    """Give the name of a deployed stack from the CDK's output."""
    return line.removeprefix("✅").strip() if line.startswith("✅") else ""


_EVENT_PARTS = 6
