"""The real command over recordings, and the same in process."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from convert.measuring.listening import ListeningError, classified
from convert.measuring.logits import logits_of, read_recording
from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import decode_manifest

MODEL = SHIPPED_MODELS / "cry-detector.tflite"


def test_the_command_hears_what_studies_hear_in_process(tiny_data: Path, tmp_path: Path) -> None:
    files = sorted((tiny_data / "pack").glob("*_val_*.wav"))
    short = tmp_path / "short.wav"
    soundfile.write(short, np.full(4000, 0.1, np.float32), 16_000)
    files.insert(3, short)
    found = list(classified(MODEL, files))
    manifest = decode_manifest(MODEL.with_suffix(".json").read_bytes(), "shipped")
    runtime = Int8Interpreter(MODEL.read_bytes(), "shipped")
    for file, heard in zip(files, found, strict=True):
        logits = logits_of(runtime, read_recording(file, manifest.features.window_frames))
        here = logits.heard(manifest.features.smoothing_windows, manifest.calibration.probability)
        assert np.allclose(heard.end_s, here.end_s, atol=1e-3)
        assert np.allclose(heard.evidence, here.evidence, atol=2e-6)
        assert heard.duration_s == here.duration_s
    assert len(found[3].evidence) == 1


def test_what_the_command_says_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "noise.wav").write_bytes(b"not sound")
    with pytest.raises(ListeningError, match=r"ended with \d+: .*noise\.wav"):
        list(classified(MODEL, [tmp_path / "noise.wav"]))
