"""Made-up answers of networks about babies."""

import numpy as np

from convert.reasons.calibrating import Part
from convert.reasons.out_of_fold import OutOfFold
from edgecry.inference.reasons_manifest import ReasonsCalibration, log_softmax

SHARES = (0.02, 0.03, 0.05, 0.86, 0.04)
"""As in DonateACry."""
LIAR = "liar"


def heard(
    seed: int,
    *,
    skill: float,
    babies: int = 160,
    shares: tuple[float, ...] = SHARES,
    most_clips: int = 4,
) -> OutOfFold:
    """Babies with one reason each and up to most_clips clips.

    skill: how much higher the right class's logit is, over normal noise, half of which all clips
    of a baby share; 0 hears nothing.
    """
    rng = np.random.default_rng(seed)
    classes = len(shares)
    of_baby = rng.choice(classes, babies, p=shares)
    baby = np.repeat(np.arange(babies), rng.integers(1, most_clips + 1, babies))
    labels = of_baby[baby]
    noise = rng.normal(0, np.sqrt(0.5), (babies, classes))[baby]
    noise += rng.normal(0, np.sqrt(0.5), (len(baby), classes))
    return OutOfFold(
        clip=np.arange(len(baby)),
        labels=labels,
        groups=baby.astype(str),
        majority=np.full(len(baby), int(np.argmax(shares))),
        log_mean=log_softmax(noise + skill * np.eye(classes)[labels]),
    )


def as_heard(classes: int) -> ReasonsCalibration:
    """Changes nothing."""
    return ReasonsCalibration(1.0, (0.0,) * classes)


def parts_as_heard(some: OutOfFold, parts: int = 5) -> list[Part]:
    """Whole babies; nothing is calibrated."""
    part = np.unique(some.groups, return_inverse=True)[1] % parts
    return [Part(part == number, as_heard(some.classes)) for number in range(parts)]


def with_a_liar(clips: int) -> OutOfFold:
    """Two classes that are heard well, and of the first one baby of so many clips that all sound,
    surely, like the second."""
    good = heard(1, skill=3.0, shares=(0.5, 0.5), babies=60, most_clips=1)
    return OutOfFold(
        clip=np.arange(60 + clips),
        labels=np.concatenate([good.labels, np.zeros(clips, int)]),
        groups=np.concatenate([good.groups, np.full(clips, LIAR)]),
        majority=np.zeros(60 + clips, int),
        log_mean=np.concatenate([good.log_mean, np.tile(np.log([0.02, 0.98]), (clips, 1))]),
    )


def distorted(seed: int, clips: int, truth: ReasonsCalibration) -> OutOfFold:
    """Labels drawn from what the calibration makes of random log-means; a clip a baby."""
    rng = np.random.default_rng(seed)
    classes = len(truth.intercepts)
    log_mean = log_softmax(rng.normal(0, 1.5, (clips, classes)))
    chances = truth.probabilities(log_mean).cumsum(axis=1)
    labels = (rng.random((clips, 1)) > chances).sum(axis=1).clip(max=classes - 1)
    return OutOfFold(
        clip=np.arange(clips),
        labels=labels,
        groups=np.arange(clips).astype(str),
        majority=np.full(clips, int(np.bincount(labels).argmax())),
        log_mean=log_mean,
    )
