"""The parser finds nothing wrong with the policies that AWS publishes."""

from keywright.policy.parsing.documents import parse_document
from keywright.policy.reference.managed_policies import managed_policy_arns, managed_policy_document


def test_every_managed_policy_is_read_without_a_finding_and_written_again():
    for arn in managed_policy_arns():
        read, findings = parse_document(managed_policy_document(arn), file=arn)
        assert findings == []
        assert parse_document(read.to_json(), file=arn)[0] == read
