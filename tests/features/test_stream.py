"""Windows from a stream: the same as from the whole, whatever the blocks; never across a gap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgecry.features.mel import FRAMES_PER_BATCH, LogMel, MelParams
from edgecry.features.stream import FeatureStream, level_dbfs
from edgecry.types import AudioBlock, FeatureWindow

PARAMS = MelParams()
RATE_HZ = PARAMS.sample_rate_hz
FRAMES = 4 * FRAMES_PER_BATCH
HOP = FRAMES_PER_BATCH * PARAMS.hop_samples
WINDOW = (FRAMES - 1) * PARAMS.hop_samples + PARAMS.window_samples


def noise(count: int, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(count)).astype(np.float32)


def block(samples: np.ndarray, first_sample: int) -> AudioBlock:
    return AudioBlock(samples, RATE_HZ, first_sample, captured_mono_s=0.0)


def pushed(stream: FeatureStream, samples: np.ndarray, first_sample: int) -> list[FeatureWindow]:
    return list(stream.push(block(samples, first_sample)))


@settings(deadline=None)
@given(
    count=st.integers(0, 3 * RATE_HZ),
    cuts=st.lists(st.integers(0, 3 * RATE_HZ), max_size=30),
    seed=st.integers(0, 10),
)
def test_streaming_equals_batch_bit_for_bit(count: int, cuts: list[int], seed: int) -> None:
    samples = noise(count, seed)
    stream = FeatureStream(PARAMS, FRAMES)
    windows = []
    end = 0
    for part in np.split(samples, sorted(cut % (count + 1) for cut in cuts)):
        windows += pushed(stream, part, end)
        end += len(part)
    log_mel = LogMel(PARAMS)(samples)
    starts = range(0, len(log_mel) - FRAMES + 1, FRAMES_PER_BATCH)
    assert [window.end_sample for window in windows] == [
        start * PARAMS.hop_samples + WINDOW for start in starts
    ]
    for start, window in zip(starts, windows, strict=True):
        np.testing.assert_array_equal(window.log_mel, log_mel[start : start + FRAMES])
        newest = samples[window.end_sample - HOP : window.end_sample]
        assert window.level_dbfs == level_dbfs(newest)


@pytest.mark.parametrize("gap", [1, 160, 100_000])
def test_no_window_spans_a_gap(gap: int) -> None:
    before, after = noise(WINDOW + 1000, 1), noise(2 * WINDOW, 2)
    stream = FeatureStream(PARAMS, FRAMES)
    assert len(pushed(stream, before, 0)) == 1
    start = len(before) + gap
    windows = pushed(stream, after, start)
    alone = pushed(FeatureStream(PARAMS, FRAMES), after, 0)
    assert [w.end_sample for w in windows] == [start + w.end_sample for w in alone]
    for window, expected in zip(windows, alone, strict=True):
        np.testing.assert_array_equal(window.log_mel, expected.log_mel)


def test_windows_are_read_only() -> None:
    [window] = pushed(FeatureStream(PARAMS, FRAMES), noise(WINDOW), 0)
    with pytest.raises(ValueError, match="read-only"):
        window.log_mel[0, 0] = 1.0


@pytest.mark.parametrize("count", [1, 399, 400, HOP, WINDOW - 1])
def test_a_short_recording_is_padded_to_one_window(count: int) -> None:
    stream = FeatureStream(PARAMS, FRAMES)
    samples = noise(count)
    assert pushed(stream, samples, 0) == []
    [window] = stream.pad_to_window()
    padded = np.concatenate((samples, np.zeros(WINDOW - count, np.float32)))
    np.testing.assert_array_equal(window.log_mel, LogMel(PARAMS)(padded))
    assert window.end_sample == WINDOW


@pytest.mark.parametrize("count", [0, WINDOW, WINDOW + 1, 3 * WINDOW])
def test_a_recording_that_is_long_enough_or_empty_is_not_padded(count: int) -> None:
    stream = FeatureStream(PARAMS, FRAMES)
    pushed(stream, noise(count), 0)
    assert list(stream.pad_to_window()) == []


@pytest.mark.parametrize("frames", [0, -FRAMES_PER_BATCH, FRAMES_PER_BATCH + 1])
def test_a_window_is_whole_batches(frames: int) -> None:
    with pytest.raises(ValueError, match=f"multiple of {FRAMES_PER_BATCH}"):
        FeatureStream(PARAMS, frames)


def test_audio_at_another_rate_is_refused() -> None:
    stream = FeatureStream(PARAMS, FRAMES)
    with pytest.raises(ValueError, match=r"8000 Hz.*16000 Hz"):
        list(stream.push(AudioBlock(noise(10), 8000, 0, 0.0)))


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.ones(100), 0.0),
        (-np.ones(100), 0.0),
        (np.full(100, 0.1), -20.0),
        (np.sin(2 * np.pi * np.arange(1000) / 100), -3.0103),
        (np.full(100, 1 / 32768), -90.309),
    ],
)
def test_level(samples: np.ndarray, expected: float) -> None:
    assert level_dbfs(samples.astype(np.float32)) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("samples", [np.zeros(100), np.empty(0), np.full(100, 1e-12)])
def test_digital_silence_has_no_level(samples: np.ndarray) -> None:
    assert level_dbfs(samples.astype(np.float32)) is None
