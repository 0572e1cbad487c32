"""What networks see of a clip."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.reasons.approach import Copies, Items, Picture, load_approaches, quick
from convert.reasons.features import changed_copy, cut, features_of, seen
from convert.reasons.sounds import read_clips
from edgecry.features.mel import LogMel
from edgecry.inference.manifest import decode_manifest

RATE_HZ = 16_000
APPROACHES = load_approaches()
NO_DATA = Path()
MODELS = Path(__file__).parents[3] / "edgecry" / "models"


def tone(seconds: float, hz: float = 440.0) -> np.ndarray:
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (0.3 * np.sin(2 * np.pi * hz * t)).astype(np.float32)


@given(st.integers(100, 9000), st.integers(10, 400), st.none() | st.integers(5, 400))
def test_pieces_are_as_many_as_a_plan_counts_and_all_of_one_length(
    samples: int, length: int, hop: int | None
) -> None:
    rate_hz = 100
    items = Items(length / rate_hz, None if hop is None else hop / rate_hz)
    pieces = cut(np.arange(samples, dtype=np.float32), items, rate_hz)
    assert len(pieces) == items.count(samples / rate_hz)
    assert {len(p) for p in pieces} == {length}


def test_a_short_clip_is_repeated_and_a_long_one_cut() -> None:
    samples = np.arange(3, dtype=np.float32)
    assert cut(samples, Items(0.08), 100)[0].tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    assert cut(samples, Items(0.02), 100)[0].tolist() == [0, 1]
    overlapping = cut(np.arange(6, dtype=np.float32), Items(0.04, 0.01), 100)
    assert [p[0] for p in overlapping] == [0, 1, 2]


def test_the_stft_is_that_of_the_published_code() -> None:
    shown = features_of(tone(9.0, hz=1000.0), APPROACHES["stft-cnn"], NO_DATA)
    assert shown.shape == (1, 1 + (8 * RATE_HZ - 255) // 128, 129, 1)
    loudest = shown[0, :, :, 0].argmax(axis=1)
    assert (loudest == 1000 * 256 // RATE_HZ).all()
    # A tone's peak: half its amplitude times the sum of the window.
    assert shown.max() == pytest.approx(0.3 / 2 * 255 / 2, rel=0.01)


def test_ours_are_every_other_window_of_the_detector() -> None:
    """The device computes a window once, for the detector and for the reasons."""
    manifest = decode_manifest((MODELS / "cry-detector.json").read_bytes(), "the detector")
    frames, hop = manifest.features.window_frames, 2 * manifest.features.hop_frames
    sound = tone(3.5)
    shown = features_of(sound, APPROACHES["ours"], NO_DATA)
    whole = LogMel(manifest.features.log_mel)(sound)
    firsts = range(0, len(whole) - frames + 1, hop)
    assert len(shown) == len(firsts) == 6
    for piece, first in zip(shown, firsts, strict=True):
        assert np.array_equal(piece[..., 0], whole[first : first + frames])


def test_mel_spectrograms_are_scaled_and_pictures_have_colours() -> None:
    loud = features_of(tone(3.0), APPROACHES["binary-16khz"], NO_DATA)
    quiet = features_of(0.01 * tone(3.0), APPROACHES["binary-16khz"], NO_DATA)
    assert loud.shape[2:] == (128, 1)
    assert loud.max() == pytest.approx(1.0)
    assert loud.min() >= 0.0
    assert np.allclose(loud, quiet, atol=1e-3), "how loud it is does not matter"
    silence = features_of(np.zeros(RATE_HZ, np.float32), APPROACHES["binary-16khz"], NO_DATA)
    assert np.isfinite(silence).all()
    small = quick(APPROACHES["base-cnn"])
    assert isinstance(small.features, Picture)
    picture = features_of(tone(7.0, hz=200.0), small, NO_DATA)
    assert picture.shape == (1, 32, 32, 3)
    assert picture.dtype == np.uint8
    rows = picture[0].sum(axis=(1, 2), dtype=int)
    assert rows[-8:].sum() > 2 * rows[:8].sum(), "low sounds are at the bottom"


def test_pitch_classes_follow_the_pitch() -> None:
    concert_a = features_of(tone(7.0, hz=440.0), APPROACHES["mfcc-cnn"], NO_DATA)
    assert concert_a.shape[2:] == (40 + 12, 1)
    assert (concert_a[0, 5:-5, 40:, 0].argmax(axis=1) == 9).all()


COPIES = Copies(noise_snr_db=(20, 20), semitones=2, tempo=(0.8, 1.25), before_split=False, each=1)


def test_a_copy_is_as_long_and_another_one_each_time() -> None:
    samples = tone(2.0)
    first, second = (changed_copy(samples, COPIES, np.random.default_rng(s)) for s in (1, 2))
    assert len(first) == len(second) == len(samples)
    assert not np.allclose(first, second)
    assert np.array_equal(first, changed_copy(samples, COPIES, np.random.default_rng(1)))


def test_noise_is_as_far_below_the_sound_as_asked() -> None:
    still = Copies(noise_snr_db=(20, 20), semitones=0, tempo=(1, 1), before_split=False, each=1)
    silence = changed_copy(np.zeros(RATE_HZ, np.float32), still, np.random.default_rng(0))
    assert not silence.any()
    spectrum = np.abs(np.fft.rfft(changed_copy(tone(1.0), still, np.random.default_rng(0)))) ** 2
    at_tone = spectrum[430:451].sum()
    snr_db = 10 * np.log10(at_tone / (spectrum.sum() - at_tone))
    assert snr_db == pytest.approx(20, abs=1)


def test_features_are_computed_once(reasons_data: Path, tmp_path: Path) -> None:
    approach = APPROACHES["ours"]
    [clip, *_] = read_clips(approach, reasons_data)
    [recorded, copy] = seen(approach, reasons_data, [(clip, 0), (clip, 1)], tmp_path)
    assert recorded.shape == copy.shape
    assert not np.array_equal(recorded, copy)
    files = {p: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    [again] = seen(approach, reasons_data, [(clip, 1)], tmp_path)
    assert np.array_equal(again, copy)
    assert {p: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == files


def test_yamnet_gives_its_embedding_for_each_piece(shared_data: Path) -> None:
    shown = features_of(tone(2.0), APPROACHES["yamnet-head"], shared_data)
    assert shown.shape == (3, 1024)
    assert shown.min() >= 0 < shown.max(), "behind a ReLU"
