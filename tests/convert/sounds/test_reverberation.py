"""Rooms: recorded or synthesised, and what they do to a sound."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.sounds.audio import RATE_HZ
from convert.sounds.rooms import (
    SOUND_M_S,
    in_room,
    read_rooms,
    rooms_of,
    shoebox,
    synthetic_rooms,
)

ROOM_M = np.array([5.0, 4.0, 3.0])


def test_a_room_does_not_shift_the_sound() -> None:
    response = np.zeros(4000, np.float32)
    response[300:] = np.exp(-np.arange(3700) / 500)
    click = np.zeros(16_000, np.float32)
    click[5000] = 1.0
    assert np.argmax(in_room(click, response)) == 5000


def test_recorded_rooms_have_unit_energy(tmp_path: Path) -> None:
    samples = 0.3 * np.random.default_rng(0).standard_normal(4000)
    soundfile.write(tmp_path / "r.wav", samples, RATE_HZ)
    (tmp_path / "rooms.csv").write_text("path\nr.wav\n")
    [response] = read_rooms(tmp_path / "rooms.csv")
    assert np.sum(response**2) == pytest.approx(1.0, rel=1e-4)
    assert len(rooms_of(tmp_path / "rooms.csv", 3)) == 4


def test_synthetic_rooms_differ_and_are_always_the_same() -> None:
    rooms = synthetic_rooms(12)
    for room, again in zip(rooms, synthetic_rooms(12), strict=True):
        assert np.array_equal(room, again)
        assert room.dtype == np.float32
        assert np.sum(room**2) == pytest.approx(1.0, rel=1e-4)
    assert len({room.tobytes() for room in rooms}) == 12
    assert rooms_of(None, 0) == []


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.floats(0.1, 0.9)] * 3), st.tuples(*[st.floats(0.1, 0.9)] * 3))
def test_the_direct_sound_comes_after_its_way_and_as_loud(
    source: tuple[float, ...], microphone: tuple[float, ...]
) -> None:
    source_m, microphone_m = ROOM_M * source, ROOM_M * microphone
    distance_m = float(np.linalg.norm(source_m - microphone_m))
    response = shoebox(ROOM_M, 1e-6, source_m, microphone_m)
    assert np.argmax(response) == int(distance_m / SOUND_M_S * RATE_HZ)
    assert response.max() == pytest.approx(1.0 / max(distance_m, 0.05), rel=0.02)


def test_the_first_echo_is_that_of_the_nearest_wall() -> None:
    source_m, microphone_m = np.array([2.0, 2.0, 0.5]), np.array([3.0, 2.0, 0.5])
    response = shoebox(ROOM_M, 0.5, source_m, microphone_m)
    way_m = np.hypot(1.0, 1.0)  # by the floor
    at = int(way_m / SOUND_M_S * RATE_HZ)
    assert response[at] == pytest.approx(0.5 / way_m, rel=0.1)
    assert np.abs(response[int(RATE_HZ / SOUND_M_S) + 1 : at]).max() < 0.05


def test_harder_walls_ring_longer() -> None:
    def late_share(reflection: float) -> float:
        response = shoebox(ROOM_M, reflection, ROOM_M * 0.3, ROOM_M * 0.6)
        return float(np.sum(response[1600:] ** 2) / np.sum(response**2))

    assert late_share(0.9) > 5 * late_share(0.6)
