"""Each rule's page, written from its docstring: `python -m keywright.guardrails.reports.rule_pages [FOLDER]`."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

from keywright.guardrails.rule import Rule, all_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECTIONS = ("What it checks", "Why it matters", "Refused", "Accepted", "Blind to", "See")
EXAMPLES = ("Refused", "Accepted")
FOLDER = Path("docs/rules")


@dataclass(frozen=True)
class Page:
    """A rule's docstring, split at its headings."""

    rule: Rule

    @cached_property
    def sections(self) -> Mapping[str, str]:
        """Return the sections' texts by heading, in order."""
        found = re.split(rf"^({'|'.join(SECTIONS)})\n", self.rule.page, flags=re.MULTILINE)
        return {
            heading: dedent(body).strip("\n") for heading, body in zip(found[1::2], found[2::2], strict=True)
        }

    @property
    def heading(self) -> str:
        """Return the docstring's first line."""
        return self.rule.page.partition("\n")[0]

    def examples(self, heading: str) -> list[str]:
        """Return a section's examples: YAML, one statement or some resources each."""
        return [each.strip("\n") for each in re.split(r"^---$", self.sections[heading], flags=re.MULTILINE)]

    def markdown(self) -> str:
        """Write the page."""
        return "\n".join([*self._head(), *self._body()]).rstrip("\n") + "\n"

    def _head(self) -> Iterator[str]:
        weight = f"{self.rule.severity}"
        weight += (
            ", a warning of `--profile strict` on templates that are not ours"
            if self.rule.is_convention
            else ""
        )
        weight += f", {self.rule.in_ours} in our own app" if self.rule.in_ours else ""
        yield f"# {self.rule.code}: {self.rule.title}"
        yield ""
        yield f"Severity: {weight}."

    def _body(self) -> Iterator[str]:
        for heading, body in self.sections.items():
            yield f"\n## {heading}\n"
            if heading in EXAMPLES:
                yield "\n\n".join(f"```yaml\n{example}\n```" for example in self.examples(heading))
            else:
                yield body


def pages() -> dict[str, str]:
    """Return every page by file name, the list of all rules among them."""
    found = {f"{rule.code}.md": Page(rule).markdown() for rule in all_rules().values()}
    return {"README.md": _index(), **found}


def _index() -> str:
    rows = "\n".join(
        f"| [{rule.code}]({rule.code}.md) | {rule.title} | {rule.severity}{'*' if rule.is_convention else ''} |"
        for rule in all_rules().values()
    )
    return (
        "# Guardrails\n\n"
        "The rules that `keywright check` and `cdk synth` apply in addition to those of cdk-nag. Generated from the docstrings of the\n"
        "rules by `python -m keywright.guardrails.reports.rule_pages`.\n\n"
        f"| rule | title | severity |\n|---|---|---|\n{rows}\n\n"
        "\\* A convention of this project: on templates that are not its own a warning of `keywright check --profile strict`.\n"
    )


def write(folder: Path) -> None:
    """Write the pages, and remove those of deleted rules."""
    folder.mkdir(parents=True, exist_ok=True)
    current = pages()
    for path in folder.glob("*.md"):
        if path.name not in current:
            path.unlink()
    for name, content in current.items():
        (folder / name).write_text(content)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
