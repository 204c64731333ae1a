"""Write which actions CloudTrail logs as management events: `python -m keywright.tighten.logged_actions_pack`.

An action counts as logged if its service is listed in `actions.json`, if it is an operation of that API (no action that is
only a permission, such as `iam:PassRole`), and if it is none of the exceptions, which are data events mostly. The list has
not been compared with the page of each service yet ("AWS service topics for CloudTrail", AWS CloudTrail User Guide).
The operations are those of the AWS SDK that is installed; the same version gives the same file.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

from botocore.session import Session

from keywright.policy.reference.catalogue import actions_of
from keywright.tighten.actions import LOGGED, table


def logged_actions() -> dict[str, list[str]]:
    """List the actions that are logged, by service."""
    session, known = Session(), table()
    logged: dict[str, list[str]] = {}
    for service, entry in known["logging_services"].items():
        operations = session.get_service_model(entry["sdk"]).operation_names
        renamed = known["actions"].get(service, {})
        named = {name for operation in operations for name in renamed.get(operation, (operation,))}
        logged[service] = sorted(
            action.name
            for action in actions_of(service)
            if action.name in named
            and "tagging" not in action.levels
            and not any(fnmatchcase(action.name, each) for each in entry["not_logged"])
        )
    return logged


def main() -> None:
    """Write the file beside this module."""
    lines = ",\n".join(f'"{service}": "{" ".join(names)}"' for service, names in logged_actions().items())
    text = f"{{\n{lines}\n}}\n"
    json.loads(text)
    LOGGED.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
