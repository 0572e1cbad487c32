"""Variants, and each of the changes that they are made of."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.recipe import Recipe, Variants
from convert.sounds.audio import RATE_HZ
from convert.sounds.clipping import clipped
from convert.sounds.codecs import through_codec
from convert.sounds.stretch import stretch
from convert.sounds.variants import variant

OFF = {
    "speed": (1.0, 1.0),
    "pitch_tempo_share": 0.0,
    "room_share": 0.0,
    "clip_share": 0.0,
    "codec_share": 0.0,
}
ROOM = np.array([0.0, 1.0, 0.0, 0.5], np.float32)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def recipe(shipped_recipe: Recipe) -> Variants:
    return shipped_recipe.variants


def vowel(seconds: float, f0_hz: float = 440.0) -> np.ndarray:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * k * f0_hz * t) / k for k in range(1, 6))
    return (0.1 * wave).astype(np.float32)


def pitch_hz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE_HZ / len(samples))


def test_a_variant_has_the_length_of_its_tempo(rng: np.random.Generator, recipe: Variants) -> None:
    samples = rng.standard_normal(32_000).astype(np.float32) * 0.1
    for _ in range(20):
        changed, tempo = variant(samples, [ROOM], recipe, rng)
        assert changed.dtype == np.float32
        assert np.isfinite(changed).all()
        assert len(changed) == pytest.approx(len(samples) / tempo, abs=2)


def test_every_change_can_be_switched_off(rng: np.random.Generator, recipe: Variants) -> None:
    off = msgspec.structs.replace(recipe, **OFF)
    samples = vowel(1.0)
    for _ in range(10):
        changed, tempo = variant(samples, [ROOM], off, rng)
        assert np.array_equal(changed, samples)
        assert tempo == 1.0


@pytest.mark.parametrize(
    "on",
    [
        {"speed": (1.1, 1.2)},
        {"pitch_tempo_share": 1.0},
        {"room_share": 1.0},
        {"clip_share": 1.0},
        {"codec_share": 1.0},
    ],
    ids=lambda on: next(iter(on)),
)
def test_every_change_alone_changes_the_sound(
    rng: np.random.Generator, recipe: Variants, on: dict[str, object]
) -> None:
    changed, _ = variant(vowel(1.0), [ROOM], msgspec.structs.replace(recipe, **OFF | on), rng)
    assert not np.array_equal(changed, vowel(1.0))


def test_pitch_and_tempo_move_each_for_itself(rng: np.random.Generator, recipe: Variants) -> None:
    only_tempo = msgspec.structs.replace(
        recipe, **OFF | {"pitch_tempo_share": 1.0, "pitch_semitones": 0.0, "tempo": (1.2, 1.2)}
    )
    changed, tempo = variant(vowel(2.0), [], only_tempo, rng)
    assert tempo == pytest.approx(1.2)
    assert pitch_hz(changed) == pytest.approx(440.0, abs=3.0)
    only_pitch = msgspec.structs.replace(
        recipe, **OFF | {"pitch_tempo_share": 1.0, "pitch_semitones": 3.0, "tempo": (1.0, 1.0)}
    )
    changed, tempo = variant(vowel(2.0), [], only_pitch, rng)
    assert tempo == 1.0
    assert abs(pitch_hz(changed) - 440.0) > 5.0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 20_000), st.floats(0.5, 2.0))
def test_a_stretched_sound_has_the_asked_length_for_any_sound(n: int, rate: float) -> None:
    samples = np.random.default_rng(n).standard_normal(n).astype(np.float32)
    assert stretch(samples, rate).shape == (round(n / rate),)


@pytest.mark.parametrize("rate", [0.75, 1.0, 1.3])
def test_stretching_keeps_pitch_and_level(rate: float) -> None:
    sound = vowel(2.0)
    out = stretch(sound, rate)
    assert pitch_hz(out) == pytest.approx(440.0, abs=3.0)
    assert np.sqrt(np.mean(out**2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.03)


def test_stretching_moves_events_with_the_time() -> None:
    samples = np.zeros(32_000, np.float32)
    samples[16_000:] = vowel(1.0)
    for rate in (0.8, 1.25):
        begins = np.argmax(np.abs(stretch(samples, rate)) > 0.05)
        assert begins == pytest.approx(16_000 / rate, abs=0.03 * RATE_HZ)


def test_clipping_keeps_the_peak_and_adds_overtones(rng: np.random.Generator) -> None:
    sine = (0.1 * np.sin(2 * np.pi * 500 * np.arange(16_000) / RATE_HZ)).astype(np.float32)
    for _ in range(10):
        out = clipped(sine, rng)
        assert np.abs(out).max() <= 0.1001
        spectrum = np.abs(np.fft.rfft(out))
        assert spectrum[1500] > 0.01 * spectrum[500]


def test_silence_cannot_be_clipped(rng: np.random.Generator) -> None:
    assert not clipped(np.zeros(1000, np.float32), rng).any()


def test_codecs_keep_the_length_and_some_cut_the_band(rng: np.random.Generator) -> None:
    samples = 0.1 * rng.standard_normal(16_000).astype(np.float32)
    above = []
    for _ in range(24):
        coded = through_codec(samples, rng)
        assert coded.shape == samples.shape
        power = np.abs(np.fft.rfft(coded)) ** 2
        above.append(power[4500:].sum() / power.sum())
    assert min(above) < 0.01 < 0.1 < max(above)
