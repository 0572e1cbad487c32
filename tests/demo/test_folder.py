"""Real recordings from a folder."""

import logging
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edgecry.demo.folder import is_cry, load_real_sounds
from edgecry.demo.sound import SAMPLE_RATE_HZ
from edgecry.errors import RecordingError


def write(path: Path, seconds=1.0, rate_hz=8000):
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(0).standard_normal(int(seconds * rate_hz))
    soundfile.write(path, 0.1 * noise, rate_hz)


@pytest.mark.parametrize("name", ["cry/a.wav", "Cries/b.flac", "baby_cry_3.ogg", "x/crying.wav"])
def test_names_of_cries(name):
    assert is_cry(Path(name))


@pytest.mark.parametrize(
    "name", ["noncry/a.wav", "non-cry/b.wav", "not_crying.wav", "talk.wav", "noncry/cry_like.wav"]
)
def test_names_of_other_sounds(name):
    assert not is_cry(Path(name))


def test_sub_folders_tell_cries_from_the_rest_and_all_come_at_the_demos_rate(tmp_path):
    write(tmp_path / "cry" / "one.wav")
    write(tmp_path / "noncry" / "two.flac")
    sounds = load_real_sounds(tmp_path, seconds=60.0, seed=0)
    assert [clip.name for clip in sounds.cries] == ["one"]
    assert [clip.name for clip in sounds.others] == ["two"]
    assert len(sounds.cries[0].samples) == pytest.approx(SAMPLE_RATE_HZ, abs=2)


def test_a_bad_file_is_left_out_with_a_warning(tmp_path, caplog):
    write(tmp_path / "cry1.wav")
    (tmp_path / "cry2.wav").write_text("this is no audio")
    with caplog.at_level(logging.WARNING):
        sounds = load_real_sounds(tmp_path, seconds=60.0, seed=0)
    assert [clip.name for clip in sounds.cries] == ["cry1"]
    assert "cry2.wav" in caplog.text


def test_no_cry_at_all_is_an_error_that_says_what_to_do(tmp_path):
    write(tmp_path / "talk.wav")
    with pytest.raises(RecordingError, match="sub-folder `cry`"):
        load_real_sounds(tmp_path, seconds=60.0, seed=0)


def test_no_more_is_decoded_than_the_scene_needs(tmp_path):
    for number in range(9):
        write(tmp_path / f"cry{number}.wav", seconds=2.0)
    assert len(load_real_sounds(tmp_path, seconds=5.0, seed=0).cries) == 3


def test_the_seed_draws_the_files(tmp_path):
    for number in range(9):
        write(tmp_path / f"cry{number}.wav", seconds=2.0)

    def drawn(seed):
        return [clip.name for clip in load_real_sounds(tmp_path, 5.0, seed).cries]

    assert drawn(0) == drawn(0)
    assert len({tuple(drawn(seed)) for seed in range(5)}) > 1
