"""Asks for what is missing, checks every value, and writes the repository."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from keywright.cli.errors import CommandError, reason_of
from keywright.cli.terminal import print_error
from keywright.reporting.exit_codes import GOOD
from keywright.reporting.finding import Severity
from keywright.reporting.text import counted, listed, quoted
from keywright.starter.files import files
from keywright.starter.placing import ALLOWED, placed, unexpected_in
from keywright.starter.requirement import own_requirement
from keywright.starter.values import ACCOUNT, ALIAS, EMAIL, NAME, REGION, Value, Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

_MOST_NAMED = 5


@dataclass(frozen=True)
class Given:
    """What the options give; `None` where they give nothing."""

    account: str | None
    region: str | None
    name: str | None
    email: str | None
    alias: str | None

    def required(self) -> Mapping[Value, str | None]:
        """Give each required value."""
        return {ACCOUNT: self.account, REGION: self.region, NAME: self.name, EMAIL: self.email}


def init(folder: Path, given: Given, today: date, *, git: bool) -> int:
    """Write the repository, or refuse with all mistakes at once.

    Raises:
        CommandError: A value is wrong or missing, or the folder can't be used.
    """
    mistakes = [*_mistakes_of_folder(folder), *_mistakes_of_values(given)]
    if git and shutil.which("git") is None:
        mistakes.append("--git needs git, which is not on PATH")
    missing = [value for value, text in given.required().items() if text is None]
    asks = sys.stdin.isatty() and sys.stderr.isatty()
    if missing and not asks:
        mistakes.append(f"{_options(missing)} missing; without a terminal, options give every value")
    if mistakes:
        raise CommandError("\n".join([*mistakes, "nothing was written"]))
    values = _values(given, today)
    written = files(values)
    try:
        with placed(folder, written) as new:
            _require_valid(new, folder, today)
            kept = [path for path in written if not (new / path).exists()]
            if git and not (folder / ".git").exists():
                subprocess.run(["git", "init", "--quiet", str(new)], check=True)  # noqa: S603, S607 - the user's own git
    except OSError as error:
        raise CommandError(
            f"{folder}: cannot be written; found {reason_of(error)}; nothing was written"
        ) from error
    except subprocess.CalledProcessError as error:
        raise CommandError(
            f"git init failed with exit code {error.returncode}; nothing was written"
        ) from error
    _tell(folder, values, len(written) - len(kept), kept)
    return GOOD


def _mistakes_of_folder(folder: Path) -> Iterable[str]:
    try:
        found = unexpected_in(folder)
    except OSError as error:
        yield f"{folder}: cannot be used; found {reason_of(error)}; accepted: a new or an empty folder"
        return
    if found:
        yield (
            f"{folder}: is not empty; found {listed(found, most=_MOST_NAMED)}; "
            f"accepted: a new or an empty folder, or one with nothing but {listed(ALLOWED, 'and')}"
        )


def _mistakes_of_values(given: Given) -> list[str]:
    texts = {**given.required(), ALIAS: given.alias}
    found = [value.mistake(text) for value, text in texts.items() if text is not None]
    return [each for each in found if each]


def _options(missing: Iterable[Value]) -> str:
    names = [value.option for value in missing]
    return f"{listed(names, 'and')} {'is' if len(names) == 1 else 'are'}"


def _values(given: Given, today: date) -> Values:
    answers = {value: text if text is not None else _ask(value) for value, text in given.required().items()}
    return Values(
        account=answers[ACCOUNT],
        region=answers[REGION],
        name=answers[NAME],
        email=answers[EMAIL],
        alias=given.alias or "",
        today=today,
        requirement=own_requirement().text,
    )


def _ask(value: Value) -> str:
    """Ask until the answer has the right form."""
    while True:
        answer = str(typer.prompt(value.question, err=True)).strip()
        mistake = value.mistake(answer, "this")
        if not mistake:
            return answer
        print_error(mistake)


def _require_valid(new: Path, folder: Path, today: date) -> None:
    """Refuse values that are well formed one by one and that the declarations don't allow."""
    from keywright.model.reading import read

    errors = [each for each in read(new / "access", today).findings if each.severity is Severity.ERROR]
    if errors:
        lines = [str(each).replace(str(new), str(folder)) for each in errors]
        raise CommandError("\n".join([*lines, "nothing was written"]))


def _tell(folder: Path, values: Values, number: int, kept: Iterable[str]) -> None:
    print(
        f"{folder}: {counted(number, 'file')} for account {values.account} in {values.region}, administrator {quoted(values.name)}"
    )
    for path in kept:
        print(f"  {path} was there and is kept")
    if not own_requirement().is_released:
        print(
            "  requirements-keywright.txt names a file of this machine: name a release before others use it"
        )
    make = "make" if folder.resolve() == Path.cwd() else f"make -C {shlex.quote(str(folder))}"
    print("\nNext:")
    print(
        f"  {make} up    # deploy into an AWS account emulated on this machine; installs once, about a minute"
    )
    print(f"  {make} test  # check everything; the first time, write the templates to tests/golden")
