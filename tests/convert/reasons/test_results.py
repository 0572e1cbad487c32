"""Rows: what trainings come to, beside the majority and the published figure."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from convert.reasons.approach import Published, Svm, Xgboost, load_approaches
from convert.reasons.classifiers import Classifier
from convert.reasons.fold import class_weights, judged, majority
from convert.reasons.job import Result
from convert.reasons.plan import Piece, Plan
from convert.reasons.report import COLUMNS, Benchmark, as_csv, as_json, as_markdown
from convert.reasons.results import Row, reproduced, row
from convert.reasons.sounds import LabelledClip

APPROACH = load_approaches()["mfcc-cnn"]
"""belly_pain, burping, discomfort, hungry, tired."""
BELLY_PAIN, BURPING, DISCOMFORT, HUNGRY, TIRED = range(5)


def clip(label: int, baby: str, name: str) -> LabelledClip:
    return LabelledClip(name, Path(name), label, baby, "tiny", "CC0", "any", 2.0)


CLIPS = [
    *(clip(HUNGRY, f"h{n}", f"hungry{n}") for n in range(6)),
    *(clip(BURPING, f"b{n}", f"burping{n}") for n in range(2)),
    clip(TIRED, "t", "tired0"),
    clip(TIRED, "t", "tired1"),
    clip(BELLY_PAIN, "h0", "belly"),
]


def result(answered: list[int]) -> Result:
    """Of one fold that judges all clips and answers so."""
    return Result(
        groups=[c.group for c in CLIPS],
        labels=[c.label for c in CLIPS],
        probabilities=np.eye(5)[answered].tolist(),
        majority=HUNGRY,
        parameters=1000,
        size_bytes=4000,
        network_ms=1.5,
        hardware={"processor": "one", "code": "0123456789abcdef-dirty"},
    )


def made(answered: list[int], protocol: str = "by_baby") -> Row:
    made_of = [result(answered)]
    return row(APPROACH, protocol, made_of, CLIPS, folds=5, features_ms=2.0, network_ms=1.5)  # type: ignore[arg-type]


def test_always_the_majority_is_as_good_as_itself() -> None:
    always = made([HUNGRY] * len(CLIPS))
    assert always.figures == always.majority
    assert always.figures["accuracy"].value == pytest.approx(6 / 11)
    assert always.figures["balanced_accuracy"].value == pytest.approx(1 / 4)
    assert {f.value for f in always.above_majority.values()} == {0.0}


def test_classes_with_too_few_babies_are_named_and_kept() -> None:
    whole = made([c.label for c in CLIPS])
    assert whole.figures["macro_f1"].value == 1.0
    notes = {c.name: (c.clips, c.groups, c.note) for c in whole.classes}
    assert notes["hungry"] == (6, 6, "")
    assert notes["burping"][2].startswith("2 babies for 5 folds")
    assert notes["tired"][:2] == (2, 1)
    assert "one baby" in notes["tired"][2]
    assert "no recording" in notes["discomfort"][2]
    assert np.array(whole.confusion).trace() == len(CLIPS) == whole.judged


def test_which_reason_counts_cries_alone() -> None:
    nine = load_approaches()["base-cnn"]
    silence, reasons = list(nine.classes).index("silence"), ["hungry", "tired"]
    labels = [list(nine.classes).index(name) for name in (*reasons, "hungry", "silence")]
    clips = [clip(label, f"baby{n}", f"clip{n}") for n, label in enumerate(labels)]
    answered = [labels[0], labels[0], silence, silence]
    found = msgspec.structs.replace(
        result([0]),
        groups=[c.group for c in clips],
        labels=labels,
        probabilities=np.eye(9)[answered].tolist(),
    )
    worth = row(nine, "by_baby", [found], clips, folds=5, features_ms=1.0, network_ms=1.0)
    assert worth.of_reasons is not None
    # Two of three cries are called a reason, and each of two reasons is as often right at random.
    assert worth.of_reasons.chance == pytest.approx(2 / 3 / 2)
    # Half of the hungry, none of the tired; a cry that is called silence is not found.
    assert worth.of_reasons.balanced_accuracy.value == pytest.approx(1 / 4)
    assert worth.of_reasons.above_chance.value == pytest.approx(1 / 4 - 1 / 3)
    assert worth.figures["balanced_accuracy"].value == pytest.approx((1 / 2 + 0 + 1) / 3)


def test_cry_or_not_is_no_reason() -> None:
    binary = load_approaches()["binary-16khz"]
    clips = [clip(label, f"baby{label}", f"clip{label}") for label in (0, 1)]
    found = msgspec.structs.replace(
        result([0]),
        groups=["baby0", "baby1"],
        labels=[0, 1],
        probabilities=[[1.0, 0.0], [0.0, 1.0]],
        majority=0,
    )
    assert (
        row(binary, "by_baby", [found], clips, folds=5, features_ms=1.0, network_ms=1.0).of_reasons
        is None
    )


@pytest.mark.parametrize(
    ("accuracy", "said"),
    [
        (0.87, "as published"),
        (0.84, "1 points below what was published"),
        (0.60, "25 points below what was published: not reproduced"),
        (0.98, "10 points above what was published: not reproduced"),
    ],
)
def test_what_was_published_is_reproduced_or_not(accuracy: float, said: str) -> None:
    assert reproduced(Published("so", (0.85, 0.88)), accuracy) == said
    assert reproduced(Published("so"), accuracy) == "nothing to hold it against"


def test_the_accuracy_is_held_against_what_was_published() -> None:
    """Always hungry, of 6 in 11 clips: accuracy 0.55, balanced 0.25, macro-F1 0.18."""
    said = {}
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        figure = made([HUNGRY] * len(CLIPS)).figures[name].value
        approach = msgspec.structs.replace(APPROACH, published=Published("so", (figure, figure)))
        found = row(
            approach,
            "leaky",
            [result([HUNGRY] * len(CLIPS))],
            CLIPS,
            folds=5,
            features_ms=2.0,
            network_ms=1.5,
        )
        said[name] = found.reproduced
    assert said["accuracy"] == "as published"
    assert said["balanced_accuracy"].endswith("not reproduced")
    assert said["macro_f1"].endswith("not reproduced")


def test_a_clip_has_the_mean_of_its_pieces_and_a_leaked_piece_its_own() -> None:
    pieces = [Piece(0, 0), Piece(0, 1), Piece(6, 0)]
    probabilities = np.array([[0.2, 0.8], [0.6, 0.4], [1.0, 0.0]], np.float32)
    about = {
        "majority": 0,
        "parameters": 1,
        "size_bytes": 4,
        "network_ms": None,
        "hardware": {},
    }
    whole = judged(pieces, CLIPS, probabilities, whole_clips=True, **about)
    assert whole.probabilities == [[pytest.approx(0.4), pytest.approx(0.6)], [1.0, 0.0]]
    assert whole.groups == ["h0", "b0"]
    each = judged(pieces, CLIPS, probabilities, whole_clips=False, **about)
    assert each.groups == ["h0", "h0", "b0"]


def test_the_majority_is_counted_over_clips_not_copies() -> None:
    copies = [Piece(6, 0, version) for version in range(20)]
    plan = Plan(fit=[Piece(0, 0), Piece(1, 0), *copies], watch=[], judge=[])
    assert majority(plan, CLIPS) == HUNGRY


def test_rare_classes_weigh_more() -> None:
    weights = class_weights(np.array([0, 0, 0, 2]))
    assert weights[:3].sum() == pytest.approx(weights[3]) == pytest.approx(2.0)


@pytest.mark.parametrize("settings", [Svm(1.0), Xgboost(5, 2, 0.3)], ids=["svm", "xgboost"])
def test_a_class_that_was_not_trained_is_never_answered(settings: Svm | Xgboost) -> None:
    if isinstance(settings, Xgboost):
        pytest.importorskip("xgboost")
    rng = np.random.default_rng(0)
    y = np.array([0, 2, 3] * 20)
    x = rng.standard_normal((60, 4)).astype(np.float32) + 5 * np.eye(4, dtype=np.float32)[y]
    classifier = Classifier(settings, x, y, seed=1)
    probabilities = classifier.probabilities(x, classes=5)
    assert probabilities.shape == (60, 5)
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert not probabilities[:, [1, 4]].any()
    assert (probabilities.argmax(axis=1) == y).mean() > 0.95
    assert classifier.size_bytes > 100


def test_the_tables_hold_both_protocols_and_say_where_they_come_from() -> None:
    rows = [made([HUNGRY] * len(CLIPS)), made([c.label for c in CLIPS], "leaky")]
    benchmark = Benchmark("python -m convert.benchmark", [1, 2], 5, None, {"tiny": 11}, rows)
    assert msgspec.json.decode(as_json(benchmark), type=Benchmark) == benchmark
    head, *lines = as_csv(benchmark).splitlines()
    assert {line.count(",") for line in lines} == {head.count(",")}
    assert [line.split(",")[1] for line in lines] == ["by_baby", "leaky"]
    page = as_markdown(benchmark)
    assert all(column in page for column in COLUMNS)
    assert "same classes; seeds 1, 2. Trained on: processor: one." in page
    assert "| 0123456-dirty |" in page
    assert "Recordings of tiny: 11." in page
    assert "--quick" not in page
    assert "- tired: one baby" in page
    assert "--quick" in as_markdown(msgspec.structs.replace(benchmark, quick=4))
