"""Synthesised non-cries: heard, repeatable, and alarms as the standard has them."""

from collections.abc import Callable

import numpy as np
import pytest

from convert.sounds.alarms import MELODIES, standard_alarm
from convert.sounds.audio import RATE_HZ
from convert.sounds.synthetic import GLIDING, STEADY, synthetic_noncry
from convert.sounds.waves import SAMPLES, Waveform, gliding

MAKERS = [*STEADY, *GLIDING]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_every_kind_is_heard_in_every_draw(
    make: Callable[[np.random.Generator], Waveform], rng: np.random.Generator
) -> None:
    for _ in range(6):
        wave = make(rng)
        assert wave.shape == (SAMPLES,)
        assert np.isfinite(wave).all()
        assert np.abs(wave).max() > 1e-3


def test_synthetic_sounds_stay_within_full_scale(rng: np.random.Generator) -> None:
    for _ in range(40):
        _, samples = synthetic_noncry(rng, 0.5)
        assert samples.dtype == np.float32
        assert 1e-3 < np.abs(samples).max() <= 1.0


def test_the_same_seed_gives_the_same_sound() -> None:
    first, second = (synthetic_noncry(np.random.default_rng(5), 0.5)[1] for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize(("share", "kinds"), [(0.0, STEADY), (1.0, GLIDING)])
def test_the_share_of_gliding_sounds_can_be_none_or_all(
    rng: np.random.Generator, share: float, kinds: dict[object, float]
) -> None:
    names = {make.__name__ for make in kinds}  # type: ignore[attr-defined]
    assert all(synthetic_noncry(rng, share)[0] in names for _ in range(20))


def test_alarm_melodies_have_five_notes_within_an_octave() -> None:
    for notes in MELODIES.values():
        assert len(notes) == 5
        assert 0 <= min(notes) <= max(notes) <= 12


def test_alarm_pulses_last_and_pause_as_the_standard_says(rng: np.random.Generator) -> None:
    for _ in range(20):
        starts, ends = pulses(standard_alarm(rng))
        lengths_s = (ends - starts)[1:-1] / RATE_HZ
        pauses_s = (starts[1:] - ends[:-1]) / RATE_HZ
        assert ((lengths_s > 0.06) & (lengths_s < 0.26)).all()
        assert ((pauses_s > 0.045) & (pauses_s < 6.1)).all()


def test_a_glide_keeps_its_harmonics_in_step_and_below_the_fold() -> None:
    f0_hz = np.linspace(500.0, 3000.0, SAMPLES)
    spectrum = np.abs(np.fft.rfft(gliding(f0_hz, np.ones(5))[-4000:] * np.hanning(4000)))
    hz = np.fft.rfftfreq(4000, 1 / RATE_HZ)
    expected = (np.abs(hz - 2920) < 200) | (np.abs(hz - 5840) < 350)
    assert spectrum[expected].max() > 100 * spectrum[~expected].max()


def pulses(wave: Waveform) -> tuple[np.ndarray, np.ndarray]:
    """First and last samples of what is louder than nothing."""
    loud = np.convolve(np.abs(wave) > 1e-3, np.ones(80), mode="same") > 0
    change = np.diff(np.concatenate(([0], loud.astype(int), [0])))
    return np.flatnonzero(change > 0), np.flatnonzero(change < 0)
