"""One recording is found again at another level, rate, codec and cut; another one is not."""

import io

import numpy as np
import pytest
import soundfile

from convert.data.fingerprint import fingerprint, most_bit_errors, same_recordings
from convert.sounds.audio import resample
from edgecry.types import Float32Array

RATE_HZ = 16_000


def cry(seed: int, seconds: float = 5.0, baby: int = 0) -> Float32Array:
    """Harmonics with a wandering melody, in bursts, over a little noise. `baby` sets the pitch."""
    rng = np.random.default_rng([seed, baby])
    n = int(seconds * RATE_HZ)
    wander = np.interp(np.arange(n), np.linspace(0, n, 40), rng.normal(0, 0.15, 40))
    bursts = np.interp(np.arange(n), np.linspace(0, n, 30), rng.uniform(0, 1, 30))
    phase = 2 * np.pi * np.cumsum((400 + 30 * baby) * (1 + wander)) / RATE_HZ
    voice = sum(np.sin(k * phase) / k for k in range(1, 8))
    return (0.1 * bursts * voice + 0.003 * rng.standard_normal(n)).astype(np.float32)


def coded(samples: Float32Array, rate_hz: int, **kind: str) -> tuple[Float32Array, int]:
    file = io.BytesIO()
    soundfile.write(file, resample(samples, RATE_HZ, rate_hz), rate_hz, **kind)
    file.seek(0)
    return soundfile.read(file, dtype="float32")


@pytest.mark.parametrize(
    ("rate_hz", "kind"),
    [
        (44_100, {"format": "WAV", "subtype": "PCM_16"}),
        (16_000, {"format": "OGG", "subtype": "OPUS"}),
        (16_000, {"format": "MP3"}),
        (8_000, {"format": "WAV", "subtype": "GSM610"}),
    ],
    ids=["resampled", "opus", "mp3", "phone"],
)
def test_the_same_recording_is_found(rate_hz: int, kind: dict[str, str]) -> None:
    original = cry(1)
    copy, rate = coded(0.3 * original[5_432:], rate_hz, **kind)
    others = [fingerprint(cry(seed), RATE_HZ) for seed in range(2, 6)]
    prints = [fingerprint(original, RATE_HZ), *others, fingerprint(copy, rate)]
    assert [(m.first, m.second) for m in same_recordings(prints)] == [(0, 5)]


def test_a_piece_in_the_middle_of_a_long_one_is_found() -> None:
    long = np.concatenate([cry(seed) for seed in range(4)])
    piece = long[RATE_HZ * 8 : RATE_HZ * 11]
    (match,) = same_recordings([fingerprint(long, RATE_HZ), fingerprint(piece, RATE_HZ)])
    assert match.seconds == pytest.approx(3.0, abs=0.1)


def test_other_recordings_of_the_same_baby_are_not_the_same() -> None:
    prints = [fingerprint(cry(seed, baby=3), RATE_HZ) for seed in range(12)]
    assert same_recordings(prints) == []


def test_noise_hum_and_silence_are_not_the_same() -> None:
    rng = np.random.default_rng(0)
    t = np.arange(5 * RATE_HZ) / RATE_HZ
    hums = [
        (0.1 * np.sin(2 * np.pi * 100 * t) + 0.02 * rng.standard_normal(len(t))).astype(np.float32)
        for _ in range(4)
    ]
    silence = [np.zeros(5 * RATE_HZ, np.float32)] * 3
    assert same_recordings([fingerprint(s, RATE_HZ) for s in [*hums, *silence]]) == []


@pytest.mark.parametrize("length", [0, 1, 1_000, 6_000, 7_000])
def test_what_is_too_short_matches_nothing(length: int) -> None:
    short = fingerprint(cry(1)[:length], RATE_HZ)
    assert same_recordings([short, short]) == []


def test_the_longer_two_overlap_the_more_bits_may_differ() -> None:
    limits = [most_bit_errors(frames) for frames in (25, 50, 200, 1000)]
    assert limits == sorted(limits)
    assert 0.1 < limits[0] < limits[-1] < 0.35


def test_nothing_is_compared_with_nothing() -> None:
    assert same_recordings([]) == []
