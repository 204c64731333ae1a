"""Builders: templates as files, assemblies as folders; each shows only what the case is about."""

import json
from pathlib import Path
from typing import Any

from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.template import Assembly, Template


def write_template(path: Path, resources: dict[str, Any], **sections: Any) -> Path:
    path.write_text(json.dumps({"Resources": resources, **sections}))
    return path


def write_assembly(folder: Path, **stacks: dict[str, Any]) -> Path:
    """Write a cloud assembly of stacks pinned to one account; each stack is a whole template."""
    folder.mkdir(parents=True, exist_ok=True)
    artifacts = {}
    for name, template in stacks.items():
        (folder / f"{name}.template.json").write_text(json.dumps(template))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111111111111/eu-central-1",
            "properties": {"templateFile": f"{name}.template.json"},
        }
    (folder / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}))
    return folder


def assembly_of(folder: Path, resources: dict[str, Any], **sections: Any) -> Assembly:
    """Read an assembly of one stack, which must be usable."""
    assembly = read_assembly(write_assembly(folder / "cdk.out", stack={"Resources": resources, **sections}))
    assert [str(each) for each in assembly.findings] == []
    return assembly


def template_of(folder: Path, resources: dict[str, Any], **sections: Any) -> Template:
    return assembly_of(folder, resources, **sections).templates[0]
