"""Who hears nothing answers nothing."""

import numpy as np
import pytest

from convert.reasons.answering import FEWEST_BABIES, KEPT, Trial, answer_from, trials
from convert.reasons.calibrating import fitted
from convert.reasons.out_of_fold import OutOfFold
from tests.convert.reasons.synthetic import heard

EQUAL = (0.25, 0.25, 0.25, 0.25)


def answered(some: OutOfFold) -> list[float | None]:
    p = fitted(some).probabilities(some.log_mean)
    return [answer_from(of_label) for of_label in trials(p, some)]


@pytest.mark.parametrize("shares", [(0.02, 0.03, 0.05, 0.86, 0.04), EQUAL, (0.5, 0.5)])
def test_chance_answers_nothing_in_19_of_20_sets(shares: tuple[float, ...]) -> None:
    sets = [heard(seed, skill=0.0, shares=shares) for seed in range(20)]
    false = sum(any(a is not None for a in answered(some)) for some in sets)
    assert false <= 0.05 * len(sets)


def test_what_is_clearly_heard_is_answered() -> None:
    for seed in range(5):
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
    before, after = (trials(np.exp(s.log_mean), s)[own][0] for s in (few, many))
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
    for of_label in trials(p, some):
        assert [t.threshold for t in of_label] == sorted(t.threshold for t in of_label)
        assert len(of_label) == len(KEPT)
        assert of_label[0].answers > of_label[-1].answers
        assert of_label[-1].low > of_label[0].low
        assert answer_from(of_label) == min(t.threshold for t in of_label if t.proved)


def test_the_lowest_proved_threshold_is_taken() -> None:
    def trial(threshold: float, low: float, babies: int) -> Trial:
        return Trial(threshold, 50, 40, 45, babies, 0.5, low)

    tried = [trial(0.3, -0.1, 30), trial(0.6, 0.1, 20), trial(0.8, 0.2, 12)]
    assert answer_from(tried) == 0.6
    assert answer_from([trial(0.6, 0.1, FEWEST_BABIES - 1)]) is None
    assert answer_from([]) is None


def test_a_label_that_is_never_likeliest_is_not_tried() -> None:
    some = heard(1, skill=0.0)
    p = np.tile(np.array([0.05, 0.05, 0.1, 0.7, 0.1]), (len(some.labels), 1))
    tried = trials(p, some)
    assert [bool(of_label) for of_label in tried] == [False, False, False, True, False]
    assert tried[3][0].answers == len(some.labels)
