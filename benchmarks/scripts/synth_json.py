"""Write every resource of a JSON file as templates: the floor of any synthesis."""

import json
import sys
from pathlib import Path

data, out = map(Path, sys.argv[1:])
out.mkdir(exist_ok=True)
for name, resources in json.loads(data.read_text("utf-8")).items():
    (out / f"{name}.template.json").write_text(json.dumps({"Resources": resources}, indent=1), "utf-8")
