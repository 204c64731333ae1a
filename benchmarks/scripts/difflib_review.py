"""Print how many lines differ between the templates of two folders."""

import sys
from difflib import unified_diff
from pathlib import Path

before, after = map(Path, sys.argv[1:])
count = 0
for file in sorted(before.glob("*.json")):
    old, new = ((folder / file.name).read_text("utf-8").splitlines() for folder in (before, after))
    differing = unified_diff(old, new, n=0, lineterm="")
    count += sum(line.startswith("+") and not line.startswith("+++") for line in differing)
print(count)
