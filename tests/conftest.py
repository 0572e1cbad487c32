"""Fixtures that every room shares."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.virtual_microphone import VirtualMicrophone, why_not

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real recordings, which live beside the checkout and are never committed."""
    if not (SHARED_DATA / "pack" / "manifest.csv").exists():
        pytest.skip("the real recordings (../shared/data) are not on this machine")
    return SHARED_DATA


@pytest.fixture
def virtual_microphone(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualMicrophone]:
    """A virtual microphone that this process sees, alone."""
    if (reason := why_not()) is not None:
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="mic-") as folder:
        microphone = VirtualMicrophone(Path(folder))
        for name, value in microphone.environment.items():
            monkeypatch.setenv(name, value)
        try:
            yield microphone
        finally:
            microphone.close()
