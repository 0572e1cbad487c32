"""Variants, synthesised non-cries, window labels and windows cut from them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from convert.recipe import Recipe, Variants
from convert.sounds.variants import in_room, read_rooms, through_codec, variant
from convert.training.bank import LOW_FLOOR_NATS, Version
from convert.training.labels import CRY, NO_CRY, label_windows
from convert.training.sampler import cut
from edgecry.features.mel import MelParams

RATE_HZ = 16_000


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def settings(shipped_recipe: Recipe) -> Variants:
    return shipped_recipe.variants


def test_a_variant_has_the_length_of_its_speed(
    rng: np.random.Generator, settings: Variants
) -> None:
    samples = rng.standard_normal(32_000).astype(np.float32) * 0.1
    for _ in range(10):
        changed, speed = variant(samples, [], settings, rng)
        assert settings.speed[0] <= speed <= settings.speed[1]
        assert len(changed) == pytest.approx(len(samples) / speed, abs=2)


def test_a_room_does_not_shift_the_sound() -> None:
    response = np.zeros(4000, np.float32)
    response[300:] = np.exp(-np.arange(3700) / 500)
    click = np.zeros(16_000, np.float32)
    click[5000] = 1.0
    assert np.argmax(in_room(click, response)) == 5000


def test_codecs_keep_the_length_and_some_cut_the_band(rng: np.random.Generator) -> None:
    samples = 0.1 * rng.standard_normal(16_000).astype(np.float32)
    above = []
    for _ in range(24):
        coded = through_codec(samples, rng)
        assert coded.shape == samples.shape
        power = np.abs(np.fft.rfft(coded)) ** 2
        above.append(power[4500:].sum() / power.sum())
    assert min(above) < 0.01 < 0.1 < max(above)


def test_rooms_have_unit_energy(tmp_path: Path, rng: np.random.Generator) -> None:
    soundfile.write(tmp_path / "r.wav", 0.3 * rng.standard_normal(4000), RATE_HZ)
    (tmp_path / "rooms.csv").write_text("path\nr.wav\n")
    [response] = read_rooms(tmp_path / "rooms.csv")
    assert np.sum(response**2) == pytest.approx(1.0, rel=1e-4)


def test_only_loud_windows_of_a_cry_clip_are_cries(rng: np.random.Generator) -> None:
    quiet = 1e-4 * rng.standard_normal(3 * RATE_HZ)
    loud = 0.1 * rng.standard_normal(3 * RATE_HZ)
    samples = np.concatenate((quiet, loud)).astype(np.float32)
    labels = label_windows(samples, None, MelParams())
    assert (labels[:8] == NO_CRY).all()
    assert (labels[-6:] == CRY).all()


def test_a_window_over_the_end_is_padded_with_silence() -> None:
    version = Version(np.zeros((50, 64), np.float16), 1.0)
    window = cut(version, -10, 96)
    assert (window[:10] == LOW_FLOOR_NATS).all()
    assert (window[10:60] == 0.0).all()
    assert (window[60:] == LOW_FLOOR_NATS).all()
