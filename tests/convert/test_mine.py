"""What fooled a model comes back as a data set that a recipe can name."""

import csv
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from convert.data.clips import survey
from convert.data.types import DataError
from convert.measuring.scoring import Heard
from convert.mine import (
    LONGEST_S,
    MANIFEST,
    MARGIN_S,
    Stretch,
    bring_back,
    cut,
    fooled,
    main,
    new_folder,
)
from convert.recipe import Data
from convert.sounds.audio import RATE_HZ
from edgecry.errors import RecordingError

REPOSITORY = Path(__file__).parents[2]
WINDOW_S = 0.975
HOP_S = 0.24


def heard(evidence: list[float]) -> Heard:
    ends = WINDOW_S + HOP_S * np.arange(len(evidence))
    return Heard(ends, np.array(evidence), float(ends[-1]), max(evidence))


def test_near_stretches_are_one_and_carry_the_highest_evidence() -> None:
    evidence = [0.0] * 200
    evidence[20:23] = [0.6, 0.9, 0.7]
    evidence[30] = 0.65
    evidence[150] = 0.8
    first, second = fooled(heard(evidence), 0.6, WINDOW_S)
    assert first.p_cry == 0.9
    assert first.first_s == pytest.approx(20 * HOP_S - MARGIN_S)
    assert first.last_s == pytest.approx(WINDOW_S + 30 * HOP_S + MARGIN_S)
    assert second.p_cry == 0.8


def test_nothing_comes_back_from_a_recording_that_fooled_nobody() -> None:
    assert fooled(heard([0.1, 0.2]), 0.5, WINDOW_S) == []


@given(st.lists(st.sampled_from([0.1, 0.9]), min_size=1, max_size=1200))
def test_every_fooled_window_is_inside_a_stretch_of_bounded_length(evidence: list[float]) -> None:
    listened = heard(evidence)
    stretches = fooled(listened, 0.5, WINDOW_S)
    for end in listened.end_s[listened.evidence >= 0.5]:
        assert any(s.first_s <= end - WINDOW_S + 1e-6 and end <= s.last_s + 1e-6 for s in stretches)
    longest = LONGEST_S + WINDOW_S + 2 * MARGIN_S
    assert all(s.last_s - s.first_s <= longest for s in stretches)


def test_the_clips_are_a_stream_manifest_with_the_worst_first(tmp_path: Path) -> None:
    night = tmp_path / "night.flac"
    samples = np.linspace(-0.5, 0.5, 160_000)
    soundfile.write(night, samples, 16_000)
    stretches = [Stretch(1.0, 3.0, 0.6), Stretch(5.0, 6.5, 0.9)]
    new_folder(tmp_path / "mined")
    assert bring_back([night], [stretches], tmp_path / "mined") == 2
    rows = list(csv.DictReader((tmp_path / "mined" / MANIFEST).open()))
    assert [row["p_cry"] for row in rows] == ["0.900", "0.600"]
    clip, rate_hz = soundfile.read(tmp_path / "mined" / rows[0]["path"])
    assert rate_hz == 16_000
    assert clip == pytest.approx(samples[80_000:104_000], abs=1e-4)
    (tmp_path / "clips.csv").write_text(
        "path,label,fine,source,licence,group,split,duration_s\n"
        "night.flac,noncry,night,ward,own,night,val,10.0\n"
    )
    data = Data(clips=["clips.csv"], streams=["mined/manifest.csv"])
    mined = [c for c in survey(data, tmp_path)[0] if c.fine == "mined"]
    assert {(c.cry, c.split, c.duration_s) for c in mined} == {
        (False, "train", 2.0),
        (False, "train", 1.5),
    }


def test_nights_of_the_same_name_do_not_take_each_other_s_place(tmp_path: Path) -> None:
    nights = [tmp_path / ward / "night.wav" for ward in ("one", "two")]
    for level, night in zip((0.1, 0.2), nights, strict=True):
        night.parent.mkdir()
        soundfile.write(night, np.full(48_000, level), 16_000)
    new_folder(tmp_path / "mined")
    assert bring_back(nights, [[Stretch(0.0, 2.0, 0.9)]] * 2, tmp_path / "mined") == 2
    rows = list(csv.DictReader((tmp_path / "mined" / MANIFEST).open()))
    clips = [soundfile.read(tmp_path / "mined" / row["path"])[0] for row in rows]
    assert sorted(round(float(clip.mean()), 2) for clip in clips) == [0.1, 0.2]


def test_stretches_may_overlap_and_reach_the_end(tmp_path: Path) -> None:
    samples = np.linspace(-0.5, 0.5, 400_000, dtype=np.float32)
    soundfile.write(tmp_path / "night.wav", samples, 16_000, subtype="FLOAT")
    found = cut(tmp_path / "night.wav", [Stretch(0.0, 20.0, 0.9), Stretch(19.0, 30.0, 0.9)])
    assert np.array_equal(found[0], samples[:320_000])
    assert np.array_equal(found[1], samples[304_000:])
    assert cut(tmp_path / "night.wav", []) == []


def test_an_earlier_night_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("the night before")
    with pytest.raises(DataError, match="name another folder"):
        new_folder(tmp_path)


def test_what_is_no_recording_is_said_before_anything_is_listened_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.wav").write_text("not a recording")
    model = REPOSITORY / "edgecry" / "models" / "cry-detector.tflite"
    arguments = ["--model", str(model), "--out", str(tmp_path / "out"), str(tmp_path / "notes.wav")]
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "argv", ["mine", *arguments])
    with pytest.raises(RecordingError, match=r"notes\.wav"):
        main()
    assert not (tmp_path / "out").exists()


def test_a_stretch_of_a_long_night_does_not_hold_the_night_in_memory(tmp_path: Path) -> None:
    night = tmp_path / "night.flac"
    seconds = 300
    soundfile.write(night, np.zeros(seconds * RATE_HZ, np.float32), RATE_HZ)
    tracemalloc.start()
    [part] = cut(night, [Stretch(1.0, 2.0, 0.9)])
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(part) == RATE_HZ
    assert peak_bytes < 0.2 * seconds * RATE_HZ * 4
