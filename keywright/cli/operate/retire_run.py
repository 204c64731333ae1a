"""The work of `keywright retire`."""

from dataclasses import dataclass
from pathlib import Path

from keywright.account.snapshot import AccountSnapshot, UnusableSnapshotError, read_snapshot
from keywright.cli.errors import CommandError, reason_of
from keywright.cli.formats import RetireFormat
from keywright.cli.options import ACCESS
from keywright.cli.reading import read_declarations
from keywright.cli.terminal import print_error, write_report
from keywright.model.declarations import Declarations
from keywright.model.edited_files import EditedFile, mistakes_after, write_all
from keywright.model.source.places import Places
from keywright.reporting.exit_codes import exit_code_for
from keywright.reporting.finding import Finding, Location
from keywright.retire.edits import edited_files
from keywright.retire.proposals import Proposals, proposals
from keywright.retire.rendering import as_json, as_markdown, as_text


@dataclass(frozen=True)
class RetireOptions:
    """The arguments and options of the command."""

    snapshot: Path
    folder: Path
    unused_for: int
    grace: int
    write: bool
    form: RetireFormat
    output: Path | None


def retire(options: RetireOptions) -> int:
    """Report what is unused, write the edit if asked for, and give the exit code."""
    try:
        snapshot = read_snapshot(options.snapshot)
    except UnusableSnapshotError as error:
        raise CommandError("\n".join(map(str, error.findings))) from error
    read_at = snapshot.read_at
    if read_at is None:
        raise CommandError(
            Finding(
                Location(str(options.snapshot), 1, 1),
                "the snapshot does not say when it was read",
                found="no `ReadAt`",
                accepted="a file that `keywright snapshot` wrote",
            )
        )
    declared, places = _declarations(options, snapshot)
    found = proposals(snapshot, read_at, declared, places, days=options.unused_for, grace=options.grace)
    files, uneditable = edited_files(found.proposed)
    mistakes = mistakes_after(files, options.folder, read_at.date()) if files else ()
    write_report(_report(found, snapshot.account, files, options), options.output)
    print_error(*uneditable)
    if mistakes:
        print_error("the edit leaves mistakes, so nothing is written; first edit:", *mistakes)
    elif options.write:
        _write(files)
    return exit_code_for(findings=found.proposed or found.returned, undecided=found.unknown)


def _declarations(
    options: RetireOptions, snapshot: AccountSnapshot
) -> tuple[Declarations | None, Places | None]:
    """Read the declarations; a folder that is not named need not exist."""
    if options.folder == ACCESS and not options.folder.is_dir():
        return None, None
    assert snapshot.read_at is not None
    declared, places = read_declarations(options.folder, snapshot.read_at.date())
    if snapshot.account and snapshot.account != declared.account.id:
        raise CommandError(
            Finding(
                Location(str(options.snapshot), 1, 1),
                "the snapshot is of another account than the declarations",
                found=f"`{snapshot.account}`",
                accepted=f"`{declared.account.id}`",
            )
        )
    return declared, places


def _report(found: Proposals, account: str, files: tuple[EditedFile, ...], options: RetireOptions) -> str:
    diff = "".join(each.diff for each in files)
    match options.form:
        case RetireFormat.JSON:
            return as_json(found, account, diff)
        case RetireFormat.MARKDOWN:
            return as_markdown(found, account)
        case RetireFormat.TEXT:
            text = as_text(found, account)
            if not diff or options.write:
                return text
            return f"{text}\n\n{diff}\nnext: keywright retire {options.snapshot} --write"


def _write(files: tuple[EditedFile, ...]) -> None:
    try:
        write_all(files)
    except OSError as error:
        raise CommandError(
            f"{error.filename or files[0].path}: cannot be written; found {reason_of(error)}; nothing was changed"
        ) from error
    for each in files:
        print_error(f"{each.path}: edited")
    if files:
        print_error("next: keywright review main, then deploy")
