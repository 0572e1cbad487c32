"""The scene: levels, timing, truth, and what real recordings change."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgecry.config.schema import Alarm
from edgecry.demo.scene import (
    MIN_SECONDS,
    QUIET_AFTER_CRY_S,
    Clip,
    RealSounds,
    SceneEvent,
    build_scene,
    plan,
)
from edgecry.demo.sound import SAMPLE_RATE_HZ

WHOLE_SCRIPT_S = 240.0


@pytest.fixture(scope="module")
def scene():
    return build_scene(WHOLE_SCRIPT_S, seed=1)


def level_dbfs(scene, event: SceneEvent):
    rate = scene.sample_rate_hz
    samples = scene.samples[int(event.onset_s * rate) : int(event.end_s * rate)]
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)))


def test_it_is_as_long_as_asked_and_clean(scene):
    assert scene.samples.dtype == np.float32
    assert scene.sample_rate_hz == SAMPLE_RATE_HZ
    assert scene.duration_s == WHOLE_SCRIPT_S
    assert np.abs(scene.samples).max() < 1.0
    assert abs(scene.samples.mean()) < 1e-4
    assert not scene.samples.flags.writeable


def test_cries_are_louder_than_the_rest_and_the_hum_never_stops(scene):
    for event in scene.events:
        if event.kind == "cry":
            assert -27.0 < level_dbfs(scene, event) < -12.0
        else:
            assert level_dbfs(scene, event) < -22.0
    quiet = SceneEvent("door", scene.cries[0].end_s + 2.0, scene.cries[0].end_s + 5.0, "")
    assert level_dbfs(scene, quiet) == pytest.approx(-50.0, abs=1.5)


def test_it_has_a_short_fuss_and_a_long_cry(scene):
    lengths_s = [cry.end_s - cry.onset_s for cry in scene.cries]
    assert min(lengths_s) < 5.0 < Alarm().sustained_s
    assert max(lengths_s) > 20.0 > Alarm().sustained_s


@given(seconds=st.floats(MIN_SECONDS, 3600.0))
def test_any_length_has_a_cry_and_a_distractor_and_room_between_them(seconds):
    cues = plan(seconds)
    assert {cue.kind == "cry" for cue, _ in cues} == {True, False}
    for (cue, onset_s), (_, next_s) in itertools.pairwise(cues):
        quiet_s = next_s - onset_s - cue.seconds
        assert quiet_s > 0.9
        if cue.kind == "cry":
            assert quiet_s >= QUIET_AFTER_CRY_S - 1e-6 > Alarm().clear_after_s
    last, onset_s = cues[-1]
    assert onset_s + last.seconds < seconds


@pytest.mark.parametrize("seconds", [0.0, MIN_SECONDS - 0.1, float("nan")])
def test_too_short_a_scene_is_an_error(seconds):
    with pytest.raises(ValueError, match="at least 15 s"):
        build_scene(seconds, seed=1)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_same_seed_gives_the_same_scene(seed):
    one, again = build_scene(20.0, seed), build_scene(20.0, seed)
    assert np.array_equal(one.samples, again.samples)
    assert one.events == again.events
    assert not np.array_equal(one.samples, build_scene(20.0, seed + 1).samples)


def test_it_knows_what_sounds_when(scene):
    cry = scene.cries[0]
    assert scene.sounding_at(cry.onset_s) == cry
    assert scene.sounding_at((cry.onset_s + cry.end_s) / 2) == cry
    assert scene.sounding_at(cry.end_s) is None


def tone(hz, seconds):
    times_s = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return np.sin(2 * np.pi * hz * times_s).astype(np.float32)


def strongest_hz(scene, event):
    rate = scene.sample_rate_hz
    samples = scene.samples[int(event.onset_s * rate) : int(event.end_s * rate)]
    return np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples)


def test_real_cries_stand_in_for_synthetic_ones():
    real = RealSounds((Clip("a", tone(700.0, 1.5)), Clip("b", tone(700.0, 9.0))))
    scene = build_scene(60.0, seed=1, recordings=real)
    first, second = scene.cries[:2]
    assert strongest_hz(scene, first) == pytest.approx(700.0, abs=2.0)
    assert first.label == "a and 1 more"
    assert len(second.label) < 20
    assert level_dbfs(scene, first) == pytest.approx(-24.0, abs=2.0)
    synthetic = next(event for event in scene.events if event.kind == "monitor")
    assert strongest_hz(scene, synthetic) == pytest.approx(960.0, abs=15.0)


def test_other_recordings_stand_in_for_the_distractors():
    real = RealSounds((Clip("cry", tone(700.0, 5.0)),), (Clip("talk", tone(1500.0, 30.0)),))
    scene = build_scene(30.0, seed=1, recordings=real)
    for event in scene.events:
        expected_hz = 700.0 if event.kind == "cry" else 1500.0
        assert strongest_hz(scene, event) == pytest.approx(expected_hz, abs=2.0)


def test_the_loudest_stretch_of_a_long_recording_is_taken():
    mostly_silent = np.concatenate((np.zeros(10 * SAMPLE_RATE_HZ, np.float32), tone(700.0, 4.0)))
    scene = build_scene(15.0, seed=1, recordings=RealSounds((Clip("late", mostly_silent),)))
    assert strongest_hz(scene, scene.cries[0]) == pytest.approx(700.0, abs=2.0)


def test_real_sounds_without_a_cry_are_refused():
    with pytest.raises(ValueError, match="at least one cry"):
        RealSounds(())
