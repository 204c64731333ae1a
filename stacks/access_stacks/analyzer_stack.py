"""`access-analyzer-REGION`: IAM Access Analyzer in one more region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.account.analyzers import ExternalAccessAnalyzer
from access_stacks.pinned_stack import PinnedStack
from keywright.model.stacks.shards import ANALYZER_STACK

if TYPE_CHECKING:
    from constructs import Construct

    from access_stacks.inputs import StackInputs

EXTERNAL_ANALYZER = "keywright-external-access"


class AnalyzerStack(PinnedStack):
    """An external access analyzer in a region without other stacks; no stack depends on it."""

    def __init__(self, scope: Construct, region: str, *, inputs: StackInputs) -> None:
        super().__init__(
            scope,
            f"{ANALYZER_STACK}-{region}",
            inputs=inputs,
            description="Access from outside, in one more region",
            region=region,
        )
        declared = inputs.account.access_analyzer
        trusted = declared.trusted_accounts if declared else ()
        ExternalAccessAnalyzer(self, "ExternalAccess", name=EXTERNAL_ANALYZER, trusted_accounts=trusted)
