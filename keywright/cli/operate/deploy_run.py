"""The steps of `keywright deploy`: synthesis, one or two passes with CloudFormation, verification."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from keywright.cdk.process import started
from keywright.cli.errors import CommandError, unwritable
from keywright.cli.extras import require_cdk
from keywright.cli.operate import verify
from keywright.cli.operate.first_pass import postponed, write_first_pass
from keywright.cli.options import ACCESS, ASSEMBLY, day
from keywright.cli.reading import read_declarations, reading_account
from keywright.cli.terminal import print_error
from keywright.live.passes.deployed import read_uncreated_stacks
from keywright.live.session import UnreadableAccountError, session_in
from keywright.reporting.exit_codes import GOOD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from keywright.model.account.settings import Account

_TEMPLATE = ".template.json"
_NOT_DEPLOYED = (
    "not deployed: CloudFormation rolled back the stack that failed, and stacks deployed before it stay; correct the cause, "
    "which the CDK printed above, and run `keywright deploy` again"
)
SETTLING = (2, 4, 8)
"""Seconds between comparisons after a deployment: IAM may not show everywhere at once what has changed ("Changes that I make are
not always immediately visible", IAM User Guide)."""
_SIGNAL = 128
"""A program that a signal ended has this plus the number of the signal as its exit code, as in a shell."""


def deploy(
    folder: Path, role: str | None, output: Path, today: datetime | None, endpoint_url: str | None
) -> int:
    """Run all steps, and give the exit code of the first one that failed.

    Raises:
        CommandError: Nothing was deployed: a mistake in a declaration, no CDK, or the account can't be reached or read.
    """
    declarations, _ = read_declarations(folder, day(today))
    account = declarations.account
    # Before the synthesis, which takes seconds, and before the earlier assembly is removed.
    require_cdk()
    with reading_account(account.id):
        session_in(account, endpoint_url)
    if code := _synthesize(folder, output, today, endpoint_url):
        print_error("the synthesis failed, for the reason above; nothing was deployed")
        return code
    # Elsewhere than the project: an interrupted run leaves no assembly there that a later one could take for its own.
    with tempfile.TemporaryDirectory(prefix="keywright-deploy-") as scratch:
        first = Path(scratch) / "cdk.first"
        waiting = write_first_pass(account, output, first, endpoint_url)
        if waiting:
            print(*postponed(waiting), sep="\n", flush=True)
        code = _deploy([first, output] if waiting else [output], role, endpoint_url)
    # Also after a failure, which must not hide what it left.
    verified = _verify(folder, today, endpoint_url, pauses=() if code else SETTLING)
    if code:
        # At the end, where it is seen.
        print_error(*_uncreated(account, output, endpoint_url), _NOT_DEPLOYED)
    return code or verified


def _synthesize(folder: Path, output: Path, today: datetime | None, endpoint_url: str | None) -> int:
    """Synthesize into a new folder; nothing of an earlier assembly is left."""
    _remove_assembly(output)
    context = [] if folder == ACCESS else ["--context", f"access={folder}"]
    context += [] if today is None else ["--context", f"today={today:%Y-%m-%d}"]
    try:
        # Apart: the app is started by the CDK, and must not go on writing after an interruption.
        return _run_cdk(["synth", "--quiet", "--output", str(output), *context], endpoint_url, apart=True)
    except KeyboardInterrupt:
        shutil.rmtree(output, ignore_errors=True)
        print_error("the synthesis was interrupted; nothing was deployed")
        raise


def _remove_assembly(output: Path) -> None:
    if not output.exists():
        return
    # Never a folder of something else that was named by mistake. An assembly contains a file `cdk.out`, unless its synthesis
    # was killed.
    is_ours = output.name == ASSEMBLY.name or (output / ASSEMBLY.name).is_file()
    if not output.is_dir() or (any(output.iterdir()) and not is_ours):
        raise CommandError(
            f"{output}: is not replaced; found a folder or file that is not an assembly; "
            "accepted: a new folder, or one that `cdk synth` wrote"
        )
    try:
        shutil.rmtree(output)
    except OSError as error:
        raise unwritable(output, error) from error


def _deploy(passes: Sequence[Path], role: str | None, endpoint_url: str | None) -> int:
    options = ["--require-approval", "never", "--concurrency", "4", "--method", "direct"]
    options += ["--role-arn", role] if role else []
    for number, assembly in enumerate(passes, start=1):
        which = f"pass {number} of {len(passes)}" if len(passes) > 1 else "the deployment"
        if len(passes) > 1:
            print(which, flush=True)
        try:
            code = _run_cdk(["deploy", "--all", "--app", str(assembly), *options], endpoint_url)
        except KeyboardInterrupt:
            print_error(
                f"{which} was interrupted: CloudFormation still finishes, or rolls back, the stacks that it has begun; "
                "wait for that, then run `keywright deploy` again"
            )
            raise
        if code:
            print_error(f"{which} failed, for the reason above; what the account has now:")
            return code
    return GOOD


def _run_cdk(words: Sequence[str], endpoint_url: str | None, *, apart: bool = False) -> int:
    """Run the CDK command line with this command's terminal, and give its exit code."""
    endpoint = {"AWS_ENDPOINT_URL": endpoint_url} if endpoint_url else {}
    with started([*require_cdk(), *words], Path.cwd(), {**os.environ, **endpoint}, apart=apart) as process:
        process.wait()
    return process.returncode if process.returncode >= 0 else _SIGNAL - process.returncode


def _uncreated(account: Account, output: Path, endpoint_url: str | None) -> Iterator[str]:
    """Say how to deploy a stack again whose first deployment failed: termination protection keeps it, empty."""
    names = {each.name.removesuffix(_TEMPLATE) for each in output.glob(f"*{_TEMPLATE}")}
    try:
        stacks = read_uncreated_stacks(account, names, endpoint_url)
    except UnreadableAccountError:
        return  # verifying reports it
    for stack in stacks:
        yield (
            f"stack `{stack}` was not created and is empty; before it can be deployed again: `aws cloudformation "
            f"update-termination-protection --no-enable-termination-protection --stack-name {stack}`"
        )


def _verify(
    folder: Path, today: datetime | None, endpoint_url: str | None, *, pauses: Iterable[float]
) -> int:
    """Compare the account with the declarations; again after each pause, as long as something differs."""
    try:
        findings, account = verify.differences(folder, today, endpoint_url)
        for pause in pauses:
            if not verify.has_errors(findings):
                break
            sleep(pause)
            findings, account = verify.differences(folder, today, endpoint_url)
        return verify.report(findings, account)
    except CommandError as error:
        print_error(error)
        return error.exit_code
