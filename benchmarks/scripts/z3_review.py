"""Print how many policies of two folders' users allow something new, by z3; equal texts are skipped."""

import json
import sys
from pathlib import Path

from tests.laws.z3_comparison import new_access

before, after = map(Path, sys.argv[1:])
count = 0
for file in sorted(before.glob("*.json")):
    old, new = (
        json.loads((folder / file.name).read_text("utf-8"))["Resources"] for folder in (before, after)
    )
    for name, resource in new.items():
        policies = resource["Properties"].get("Policies", []) if resource != old.get(name) else []
        for was, now in zip(old[name]["Properties"].get("Policies", []), policies, strict=False):
            count += was != now and bool(
                new_access(was["PolicyDocument"], now["PolicyDocument"], timeout=10_000)
            )
print(count)
