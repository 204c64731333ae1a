"""Print how many values differ between the templates of two folders, by deepdiff."""

import json
import sys
from pathlib import Path

from deepdiff import DeepDiff

before, after = map(Path, sys.argv[1:])
count = 0
for file in sorted(before.glob("*.json")):
    old, new = (json.loads((folder / file.name).read_text("utf-8")) for folder in (before, after))
    count += sum(len(each) for each in DeepDiff(old, new).values())
print(count)
