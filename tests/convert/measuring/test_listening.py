"""The real command over recordings."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from convert.measuring.listening import ListeningError, classified
from convert.measuring.scoring import listen
from edgecry.inference.classifier import SHIPPED_MODELS, load_classifier

MODEL = SHIPPED_MODELS / "cry-detector.tflite"


def test_the_command_hears_what_the_device_hears(tiny_data: Path, tmp_path: Path) -> None:
    files = sorted((tiny_data / "pack").glob("*_val_*.wav"))
    short = tmp_path / "short.wav"
    soundfile.write(short, np.full(4000, 0.1, np.float32), 16_000)
    files.insert(3, short)
    found = list(classified(MODEL, files))
    classifier = load_classifier(MODEL)
    for file, heard in zip(files, found, strict=True):
        device = listen(classifier, soundfile.read(file, dtype="float32")[0])
        assert np.allclose(heard.end_s, device.end_s, atol=1e-3)
        assert np.allclose(heard.evidence, device.evidence, atol=2e-6)
        assert heard.duration_s == device.duration_s
    assert len(found[3].evidence) == 1


def test_what_the_command_says_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "noise.wav").write_bytes(b"not sound")
    with pytest.raises(ListeningError, match=r"ended with \d+: .*noise\.wav"):
        list(classified(MODEL, [tmp_path / "noise.wav"]))
