"""`keywright schema`: the JSON Schema with which editors complete and check declarations."""

from keywright.cli.options import Output
from keywright.reporting.exit_codes import GOOD


def command(*, output: Output = None) -> int:
    """Write the JSON Schema of the declarations, for editors.

    Editors use it for a YAML file whose first line is `# yaml-language-server: $schema=…`.
    """
    import json

    from keywright.cli.terminal import write_report
    from keywright.model.schema import json_schema

    write_report(json.dumps(json_schema(), indent=2, ensure_ascii=False), output)
    return GOOD
