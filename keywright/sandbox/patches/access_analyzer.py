"""AWS::AccessAnalyzer::Analyzer, kept as a record for as long as its stack exists.

The emulator has no Access Analyzer, so nothing is analyzed.
"""

from __future__ import annotations

from keywright.sandbox.patches.cloudformation.resource_types import Created, generated_name, resource_type
from keywright.sandbox.patches.hooks import Parameters, account_id, region, store

_analyzers = store()


def register() -> None:
    """Add the type."""
    resource_type(
        "AWS::AccessAnalyzer::Analyzer",
        create=_create,
        update=lambda arn, _old, _new: (arn, {"Arn": arn}),
        delete=lambda arn, _properties: _analyzers.pop(arn, None),
        create_only=("AnalyzerName", "Type"),
        stack_tags=True,
    )


def _create(logical_id: str, properties: Parameters, stack: str) -> Created:
    name = properties.get("AnalyzerName") or generated_name(stack, logical_id)
    arn = f"arn:aws:access-analyzer:{region()}:{account_id()}:analyzer/{name}"
    if arn in _analyzers:
        raise ValueError(f"Analyzer {name} already exists (HandlerErrorCode: AlreadyExists)")
    _analyzers[arn] = dict(properties)
    return arn, {"Arn": arn}
