"""Fixtures that every room shares."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real recordings, which live beside the checkout and are never committed."""
    if not (SHARED_DATA / "pack" / "manifest.csv").exists():
        pytest.skip("the real recordings (../shared/data) are not on this machine")
    return SHARED_DATA
