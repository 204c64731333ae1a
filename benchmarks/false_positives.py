"""The rate of false positives: over AWS's managed policies and public templates, each finding assessed by hand.

    python -m benchmarks.false_positives MATERIAL [--list]

MATERIAL contains a folder for each source in `benchmarks/false_positives.yaml`. Templates of our own dependencies (aws-cdk-lib,
the CDK CLI, AWS's managed policies) are read from these. The material is not part of this project:
`benchmarks/public_templates.csv` lists each file with its hash and the number of findings of each rule (`!` marks errors), and
docs/false-positives.md contains the rates. `--list` lists all templates in MATERIAL again; otherwise only files listed with an
unchanged hash are measured.

A managed policy is checked as part of a template, as a boundary if AWS names it so, and without the quota rules, which AWS's own
policies are not subject to.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import tarfile
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keywright.assembly.sources.yaml_source import YamlSource
from keywright.assembly.templates.reader import read_assembly
from keywright.guardrails.engine import check_assembly
from keywright.guardrails.rule import all_rules
from keywright.policy.reference.managed_policies import PREFIX, managed_policy_arns, managed_policy_document
from keywright.reporting.finding import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).parent
LIST, ASSESSMENT = HERE / "public_templates.csv", HERE / "false_positives.yaml"
PAGE = HERE.parent / "docs" / "false-positives.md"
MANAGED, LIBRARY, CDK = "AWS managed policies", "aws-cdk-lib", "aws-cdk"
SUFFIXES = (".json", ".yaml", ".yml", ".template")


@dataclass(frozen=True)
class Sample:
    """One template or policy of a source."""

    source: str
    name: str
    content: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """Give the SHA-256 of its content."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Measured:
    """The findings of a sample without advice; None if it cannot be read as a template."""

    sample: Sample
    findings: tuple[Finding, ...] | None


def main() -> None:
    """Measure, and write the list and the page."""
    parser = argparse.ArgumentParser(description="Count false positives over public policies and templates.")
    parser.add_argument("material", type=Path, help="a folder with a folder for each source")
    parser.add_argument("--list", action="store_true", help="list all templates there again")
    wanted = parser.parse_args()
    known = None if wanted.list else set(_listed())
    samples = [
        each
        for each in collect_samples(wanted.material)
        if known is None or (each.source, each.name, each.digest) in known
    ]
    measured = [each for each in map(measure, samples) if each.findings is not None]
    if known is None:
        _write_list(measured)
    PAGE.write_text(page(measured))
    print(f"{len(measured):,} of {len(list(_listed())):,} samples measured; see {PAGE.name}")


def collect_samples(material: Path) -> Iterator[Sample]:
    """Yield every available sample."""
    for arn in managed_policy_arns():
        document = json.dumps(managed_policy_document(arn), sort_keys=True)
        yield Sample(MANAGED, arn.removeprefix(PREFIX), document.encode())
    yield from _installed()
    for source in assessment()["sources"]:
        folder = material / source["name"].replace("/", "+")
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.suffix in SUFFIXES and path.is_file():
                yield Sample(source["name"], path.relative_to(folder).as_posix(), path.read_bytes())


def _installed() -> Iterator[Sample]:
    for archive in sorted(Path(str(files("aws_cdk") / "_jsii")).glob("aws-cdk-lib@*.tgz")):
        with tarfile.open(archive) as packed:
            for member in packed.getmembers():
                content = packed.extractfile(member) if member.name.endswith(".template.json") else None
                if content is not None:
                    yield Sample(LIBRARY, member.name, content.read())
    bootstrap = HERE.parent / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml"
    if bootstrap.is_file():
        yield Sample(CDK, bootstrap.name, bootstrap.read_bytes())


def measure(sample: Sample) -> Measured:
    """Check a sample as a foreign template."""
    rules = {
        code: rule
        for code, rule in all_rules().items()
        if sample.source != MANAGED or not code.startswith("QTA")
    }
    with tempfile.TemporaryDirectory() as folder:
        suffix = ".json" if sample.source == MANAGED else Path(sample.name).suffix
        path = Path(folder) / f"sample{suffix}"
        path.write_bytes(_as_template(sample))
        judgement = check_assembly(read_assembly(path), own=False, rules=rules)
    if judgement.unusable or not judgement.resources:
        return Measured(sample, None)
    counted = [each for each in judgement.findings if each.rule and each.severity is not Severity.ADVICE]
    return Measured(sample, tuple(counted))


def _as_template(sample: Sample) -> bytes:
    if sample.source != MANAGED:
        return sample.content
    properties = {"PolicyDocument": json.loads(sample.content)}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    name = "Boundary" if "PermissionsBoundary" in sample.name else "Policy"
    return json.dumps({"Resources": {name: policy}}).encode()


# The assessment


@cache
def assessment() -> dict[str, Any]:
    """Read the sources, and which findings are false positives."""
    tree: Any = YamlSource.of(ASSESSMENT.read_text(), ASSESSMENT.name).tree
    return tree  # type: ignore[no-any-return]


def why_false(finding: Finding, sample: Sample) -> str:
    """Give the reason why a finding is a false positive; "" for a true one."""
    return next(
        (str(each["because"]) for each in assessment()["false"] if _is_about(each, finding, sample)),
        "",
    )


def _is_about(judgement: dict[str, str], finding: Finding, sample: Sample) -> bool:
    return (
        judgement["rule"] == finding.rule
        and re.search(judgement.get("found", ""), finding.found) is not None
        and re.search(judgement.get("in", ""), sample.name) is not None
    )


# The list and the page


def _listed() -> Iterator[tuple[str, str, str]]:
    if LIST.is_file():
        with LIST.open(newline="") as rows:
            for row in csv.DictReader(rows):
                yield row["source"], row["name"], row["sha256"]


def _write_list(measured: Iterable[Measured]) -> None:
    with LIST.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["source", "name", "sha256", "verdict"])
        for each in measured:
            rows.writerow([each.sample.source, each.sample.name, each.sample.digest, _verdict(each)])


def _verdict(measured: Measured) -> str:
    counts = Counter(
        f"{each.rule}{'!' if each.severity is Severity.ERROR else ''}" for each in _faults(measured)
    )
    return " ".join(f"{rule}={count}" for rule, count in sorted(counts.items())) or "passes"


def _faults(measured: Measured) -> list[Finding]:
    return [each for each in measured.findings or () if each.outcome is Outcome.FAULT]


def page(measured: list[Measured]) -> str:
    """Write the page."""
    faults = [(finding, each.sample) for each in measured for finding in _faults(each)]
    false = [(finding, because) for finding, sample in faults for because in [why_false(finding, sample)]]
    unsure = sum(finding.outcome is Outcome.UNDECIDED for each in measured for finding in each.findings or ())
    errors = [each for each in false if each[0].severity is Severity.ERROR]
    return "\n".join(
        [
            "# False positives of the guardrails",
            "",
            f"Over {len(measured):,} public policies and templates the guardrails report {len(faults):,} errors and",
            f"warnings; {_rate(false)} of these are false positives. Of the errors alone it is",
            f"{_rate(errors)} of {len(errors):,}.",
            f"Another {unsure:,} checks are undecided.",
            "",
            *_method(),
            "## By rule",
            "",
            "| rule | findings | errors | false | rate |",
            "|---|---|---|---|---|",
            *_by_rule(false),
            "",
            "## Known false positives, and why they remain",
            "",
            *_reasons(false),
            "",
            "## The material",
            "",
            "| source | version | files | with findings |",
            "|---|---|---|---|",
            *_sources(measured),
            "",
        ]
    )


def _method() -> list[str]:
    text = (assessment()["method"]).strip().splitlines()
    return ["## How it was measured", "", *text, ""]


def _rate(assessed: list[tuple[Finding, str]]) -> str:
    false = sum(bool(because) for _, because in assessed)
    return f"{false / max(len(assessed), 1):.2%}"


def _by_rule(false: list[tuple[Finding, str]]) -> Iterator[str]:
    for code in sorted({finding.rule for finding, _ in false}):
        of_rule = [each for each in false if each[0].rule == code]
        errors = sum(finding.severity is Severity.ERROR for finding, _ in of_rule)
        wrong = sum(bool(because) for _, because in of_rule)
        yield f"| [{code}](rules/{code}.md) | {len(of_rule):,} | {errors:,} | {wrong} | {_rate(of_rule)} |"


def _reasons(false: list[tuple[Finding, str]]) -> Iterator[str]:
    counts = Counter((finding.rule, because) for finding, because in false if because)
    yield from (f"- {rule}, {count} times: {because}" for (rule, because), count in sorted(counts.items()))


def _sources(measured: list[Measured]) -> Iterator[str]:
    versions = {
        each["name"]: each["version"] for each in (*assessment()["sources"], *assessment()["installed"])
    }
    for source in dict.fromkeys(each.sample.source for each in measured):
        of_source = [each for each in measured if each.sample.source == source]
        speaking = sum(bool(_faults(each)) for each in of_source)
        yield f"| {source} | {versions[source]} | {len(of_source):,} | {speaking:,} |"


if __name__ == "__main__":
    main()
