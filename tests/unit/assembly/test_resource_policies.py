"""Resource-based policies of all known types are read; an event bus policy is a single statement."""

import pytest

from keywright.assembly.resources.resource_policies import resource_policies
from tests.unit.assembly.builders import assembly_of

EVERYONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("CodeArtifact::Domain", "PermissionsPolicyDocument"),
        ("ECR::PublicRepository", "RepositoryPolicyText"),
        ("Logs::Destination", "DestinationPolicy"),
        ("MSK::ClusterPolicy", "Policy"),
        ("S3Tables::TableBucketPolicy", "ResourcePolicy"),
        ("VpcLattice::AuthPolicy", "Policy"),
        ("XRay::ResourcePolicy", "PolicyDocument"),
        ("Events::EventBusPolicy", "Statement"),
    ],
)
def test_reads_a_resource_policy(tmp_path, kind, key):
    given = EVERYONE["Statement"][0] if key == "Statement" else EVERYONE
    found = resource_policies(
        assembly_of(tmp_path, {"It": {"Type": f"AWS::{kind}", "Properties": {key: given}}})
    )
    (read,) = [each.policy for each in found]
    assert [str(text) for statement in read.statements for text in statement.principals["*"]] == ["*"]
