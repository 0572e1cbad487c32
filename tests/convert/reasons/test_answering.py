"""Who hears nothing answers nothing."""

from dataclasses import replace

import numpy as np
import pytest

from convert.reasons import answering
from convert.reasons.answering import FEWEST_BABIES, KEPT, Trial, answer_from, trials
from convert.reasons.calibrating import Part, fitted, parts
from convert.reasons.out_of_fold import OutOfFold
from edgecry.inference.reasons_manifest import ReasonsCalibration
from tests.convert.reasons.synthetic import as_heard, heard, parts_as_heard, with_a_liar

EQUAL = (0.25, 0.25, 0.25, 0.25)


def tried(some: OutOfFold) -> list[list[Trial]]:
    return trials(some, fitted(some), parts(some))


def tried_as_heard(some: OutOfFold) -> list[list[Trial]]:
    """Without a calibration: who hears nothing is then as sure as somebody who does."""
    return trials(some, as_heard(some.classes), parts_as_heard(some))


def answered(some: OutOfFold) -> list[float | None]:
    return [answer_from(of_label) for of_label in tried(some)]


@pytest.mark.parametrize("shares", [(0.02, 0.03, 0.05, 0.86, 0.04), EQUAL, (0.5, 0.5)])
def test_chance_calibrated_answers_nothing(shares: tuple[float, ...]) -> None:
    for seed in range(8):
        assert not any(answered(heard(seed, skill=0.0, shares=shares)))


def test_chance_proves_something_in_one_of_20_sets_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sure scores that have nothing to do with the labels. Each of nine trials at the whole level
    would prove something too often, if they did not share it."""
    monkeypatch.setattr(answering, "DRAWS", 2000)
    shares = (1 / 3, 1 / 3, 1 / 3)
    sets = [heard(seed, skill=0.0, shares=shares, babies=200, most_clips=1) for seed in range(40)]

    def false() -> int:
        return sum(any(t.proved for of in tried_as_heard(some) for t in of) for some in sets)

    assert false() <= 0.05 * len(sets)
    each = (1 - answering.CONFIDENCE) * len(shares) * len(KEPT)
    monkeypatch.setattr(answering, "CONFIDENCE", 1 - each)
    assert false() > 0.05 * len(sets)


def test_who_is_judged_has_not_calibrated() -> None:
    """What ships would say the first class of the 40 clips of a baby, its own, that sound like the
    second; what other babies gave says the second."""
    some = with_a_liar(clips=40)
    own = fitted(some).probabilities(some.log_mean)[-40:]
    assert (own.argmax(axis=1) == 0).all()
    first, second = tried(some)
    assert max(t.right for t in first) <= 30
    assert max(t.answers - t.right for t in second) == 40


def test_who_is_judged_has_set_no_threshold() -> None:
    """One part is surer than all of the other: by each other's thresholds it answers everything,
    the other nothing."""
    surer = np.arange(100) < 40
    p = np.where(surer, 0.9, 0.6) + np.linspace(0, 0.05, 100)
    clip = np.arange(100)
    some = OutOfFold(clip, clip % 2, clip.astype(str), clip % 2, np.log(np.stack([p, 1 - p], 1)))
    judged = [Part(held, as_heard(2)) for held in (surer, ~surer)]
    first, _ = trials(some, as_heard(2), judged)
    assert [t.answers for t in first] == [40] * len(KEPT)


def test_a_threshold_ships_for_the_calibration_that_ships() -> None:
    """Parts that are told boldly, and what ships timidly: as many answers, other numbers."""
    some = heard(3, skill=2.0, shares=(0.5, 0.5), babies=200, most_clips=1)
    timid = ReasonsCalibration(0.1, (0.0, 0.0))
    p = timid.probabilities(some.log_mean)
    bold = tried_as_heard(some)
    for label, of_label in enumerate(trials(some, timid, parts_as_heard(some))):
        ours = p[p.argmax(axis=1) == label, label]
        shares = [float((ours >= t.threshold).mean()) for t in of_label]
        assert shares == pytest.approx(sorted(KEPT, reverse=True), abs=0.02)
        assert max(t.threshold for t in of_label) < 0.7
        for timidly, boldly in zip(of_label, bold[label], strict=True):
            assert replace(timidly, threshold=boldly.threshold) == boldly


def test_what_is_clearly_heard_is_answered() -> None:
    for seed in range(3):
        some = heard(seed, skill=4.0, shares=EQUAL)
        thresholds = answered(some)
        assert all(t is not None and 0 < t <= 1 for t in thresholds)


def test_a_reason_of_a_few_babies_is_never_answered_however_right() -> None:
    some = heard(1, skill=8.0, shares=(0.48, 0.48, 0.04), babies=120)
    frequent, also_frequent, rare = answered(some)
    assert frequent is not None
    assert also_frequent is not None
    assert rare is None
    assert len(np.unique(some.groups[some.labels == 2])) < FEWEST_BABIES


def test_many_clips_of_one_baby_prove_it_once() -> None:
    """Right about 12 babies of two classes, and then about one of them 500 times."""
    few = heard(2, skill=9.0, shares=(0.5, 0.5), babies=26, most_clips=1)
    often = np.concatenate([np.arange(26), np.zeros(500, int)])
    many = OutOfFold(
        clip=np.arange(len(often)),
        labels=few.labels[often],
        groups=few.groups[often],
        majority=few.majority[often],
        log_mean=few.log_mean[often],
    )
    own = int(few.labels[0])
    before, after = (tried_as_heard(s)[own][0] for s in (few, many))
    assert after.right > 20 * before.right
    assert after.right_babies == before.right_babies
    assert after.low < before.low


def test_the_surest_answers_can_be_allowed_alone() -> None:
    """The half that is sure is right, the other half says the same label at random."""
    rng = np.random.default_rng(4)
    babies = 400
    labels = rng.integers(0, 4, babies)
    sure = rng.random(babies) < 0.5
    said = np.where(sure, labels, rng.integers(0, 4, babies))
    p = np.full((babies, 4), 0.2)
    p[np.arange(babies), said] = np.where(sure, 0.9, 0.4) + rng.uniform(0, 0.01, babies)
    p /= p.sum(axis=1, keepdims=True)
    clip = np.arange(babies)
    some = OutOfFold(clip, labels, clip.astype(str), labels, np.log(p))
    for of_label in tried_as_heard(some):
        assert [t.threshold for t in of_label] == sorted(t.threshold for t in of_label)
        assert len(of_label) == len(KEPT)
        assert of_label[0].answers > of_label[-1].answers
        assert of_label[-1].low > of_label[0].low
        assert answer_from(of_label) == min(t.threshold for t in of_label if t.proved)


def test_the_lowest_proved_threshold_is_taken() -> None:
    def trial(threshold: float, low: float, babies: int) -> Trial:
        return Trial(threshold, 50, 40, 45, babies, 0.5, low)

    assert answer_from([trial(0.3, -0.1, 30), trial(0.6, 0.1, 20), trial(0.8, 0.2, 12)]) == 0.6
    assert answer_from([trial(0.6, 0.1, FEWEST_BABIES - 1)]) is None
    assert answer_from([trial(0.6, 0.1, FEWEST_BABIES)]) == 0.6
    assert answer_from([trial(0.6, 0.0, 30)]) is None, "not above the share"
    assert answer_from([trial(0.6, 1e-9, 30)]) == 0.6
    assert answer_from([]) is None


def test_a_label_that_is_never_likeliest_is_not_tried() -> None:
    some = heard(1, skill=0.0)
    always = np.tile(np.log([0.05, 0.05, 0.1, 0.7, 0.1]), (len(some.labels), 1))
    of_labels = tried_as_heard(replace(some, log_mean=always))
    assert [bool(of_label) for of_label in of_labels] == [False, False, False, True, False]
    assert of_labels[3][0].answers == len(some.labels)


def test_what_ships_and_what_is_judged_must_both_answer_a_label() -> None:
    some = heard(1, skill=3.0, shares=(0.5, 0.5))
    always_first = ReasonsCalibration(1.0, (50.0, 0.0))
    judged = [replace(part, calibration=always_first) for part in parts_as_heard(some)]
    assert trials(some, as_heard(2), judged)[1] == []
    assert trials(some, always_first, parts_as_heard(some))[1] == []
