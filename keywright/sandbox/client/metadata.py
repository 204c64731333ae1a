"""The instance metadata service of an instance in the sandbox."""

from __future__ import annotations

from keywright.sandbox.client.control import ask


def serve(endpoint: str, instance_id: str) -> str:
    """Serve an instance's metadata, and give the endpoint for AWS_EC2_METADATA_SERVICE_ENDPOINT.

    The client that uses it must not have AWS_EC2_METADATA_DISABLED set to true.

    Raises:
        ControlRefused: The account has no such instance.
    """
    return str(ask(endpoint, "metadata", instance_id=instance_id)["endpoint"])
