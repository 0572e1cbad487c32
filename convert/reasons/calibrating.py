"""Log-means -> probabilities that hold what they promise, and how far they do. Pure.

p = softmax(slope * log_mean + intercepts): vector scaling with one slope (C. Guo et al., On
calibration of modern neural networks, 2017), as maximum a posteriori. Without any clip the slope is
0 and the intercepts are the logarithms of the class shares, which is what somebody says who hears
nothing; both leave that by standard normal priors, so that a class of five clips does not explode.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from convert.measuring.metrics import mean_interval
from convert.reasons.out_of_fold import Floats, Numbers, OutOfFold
from convert.reasons.plan import parts_by_baby
from convert.reasons.results import Figure
from edgecry.inference.reasons_manifest import ReasonsCalibration, log_softmax

LOWEST_SLOPE, HIGHEST_SLOPE = 1e-3, 100.0
FARTHEST_INTERCEPT = 50.0
DIGITS = 5
PARTS = 5
"""The babies are put into so many parts, where there are enough; what calibrates one is fitted on
the others."""
BINS = 10


def fitted(heard: OutOfFold) -> ReasonsCalibration:
    """From all clips, each weighing 1, however many seeds there are."""
    shares = np.log(class_shares(heard))
    actual = np.eye(heard.classes)[heard.labels]

    def objective(values: Floats) -> tuple[float, Floats]:
        slope, moved = values[0], values[1:]
        log_p = log_softmax(slope * heard.log_mean + shares + moved)
        wrong = (np.exp(log_p) - actual) / heard.seeds
        gradient = np.concatenate([[(wrong * heard.log_mean).sum()], wrong.sum(axis=0)]) + values
        lost = -log_p[actual == 1].sum() / heard.seeds
        return float(lost + values @ values / 2), gradient

    bounds = [(LOWEST_SLOPE, HIGHEST_SLOPE)] + [(-FARTHEST_INTERCEPT, FARTHEST_INTERCEPT)] * len(
        shares
    )
    start = np.zeros(1 + len(shares))
    best = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    intercepts = (shares + best[1:]).round(DIGITS).tolist()
    return ReasonsCalibration(max(LOWEST_SLOPE, round(float(best[0]), DIGITS)), tuple(intercepts))


def class_shares(heard: OutOfFold) -> Floats:
    """(classes,), half a clip added to each: a class that is not there has a share too."""
    counts = np.bincount(heard.labels, minlength=heard.classes) / heard.seeds + 0.5
    return counts / counts.sum()


@dataclass(frozen=True, slots=True)
class Part:
    """Babies that are kept back from a calibration.

    held: (clips,), which clips are theirs. calibration: fitted on all other babies'.
    """

    held: NDArray[np.bool_]
    calibration: ReasonsCalibration


def parts(heard: OutOfFold) -> list[Part]:
    """Each baby is in one of PARTS."""
    return [Part(held, fitted(heard.at(~held))) for held in _held(heard)]


def cross_fitted(heard: OutOfFold, of: Sequence[Part]) -> Floats:
    """(clips, classes), each clip's calibrated by the babies of all other parts."""
    out = np.empty_like(heard.log_mean)
    for part in of:
        out[part.held] = part.calibration.probabilities(heard.log_mean[part.held])
    return out


def shares_cross_fitted(heard: OutOfFold) -> Floats:
    """(clips, classes): what somebody says who hears nothing, from the babies of all others."""
    out = np.empty_like(heard.log_mean)
    for held in _held(heard):
        out[held] = class_shares(heard.at(~held))
    return out


@dataclass(frozen=True, slots=True)
class Quality:
    """How far probabilities hold what they promise: mean log loss in nats, that minus the class
    shares', and the expected calibration error of the likeliest class."""

    log_loss: Figure
    above_shares: Figure
    error: float


def quality(p: Floats, heard: OutOfFold) -> Quality:
    """Of probabilities (clips, classes) that are not fitted on their own babies."""
    losses = _log_losses(p, heard.labels)
    above = losses - _log_losses(shares_cross_fitted(heard), heard.labels)
    groups = heard.groups.tolist()
    return Quality(
        Figure(float(losses.mean()), mean_interval(losses.tolist(), groups)),
        Figure(float(above.mean()), mean_interval(above.tolist(), groups)),
        calibration_error(p.max(axis=1), p.argmax(axis=1) == heard.labels),
    )


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Mean distance of confidence and share of right answers over BINS bins of as many clips each
    (adaptive ECE: K. Nguyen and B. O'Connor, 2015)."""
    order = np.argsort(confidence, kind="stable")
    bins = [b for b in np.array_split(order, BINS) if len(b)]
    away = [len(b) * abs(confidence[b].mean() - right[b].mean()) for b in bins]
    return float(sum(away) / len(order))


def _log_losses(p: Floats, labels: Numbers) -> Floats:
    return -np.log(p[np.arange(len(labels)), labels])


def _held(heard: OutOfFold) -> Iterator[NDArray[np.bool_]]:
    labels, groups = heard.labels.tolist(), heard.groups.tolist()
    for held in parts_by_baby(labels, groups, PARTS):
        yield np.isin(np.arange(len(labels)), held)
