"""A dead microphone, told from a quiet room."""

import csv

import numpy as np
import pytest
import soundfile

from edgecry.health.silence import CLEAR_AFTER_S, LIMIT_DBFS, RAISE_AFTER_S, Silence, noise_dbfs
from edgecry.types import AudioBlock

RATE_HZ = 16_000
STEP = 1 / 32768
SECONDS = 20


def noise(rms: float, seconds: float = SECONDS) -> np.ndarray:
    return np.random.default_rng(0).normal(0, rms, int(seconds * RATE_HZ))


def hum(rms: float) -> np.ndarray:
    """50 Hz with all its harmonics, as a broken cable picks it up."""
    t = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * 50 * n * t + n * n) / n for n in range(1, 60))
    return rms * wave / np.std(wave)


def converted(sound: np.ndarray) -> np.ndarray:
    """As 16 bits have it."""
    return np.round(sound / STEP) * STEP


def raised_at_s(*parts: np.ndarray) -> list[tuple[float, bool]]:
    """When it changed, and to what."""
    sound = np.concatenate(parts).astype(np.float32)
    silence, changes = Silence(), [(0.0, False)]
    for start in range(0, len(sound), 320):
        block = AudioBlock(sound[start : start + 320], RATE_HZ, start, 0.0)
        silence.hear(block)
        if (silence.trouble is not None) != changes[-1][1]:
            changes.append((block.end_sample / RATE_HZ, silence.trouble is not None))
    return changes[1:]


DITHER = np.random.default_rng(1).uniform(-1, 1, SECONDS * RATE_HZ) * STEP
DEAD = {
    "zeros": np.zeros(SECONDS * RATE_HZ),
    "a constant": np.full(SECONDS * RATE_HZ, 0.02),
    "the last bit flickers": np.random.default_rng(2).integers(0, 2, SECONDS * RATE_HZ) * STEP,
    "a driver's dither": converted(DITHER),
    "a converter's noise": converted(noise(1.0 * STEP)),
    "a constant that drifts": converted(np.linspace(0.0, 0.01, SECONDS * RATE_HZ)),
    "hum": converted(hum(0.003) + noise(0.5 * STEP)),
}
LIVE = {
    "a quiet room through a microphone of low sensitivity": noise(3 * STEP),
    "the same under hum": noise(3 * STEP) + hum(0.003),
    "an ordinary one": noise(30 * STEP),
}


@pytest.mark.parametrize("name", DEAD)
def test_a_dead_microphone_is_known_within_six_seconds_and_over_soon_after_it_hears(name) -> None:
    room = noise(30 * STEP, seconds=10)
    [(raised_s, raised), (cleared_s, still)] = raised_at_s(room, DEAD[name], room)
    assert (raised, still) == (True, False)
    assert RAISE_AFTER_S - 0.3 <= raised_s - 10 <= RAISE_AFTER_S + 0.9
    assert cleared_s - 10 - SECONDS <= CLEAR_AFTER_S + 0.6


@pytest.mark.parametrize("name", LIVE)
def test_a_live_microphone_in_a_quiet_room_is_no_fault(name) -> None:
    assert raised_at_s(converted(LIVE[name])) == []


def test_a_pause_is_no_fault() -> None:
    pause = np.zeros(4 * RATE_HZ)
    assert raised_at_s(*[noise(30 * STEP, seconds=1), pause] * 5) == []


@pytest.mark.parametrize("level_dbfs", [-90.0, -60.0, -20.0])
def test_the_level_is_that_of_white_noise(level_dbfs: float) -> None:
    frame = noise(10 ** (level_dbfs / 20), seconds=4096 / RATE_HZ).astype(np.float32)
    assert noise_dbfs(frame, RATE_HZ) == pytest.approx(level_dbfs, abs=1.5)


def test_the_quietest_rooms_of_real_recordings_are_far_from_it(shared_data) -> None:
    """Phones in silent rooms, noise reduction and speech codec included."""
    with (shared_data / "pack" / "manifest.csv").open(newline="") as file:
        rooms = [row["path"] for row in csv.DictReader(file) if row["fine"] == "quiet_phone"]
    assert len(rooms) > 20
    quietest = np.inf
    for path in rooms:
        sound = soundfile.read(shared_data / "pack" / path, dtype="float32")[0]
        assert raised_at_s(sound) == []
        frames = sound[: len(sound) // 4096 * 4096].reshape(-1, 4096)
        levels = [noise_dbfs(frame, RATE_HZ) for frame in frames]
        quietest = min(quietest, max(levels))
    assert quietest > LIMIT_DBFS + 10
