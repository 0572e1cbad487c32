"""One path for every speed: the same sound gives the same events, however it is cut and played."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reasons import TINY, TINY_MANIFEST, Breakable

from edgecry.config.schema import Settings
from edgecry.decision.alarm import AlarmBoard, Finding
from edgecry.detection import Decision, Detector, thresholds_for
from edgecry.inference.classifier import load_classifier
from edgecry.inference.reasons import ReasonsClassifier
from edgecry.inference.reasons_manifest import decode_reasons_manifest
from edgecry.reasoning import Reasoner
from edgecry.types import AlarmEvent, AudioBlock

SETTINGS = Settings()
CLASSIFIER = load_classifier(SETTINGS.detection.model)
THRESHOLDS = thresholds_for(SETTINGS.detection, CLASSIFIER.manifest)


def decisions(samples, sizes) -> list[Decision]:
    """The whole of `samples` through the detector, in blocks of the given sizes, cycled."""
    detector = Detector(CLASSIFIER, THRESHOLDS, SETTINGS.alarm.clear_after_s)
    found, start, i = [], 0, 0
    while start < len(samples):
        size = sizes[i % len(sizes)]
        block = AudioBlock(samples[start : start + size], 16000, start, captured_mono_s=0.0)
        found += detector.hear(block)
        start, i = start + size, i + 1
    return found


def events(found: list[Decision]) -> list[AlarmEvent]:
    board = AlarmBoard(SETTINGS.alarm)
    out = []
    for decision in found:
        cry = decision.cry
        finding = cry and Finding("patient", "low", cry.onset_s, cry.heard_s, decision.evidence)
        out += board.assess("cry", finding, decision.now_s)
    return out


@pytest.fixture(scope="module")
def sound(scene):
    """The part of the scene around its first cry."""
    cry = scene.cries[0]
    return scene.samples[max(0, int((cry.onset_s - 4) * 16000)) : int((cry.end_s + 8) * 16000)]


@pytest.fixture(scope="module")
def whole(sound):
    return decisions(sound, [len(sound)])


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 9000), min_size=1, max_size=6))
def test_block_sizes_change_nothing(sound, whole, sizes) -> None:
    cut = decisions(sound, [max(sizes), *sizes])
    assert [(d.now_s, d.score.p_cry, d.evidence, d.cry) for d in cut] == [
        (d.now_s, d.score.p_cry, d.evidence, d.cry) for d in whole
    ]
    assert events(cut) == events(whole)
    assert [event.phase for event in events(whole)][:1] == ["start"]


def test_a_reasons_model_that_fails_changes_nothing_of_a_cry(sound, whole) -> None:
    runtime = Breakable(TINY.read_bytes(), "here")
    reasons = ReasonsClassifier(decode_reasons_manifest(TINY_MANIFEST, "here"), runtime)
    runtime.broken = True
    detector = Detector(CLASSIFIER, THRESHOLDS, SETTINGS.alarm.clear_after_s, Reasoner(reasons))
    found = list(detector.hear(AudioBlock(sound.copy(), 16000, 0, captured_mono_s=0.0)))
    assert [(d.evidence, d.cry, d.reason) for d in found] == [
        (d.evidence, d.cry, None) for d in whole
    ]
    assert reasons.failures > 0


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edgecry", *arguments], capture_output=True, text=True, timeout=120
    )


def test_replay_alarms_on_every_cry_of_the_scene_and_on_nothing_else(scene, scene_file) -> None:
    done = run("replay", str(scene_file))
    assert (done.returncode, done.stderr) == (0, "")
    starts = [event for event in map(json.loads, done.stdout.splitlines()) if _is(event, "start")]
    assert len(starts) == len(scene.cries)
    for event, cry in zip(starts, scene.cries, strict=True):
        assert cry.onset_s <= event["audio_s"] <= cry.onset_s + 3.0, "LED and message within 3 s"
        assert event["file"] == str(scene_file)


def test_replay_twice_is_the_same_but_for_names_and_dates(cry_file) -> None:
    first, second = (
        [_timeless(json.loads(line)) for line in run("replay", str(cry_file)).stdout.splitlines()]
        for _ in range(2)
    )
    assert first == second
    assert {event["phase"] for event in first} >= {"start", "end"}


def test_scores_are_written_as_csv(cry_file, tmp_path) -> None:
    table = tmp_path / "scores.csv"
    assert run("replay", "--scores", str(table), str(cry_file)).returncode == 0
    rows = np.loadtxt(table, delimiter=",", skiprows=1)
    assert table.read_text().splitlines()[0] == "t_s,p_cry"
    assert np.allclose(np.diff(rows[:, 0]), 0.24)
    assert rows[0, 0] == 0.975
    assert (rows[:, 1] >= 0).all()
    assert (rows[:, 1] <= 1).all()


def test_scores_of_two_recordings_in_one_table_are_refused(cry_file, tmp_path) -> None:
    done = run("replay", "--scores", str(tmp_path / "s.csv"), str(cry_file), str(cry_file))
    assert done.returncode == 2
    assert "one FILE" in done.stderr


def test_a_bad_recording_among_good_ones_is_one_line_and_65(cry_file, tmp_path) -> None:
    bad = tmp_path / "notes.wav"
    bad.write_text("this is not audio\n" * 100)
    done = run("replay", str(bad), str(cry_file))
    assert done.returncode == 65
    assert len(done.stderr.splitlines()) == 1
    assert str(bad) in done.stderr
    assert '"phase": "start"' in done.stdout


def _is(event, phase: str) -> bool:
    return event["code"] == "cry" and event["phase"] == phase


def _timeless(event) -> dict:
    named = {"event_id", "alarm_id", "onset_at", "detected_at", "ended_at", "published_at"}
    return {key: value for key, value in event.items() if key not in named}


@pytest.mark.parametrize("seconds", [0.5, 0.975, 1.0, 1.3])
def test_classify_gives_every_recording_at_least_one_score(tmp_path: Path, seconds) -> None:
    path = tmp_path / "short.wav"
    noise = np.random.default_rng(0).normal(0, 0.01, int(seconds * 16000))
    soundfile.write(path, noise, 16000)
    done = run("classify", "--json", "--scores", str(path))
    found = json.loads(done.stdout)
    assert len(found["scores"]) == 1 + int(max(0, seconds - 0.975) / 0.24)
    assert found["duration_s"] == seconds
    assert found["cry"] is False
    assert found["events"] == []
    assert found["reasons"] is None
    assert found["model"]["sha256"] == CLASSIFIER.manifest.sha256
