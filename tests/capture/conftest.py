"""The microphone that the capture tests share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.virtual_microphone import VirtualMicrophone, why_not


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
