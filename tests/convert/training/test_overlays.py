"""What is laid over a background."""

import numpy as np

from convert.training.bank import BankedClip, Version
from convert.training.overlays import MOST_VOICES, Overlays


def clip(fine: str) -> BankedClip:
    version = Version(np.zeros((96, 64), np.float16), 1.0)
    return BankedClip(fine, False, "here", fine, fine, "train", (version,), None, None)


def test_voices_come_alone_or_as_babble_and_other_kinds_alone() -> None:
    fines = ("speech_adult", "music", "medical_alarm", "rain")
    overlays = Overlays([clip(f) for f in fines], np.ones(4))
    rng = np.random.default_rng(0)
    drawn = [[c.fine for c in overlays.draw(rng)] for _ in range(200)]
    assert {len(d) for d in drawn if d[0] == "speech_adult"} == set(range(1, MOST_VOICES + 1))
    assert {tuple(d) for d in drawn if d[0] != "speech_adult"} == {("music",), ("medical_alarm",)}


def test_a_data_set_without_such_sounds_has_no_overlays() -> None:
    assert not Overlays([clip("rain")], np.ones(1))


def test_a_clip_is_drawn_by_its_weight_within_its_kind() -> None:
    clips = [clip("rare_alarm"), clip("rain"), clip("alarm"), clip("never_alarm")]
    overlays = Overlays(clips, np.array([0.1, 5.0, 0.3, 0.0]))
    rng = np.random.default_rng(0)
    drawn = [overlays.draw(rng)[0].fine for _ in range(2000)]
    assert set(drawn) == {"rare_alarm", "alarm"}
    assert 0.2 < drawn.count("rare_alarm") / len(drawn) < 0.3
