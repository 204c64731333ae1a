"""The arguments and options of the commands that ask about an assembly, and a question as it was typed.

Nothing here reads anything: help and completion are quick.
"""

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from keywright.cli.completion import principals, resources
from keywright.cli.formats import ReportFormat

ASSEMBLY = Path("cdk.out")


Principal = Annotated[
    str,
    typer.Argument(
        metavar="PRINCIPAL",
        help="Such as `user/alice`, `role/deployer`, an ARN; `*` for anybody, an account's id, a service.",
        autocompletion=principals,
    ),
]
Bearer = Annotated[
    str,
    typer.Argument(
        metavar="PRINCIPAL",
        help="Such as `user/alice`, `group/analysts`, `role/deployer`, or an ARN.",
        autocompletion=principals,
    ),
]
Action = Annotated[str, typer.Argument(metavar="ACTION", help="Such as `s3:DeleteObject`.")]
Resource = Annotated[
    str,
    typer.Argument(
        metavar="RESOURCE",
        help="Such as `bucket/reports`, or an ARN; `*` in it asks for any.",
        autocompletion=resources,
    ),
]
Assembly = Annotated[
    Path,
    typer.Argument(metavar="ASSEMBLY-or-TEMPLATE", help="A cdk.out, a folder of templates, or a template."),
]
Context = Annotated[
    list[str] | None,
    typer.Option("--context", metavar="KEY=VALUE", help="A condition key's value; repeat it for several."),
]
Absent = Annotated[
    list[str] | None,
    typer.Option(
        "--absent", metavar="KEY", help="A condition key that the request lacks; repeat it for several."
    ),
]
SessionPolicy = Annotated[
    list[Path] | None,
    typer.Option(
        "--session-policy",
        metavar="FILE",
        help="A policy that the session was begun with (`--policy` of AssumeRole); it only narrows. Repeat it for several.",
    ),
]
Form = Annotated[ReportFormat, typer.Option("--format", help="For people, or one JSON document.")]


@dataclass(frozen=True)
class Typed:
    """A question as it was typed, to be typed again with more."""

    action: str
    resource: str
    assembly: Path
    context: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    today: Any = None
    session_policies: tuple[Path, ...] = ()

    @classmethod
    def of(
        cls,
        action: str,
        resource: str,
        assembly: Path,
        *,
        context: list[str] | None,
        absent: list[str] | None,
        today: Any,
    ) -> "Typed":
        """Take what the command line gives."""
        return cls(action, resource, assembly, tuple(context or ()), tuple(absent or ()), today)

    def can(self, principal: str, more: tuple[str, ...] = ()) -> str:
        """Write the command that asks about one principal."""
        options = [part for each in self.context for part in ("--context", each)]
        options += [part for each in self.absent for part in ("--absent", each)]
        options += [part for each in self.session_policies for part in ("--session-policy", str(each))]
        options += ["--today", f"{self.today:%Y-%m-%d}"] if self.today else []
        words = ["keywright", "can", principal, self.action, self.resource, *self._where, *options, *more]
        return shlex.join(words)

    def explain(self, principal: str) -> str:
        """Write the command that says all that one principal may do."""
        return shlex.join(["keywright", "explain", principal, *self._where])

    def without(self, keys: tuple[str, ...]) -> "Typed":
        """Give the same question without what it says of some keys."""
        lowered = {key.lower() for key in keys}
        return replace(
            self,
            context=tuple(each for each in self.context if each.partition("=")[0].lower() not in lowered),
            absent=tuple(each for each in self.absent if each.lower() not in lowered),
        )

    @property
    def _where(self) -> list[str]:
        return [] if self.assembly == ASSEMBLY else [str(self.assembly)]
