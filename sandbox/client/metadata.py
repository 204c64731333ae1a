"""The instance metadata service of an instance in the sandbox."""

from __future__ import annotations

from sandbox.client.control import ask


def serve(endpoint: str, instance_id: str) -> str:
    """Have an instance's metadata served, and give the address for AWS_EC2_METADATA_SERVICE_ENDPOINT.

    AWS_EC2_METADATA_DISABLED must not be true for the client that is to use it.

    Raises:
        ControlRefused: The account has no such instance.
    """
    return str(ask(endpoint, "metadata", instance_id=instance_id)["endpoint"])
