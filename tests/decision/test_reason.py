"""What the windows of a cry say together, and when it may be answered."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from msgspec.structs import replace
from support.reasons import TINY_MANIFEST

from edgecry.config.schema import Alarm
from edgecry.decision.alarm import AlarmBoard, Finding
from edgecry.decision.reason import WindowPool, reason_of
from edgecry.inference.reasons_manifest import (
    UNCERTAIN,
    ReasonsCalibration,
    decode_reasons_manifest,
)
from edgecry.types import AlarmEvent, Reason

TINY = decode_reasons_manifest(TINY_MANIFEST, "here")
UNCALIBRATED = replace(TINY, calibration=ReasonsCalibration(1.0, (0.0, 0.0, 0.0)))
LOGITS = arrays.arrays(
    np.float64, st.tuples(st.integers(1, 20), st.just(3)), elements=st.floats(-50, 50)
)
PROBABILITY = st.floats(0.01, 1.0)


def pooled(logits: np.ndarray) -> np.ndarray:
    pool = WindowPool(3)
    for each in logits:
        pool.add(each)
    assert pool.windows == len(logits)
    return pool.log_mean


@given(LOGITS)
def test_windows_are_pooled_as_the_mean_of_their_probabilities(logits: np.ndarray) -> None:
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.exp(pooled(logits)) == pytest.approx(p.mean(axis=0), abs=1e-9)


def test_windows_that_are_very_sure_are_pooled_too() -> None:
    log_mean = pooled(np.array([[1e4, 0.0, -1e4], [-1e4, 0.0, 1e4]]))
    assert np.isfinite(log_mean).all()
    assert np.exp(log_mean) == pytest.approx([0.5, 0.0, 0.5])


def test_calibration_bends_what_was_pooled() -> None:
    bent = replace(TINY, calibration=ReasonsCalibration(2.0, (0.0, 0.0, np.log(4.0))))
    reason = reason_of(np.log([0.2, 0.4, 0.4]), bent)
    assert dict(reason.probabilities) == pytest.approx(
        {"hungry": 4 / 84, "tired": 16 / 84, "belly_pain": 64 / 84}
    )


@given(
    LOGITS,
    st.tuples(*[st.none() | PROBABILITY] * 3),
)
def test_only_the_likeliest_label_is_answered_and_only_from_its_threshold_on(
    logits: np.ndarray, answer_from: tuple[float | None, ...]
) -> None:
    manifest = replace(UNCALIBRATED, answer_from=dict(zip(TINY.labels, answer_from, strict=True)))
    reason = reason_of(pooled(logits), manifest)
    p = dict(reason.probabilities)
    assert tuple(p) == TINY.labels
    assert sum(p.values()) == pytest.approx(1.0)
    assert reason.model == TINY.model
    likeliest = max(p, key=p.__getitem__)
    threshold = manifest.answer_from[likeliest]
    if threshold is not None and p[likeliest] >= threshold:
        assert reason.label == likeliest
    else:
        assert reason.label == UNCERTAIN


def test_a_label_that_is_never_answered_is_not_replaced_by_the_next() -> None:
    reason = reason_of(np.log([0.45, 0.05, 0.5]), UNCALIBRATED)
    assert TINY.answer_from["belly_pain"] is None
    assert reason.label == UNCERTAIN


def test_words_never_lack_the_word_experimental() -> None:
    reason = reason_of(np.log([0.8, 0.1, 0.1]), UNCALIBRATED)
    assert str(reason) == "reason (experimental): hungry"


STEP_S = 1.0
LABELS = ("hungry", "belly_pain", UNCERTAIN)
REASONS = st.sampled_from([None, *(Reason(each, ((each, 1.0),), TINY.model) for each in LABELS)])


def told(steps: list[tuple[bool, bool, Reason | None]], with_reason: bool) -> list[AlarmEvent]:
    """What a board says of a cry, step by step: is there one, does someone see it, its reason."""
    board = AlarmBoard(Alarm(sustained_s=3.0, escalate_s=5.0))
    events = []
    for i, (crying, seen, reason) in enumerate(steps):
        now_s = i * STEP_S
        cry = Finding("patient", "low", now_s, now_s, reason=reason if with_reason else None)
        events += board.assess("cry", cry if crying else None, now_s)
        events += board.acknowledge("button", now_s) if seen else []
    return events


@given(st.lists(st.tuples(st.sampled_from([True, True, True, False]), st.booleans(), REASONS)))
def test_a_reason_changes_nothing_of_an_alarm_but_is_told(
    steps: list[tuple[bool, bool, Reason | None]],
) -> None:
    events = told(steps, with_reason=True)
    assert [dataclasses.replace(event, reason=None) for event in events] == told(steps, False)
    for event in events:
        decided = [reason for crying, _, reason in steps[: int(event.at_s) + 1] if crying]
        assert event.reason == decided[-1]
