"""The log-mel definition against librosa's, which is another implementation of it."""

import csv
from pathlib import Path

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgecry.capture.recording import Recording
from edgecry.features.mel import FRAMES_PER_BATCH, LogMel, MelParams, frame_count, mel_filters

SHIPPED = MelParams()
OTHER = MelParams(
    sample_rate_hz=22050,
    window_samples=512,
    hop_samples=128,
    fft_samples=1024,
    mels=40,
    low_hz=60.0,
    high_hz=10000.0,
    floor=1e-8,
    offset_nats=-2.0,
    scale_nats=3.0,
)


def librosa_log_mel(samples: np.ndarray, p: MelParams) -> np.ndarray:
    """(frames, mels) float64. librosa centres the window in the FFT: shift by half the padding."""
    shift = (p.fft_samples - p.window_samples) // 2
    end = p.fft_samples + (frame_count(len(samples), p) - 1) * p.hop_samples
    padded = np.zeros(end)
    used = min(len(samples), end - shift)
    padded[shift : shift + used] = samples[:used]
    power = librosa.feature.melspectrogram(
        y=padded,
        sr=p.sample_rate_hz,
        n_fft=p.fft_samples,
        hop_length=p.hop_samples,
        win_length=p.window_samples,
        window="hann",
        center=False,
        power=2.0,
        n_mels=p.mels,
        fmin=p.low_hz,
        fmax=p.high_hz,
        htk=True,
        norm=None,
        dtype=np.float64,
    )
    return ((np.log(np.maximum(power, p.floor)) - p.offset_nats) / p.scale_nats).T


def assert_equals_librosa(samples: np.ndarray, params: MelParams) -> None:
    log_mel = LogMel(params)(samples)
    assert log_mel.dtype == np.float32
    np.testing.assert_allclose(log_mel, librosa_log_mel(samples, params), rtol=0, atol=1e-4)


def synthetic(kind: str, rate_hz: int) -> np.ndarray:
    t = np.arange(3 * rate_hz) / rate_hz
    noise = np.random.default_rng(0).standard_normal(len(t))
    return {
        "noise": 0.1 * noise,
        "faint noise": 1e-5 * noise,
        "loud tone over faint noise": np.sin(2 * np.pi * 440 * t) + 1e-4 * noise,
        "sweep": 0.5 * np.sin(2 * np.pi * (50 * t + 1200 * t**2)),
        "clicks": (np.arange(len(t)) % 1000 == 0).astype(float),
        "silence": np.zeros(len(t)),
    }[kind].astype(np.float32)


@pytest.mark.parametrize("params", [SHIPPED, OTHER], ids=["shipped", "other"])
@pytest.mark.parametrize(
    "kind",
    ["noise", "faint noise", "loud tone over faint noise", "sweep", "clicks", "silence"],
)
def test_equals_librosa_over_synthetic_audio(kind: str, params: MelParams) -> None:
    assert_equals_librosa(synthetic(kind, params.sample_rate_hz), params)


def test_equals_librosa_over_real_recordings(shared_data: Path) -> None:
    with (shared_data / "pack" / "manifest.csv").open() as manifest:
        files = [shared_data / "pack" / row["path"] for row in csv.DictReader(manifest)]
    for path in np.random.default_rng(0).choice(files, 20, replace=False):
        with Recording(path, SHIPPED.sample_rate_hz) as recording:
            assert_equals_librosa(np.concatenate(list(recording)), SHIPPED)


@pytest.mark.parametrize("params", [SHIPPED, OTHER], ids=["shipped", "other"])
def test_the_filters_are_librosas(params: MelParams) -> None:
    expected = librosa.filters.mel(
        sr=params.sample_rate_hz,
        n_fft=params.fft_samples,
        n_mels=params.mels,
        fmin=params.low_hz,
        fmax=params.high_hz,
        htk=True,
        norm=None,
        dtype=np.float64,
    )
    np.testing.assert_allclose(mel_filters(params), expected.T, rtol=0, atol=1e-6)


def test_silence_is_the_floor() -> None:
    log_mel = LogMel(SHIPPED)(np.zeros(1600, np.float32))
    floor = (np.log(SHIPPED.floor) - SHIPPED.offset_nats) / SHIPPED.scale_nats
    np.testing.assert_allclose(log_mel, floor, rtol=1e-6)


@settings(deadline=None)
@given(st.integers(0, 60 * SHIPPED.hop_samples))
def test_frames_are_those_that_fit_whole(samples: int) -> None:
    frames = LogMel(SHIPPED)(np.ones(samples, np.float32)).shape[0]
    assert frames == frame_count(samples, SHIPPED)
    starts = range(0, samples, SHIPPED.hop_samples)
    assert frames == sum(start + SHIPPED.window_samples <= samples for start in starts)


@settings(deadline=None)
@given(st.integers(1, 4 * FRAMES_PER_BATCH))
def test_what_comes_later_does_not_change_a_frame(frames: int) -> None:
    samples = synthetic("noise", SHIPPED.sample_rate_hz)
    kept = (frames - 1) * SHIPPED.hop_samples + SHIPPED.window_samples
    log_mel = LogMel(SHIPPED)
    np.testing.assert_array_equal(log_mel(samples[:kept]), log_mel(samples)[:frames])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"hop_samples": 0}, "hop_samples"),
        ({"hop_samples": 401}, "hop_samples"),
        ({"fft_samples": 256}, "fft_samples"),
        ({"low_hz": -1.0}, "low_hz"),
        ({"high_hz": 8001.0}, "high_hz"),
        ({"low_hz": 7500.0}, "low_hz"),
        ({"mels": 0}, "mels"),
        ({"floor": 0.0}, "floor"),
        ({"scale_nats": 0.0}, "scale_nats"),
    ],
)
def test_a_definition_that_cannot_be(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MelParams(**wrong)  # type: ignore[arg-type]


def test_filters_that_would_hear_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="200 mel filters are too many for 512"):
        mel_filters(MelParams(mels=200))
