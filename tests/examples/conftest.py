"""Files that people read, compared character by character; `--snapshot-update` writes them anew."""

from __future__ import annotations

import pytest


@pytest.fixture
def golden(root, request):
    """Compare a text with the file of this name under `tests/golden/`."""

    def compare(name: str, text: str) -> None:
        path = root / "tests" / "golden" / name
        if request.config.getoption("--snapshot-update"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{name} is not there; --snapshot-update writes it"
        assert text == path.read_text(encoding="utf-8")

    return compare
