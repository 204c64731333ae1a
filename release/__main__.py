"""`python -m release check [TAG]`, `python -m release notes FILE`, `python -m release sbom FILE`."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from release.changelog import notes
from release.checks import Repository, check
from release.materials import write

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run one of the verbs; 0 good, 1 something is missing."""
    parser = argparse.ArgumentParser(prog="python -m release")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("check", help="check that this commit can be released").add_argument("tag", nargs="?")
    verbs.add_parser("notes", help="write the changelog's section of this version").add_argument(
        "file", type=Path
    )
    verbs.add_parser("sbom", help="write the bill of materials, CycloneDX").add_argument("file", type=Path)
    given = parser.parse_args()
    if given.verb == "check":
        findings = check(Repository.read(ROOT), datetime.now(UTC).date(), given.tag)
        sys.stderr.writelines(f"{each}\n" for each in findings)
        return 1 if findings else 0
    if given.verb == "notes":
        repository = Repository.read(ROOT)
        given.file.write_text(notes(repository.changelog, repository.version), encoding="utf-8")
        return 0
    print(f"{write(ROOT, given.file)} components in {given.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
