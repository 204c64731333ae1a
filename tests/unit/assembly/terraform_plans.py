"""Builders of plans and states as Terraform writes them as JSON; each shows only what the case is about."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.template import Assembly

ACCOUNT = "111111111111"
AWS = "registry.terraform.io/hashicorp/aws"
Json = dict[str, Any]


@dataclass
class Block:
    """A resource or data source, with its values before and after, and the expressions of its arguments.

    `unknown` has the shape that `after_unknown` has, `expressions` the names of what an argument refers to.
    """

    address: str
    after: Json | None = None
    before: Json | None = None
    unknown: Json = field(default_factory=dict)
    sensitive: Json = field(default_factory=dict)
    expressions: Json = field(default_factory=dict)
    provider: str = "aws"
    actions: tuple[str, ...] = ()
    key: str | int | None = None

    @property
    def is_data(self) -> bool:
        return self._steps[0] == "data"

    @property
    def module(self) -> list[str]:
        steps = self.address.split(".")
        return steps[: 2 * (steps.count("module"))]

    @property
    def _steps(self) -> list[str]:
        return self.address.split(".")[len(self.module) :]

    def head(self) -> Json:
        kind, name = self._steps[-2:]
        index = {} if self.key is None else {"index": self.key}
        mode = "data" if self.is_data else "managed"
        return {"mode": mode, "type": kind, "name": name, **index}

    @property
    def full(self) -> str:
        return self.address if self.key is None else f"{self.address}[{json.dumps(self.key)}]"

    def shown(self, values: Json) -> Json:
        described = {"address": self.full, **self.head(), "provider_name": AWS, "schema_version": 0}
        return {**described, "values": values, "sensitive_values": self.sensitive}

    def change(self) -> Json:
        planned = ["create"] if self.before is None else ["delete"] if self.after is None else ["update"]
        change = {
            "actions": list(self.actions) or (["no-op"] if self.before == self.after else planned),
            "before": self.before,
            "after": self.after,
            "after_unknown": self.unknown,
            "before_sensitive": {},
            "after_sensitive": self.sensitive,
        }
        return {"address": self.full, **self.head(), "provider_name": AWS, "change": change}

    def configured(self) -> Json:
        described = {"address": ".".join(self._steps), **self.head(), "provider_config_key": self.provider}
        return {**described, "expressions": self.expressions, "schema_version": 0}


def refers(*names: str) -> Json:
    """Write an expression as Terraform does: each reference, then the objects that it begins with."""
    found: list[str] = []
    for name in names:
        steps = name.split(".")
        least = 3 if steps[0] == "data" else 2
        found += [".".join(steps[:size]) for size in range(len(steps), least - 1, -1)]
    return {"references": found}


def plan(*blocks: Block, modules: Json | None = None, providers: Json | None = None, **keys: Any) -> Json:
    """Give a plan; `modules` are the calls of modules, whose resources are those blocks that begin with their address."""
    calls = {
        name: {
            **call,
            "module": {**call.get("module", {}), "resources": _configured(blocks, ["module", name])},
        }
        for name, call in (modules or {}).items()
    }
    after = [each for each in blocks if each.after is not None]
    before = [each for each in blocks if each.before is not None]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.5",
        "planned_values": _values((each, each.after or {}) for each in after),
        "resource_changes": [each.change() for each in blocks],
        "prior_state": {
            "format_version": "1.0",
            "terraform_version": "1.9.5",
            "values": _values((each, each.before or {}) for each in before),
        },
        "configuration": {
            "provider_config": providers or {"aws": {"name": "aws", "full_name": AWS, "expressions": {}}},
            "root_module": {"resources": _configured(blocks, []), "module_calls": calls},
        },
        **keys,
    }


def _configured(blocks: tuple[Block, ...], module: list[str]) -> list[Json]:
    return list({each.address: each.configured() for each in blocks if each.module == module}.values())


def _values(several: Any) -> Json:
    root: list[Json] = []
    children: dict[str, list[Json]] = {}
    for block, values in several:
        (children.setdefault(".".join(block.module), []) if block.module else root).append(
            block.shown(values)
        )
    below = [{"address": name, "resources": each} for name, each in children.items()]
    return {"root_module": {"resources": root, **({"child_modules": below} if below else {})}}


def state(*blocks: Block) -> Json:
    """Give a state as `terraform show -json` writes it."""
    values = _values((each, each.after or {}) for each in blocks)
    return {"format_version": "1.0", "terraform_version": "1.9.5", "values": values}


def written(folder: Path, content: Json, name: str = "plan.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content))
    return path


def read(folder: Path, content: Json, *, before: bool = False) -> Assembly:
    """Read a plan or a state, all of which must be known."""
    assembly = read_assembly(written(folder, content), before=before)
    assert [str(each) for each in assembly.findings] == []
    return assembly


def document(*statements: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str, resource: str = "*", **more: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


TRUST = document(
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
)
