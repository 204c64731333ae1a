"""`make up`: deploy the declarations into the sandbox, and check that instances read S3 with their role."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from keywright.live.verification.verify import verify
from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.reporting.finding import Severity
from keywright.sandbox.account import Sandbox, SandboxError
from keywright.sandbox.deployment import Deployment, StepFailed
from keywright.sandbox.up.existing import create_existing, session_of
from keywright.sandbox.up.page import show
from keywright.sandbox.up.proof import prove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from keywright.model.declarations import Declarations
    from keywright.reporting.finding import Finding

ACCESS = Path("access")
STATE = Path(".sandbox")


def main() -> int:
    """Run `make up`; 0 success, 1 if a declaration, a guardrail, the deployment or a check fails, 2 unusable input."""
    console = Console(stderr=False, highlight=False)
    try:
        return up(console, ACCESS, STATE)
    except StepFailed as failed:
        console.print(failed.output, markup=False)
        console.print(f"{failed.step} failed; the steps after it were skipped", style="red")
        return 1
    except SandboxError as error:
        console.print(str(error), style="red", markup=False)
        return 1


def up(console: Console, access: Path, state: Path) -> int:
    """Run all steps; print each one as it begins and how long it took.

    Raises:
        StepFailed: Synthesis or deployment failed; the exception has the output.
        SandboxError: The account did not start.
    """
    today = datetime.now(UTC).date()
    with step(console, f"Read {access}/"):
        reading = read(access, today)
    if reading.declarations is None:
        return _refused(console, reading.findings)
    declarations = in_force(reading.declarations, today).declarations
    sandbox = Sandbox(state, declarations.account.id, declarations.account.region)
    with step(console, "Start the sandbox, an AWS account on this machine"):
        sandbox.start()
    environment = sandbox.environment()
    with step(console, "Create what the declarations call existing"):
        create_existing(declarations, environment)
    with step(console, "Synthesize; check with cdk-nag and the guardrails"):
        Deployment(access, state / "cdk.out", environment).synthesize()
    with step(console, "Deploy every stack with CloudFormation") as tell:
        Deployment(access, state / "cdk.out", environment, tell=tell).deploy()
    with step(console, "Verify that the identities that exist are those declared"):
        differences = verify(
            declarations, session_of(environment).client("iam", endpoint_url=sandbox.endpoint)
        )
    # Advice is expected here: nobody has registered an MFA device yet.
    refused = [finding for finding in differences if finding.severity is Severity.ERROR]
    if refused:
        return _refused(console, refused)
    return _check_instances(console, declarations, sandbox)


def _refused(console: Console, findings: Sequence[Finding]) -> int:
    for finding in findings:
        console.print(str(finding), markup=False, soft_wrap=True)
    return 1


def _check_instances(console: Console, declarations: Declarations, sandbox: Sandbox) -> int:
    with step(console, "Let the instances read S3 with their role"):
        proofs = prove(declarations, sandbox)
    show(console, declarations, proofs)
    console.print(
        f"\nAny AWS client: set -a; . {sandbox.env_file}; set +a    Stop: make down",
        style="dim",
        markup=False,
    )
    return 0 if all(proof.passed for proof in proofs) else 1


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


if __name__ == "__main__":
    sys.exit(main())
