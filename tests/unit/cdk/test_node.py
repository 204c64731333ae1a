"""Which Node the CDK runs on, and how."""

from __future__ import annotations

import os

import pytest

from keywright.cdk.node import use_wheel_node, wheel_node


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param("", "--max-semi-space-size=8", id="nothing said"),
        pytest.param(
            "--enable-source-maps",
            "--enable-source-maps --max-semi-space-size=8",
            id="another value declared",
        ),
        pytest.param("--max-semi-space-size=64", "--max-semi-space-size=64", id="said already"),
    ],
)
def test_bundled_node_runs_with_a_small_young_generation(
    monkeypatch: pytest.MonkeyPatch, options: str, expected: str
) -> None:
    monkeypatch.delenv("JSII_NODE", raising=False)
    monkeypatch.setenv("NODE_OPTIONS", options)
    use_wheel_node()
    assert wheel_node() is not None
    assert (os.environ["JSII_NODE"], os.environ["NODE_OPTIONS"]) == (str(wheel_node()), expected)


def test_leaves_a_configured_node_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older one may refuse to start with an option that it does not know."""
    monkeypatch.setenv("JSII_NODE", "/opt/node18")
    monkeypatch.setenv("NODE_OPTIONS", "")
    use_wheel_node()
    assert (os.environ["JSII_NODE"], os.environ["NODE_OPTIONS"]) == ("/opt/node18", "")
