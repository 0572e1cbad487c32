"""The card of a reasons model in Markdown. It holds no number that a run did not write. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from convert.reasons.answering import CONFIDENCE, FEWEST_BABIES, KEPT
from convert.reasons.calibrating import BINS, PARTS
from convert.reasons.on_device import Int8Cost
from convert.reasons.report import QUICK
from convert.reasons.results import Figure
from convert.reasons.worth import ALWAYS, DEVICE, OfLabel, Worth
from convert.recipe import Card
from convert.reporting import numbers
from convert.reporting.table import Table
from edgecry.inference.reasons_manifest import UNCERTAIN, ReasonsManifest

LEVEL = 3


class Made(msgspec.Struct, frozen=True):
    """How the model was made. best_epochs: of each fold; epochs: of the training that ships.
    commands: that make it again."""

    quick: bool
    seeds: int
    folds: int
    best_epochs: list[int]
    epochs: int
    parameters: int
    multiply_adds: int
    size_bytes: int
    pretraining: str
    hardware: dict[str, str]
    data_sha256: str
    commands: list[str]
    int8_out_of_fold: Int8Cost
    int8_shipped: Int8Cost


def card(about: Card, manifest: ReasonsManifest, w: Worth, made: Made) -> str:
    """The whole card."""
    return "\n".join(
        [
            f"# {manifest.name} {manifest.version} (experimental)\n",
            *([f"{QUICK}\n"] if made.quick else []),
            "Guesses why a baby cries, from the windows in which the detector hears a cry. A "
            "depthwise-separable CNN on the detector's log-mel, full int8, input and output; "
            f"pretraining: {made.pretraining}. Off by default, and never part of a priority.\n",
            "## In words\n",
            *(f"{sentence}\n" for sentence in in_words(w)),
            "## By baby\n",
            *_tables(_answering(w), _labels(w), _confusion(w)),
            "## What it may answer\n",
            f"{_HOW_ANSWERED}\n",
            *_tables(_trials(w)),
            "## Risk and coverage\n",
            *_tables(_coverage(w)),
            "## Calibration\n",
            *_tables(_calibration(w)),
            "## Cost\n",
            *_tables(_cost(made), _int8(made)),
            "## Data\n",
            *_tables(_identity(manifest, made), _training_data(manifest)),
            "## The same figures again\n",
            "```\n" + "\n".join(made.commands) + "\n```\n",
            "## What a ward may do with it, and limits\n",
            about.limits,
        ]
    )


def in_words(w: Worth) -> list[str]:
    """What a clinical engineer reads first."""
    own = w.answering[DEVICE]
    always, chance = own.above_majority["macro_f1"], own.above_chance["macro_f1"]
    return [
        _may_answer(w.labels),
        f"On babies that the network had not heard, its macro-F1 is {_f1(w, DEVICE)}: "
        f"{_clear(always)} better than {_f1(w, ALWAYS)} of always answering `{w.most_frequent}` "
        f"({numbers.difference(always.value, always.ci95)}), and {_clear(chance)} better than the "
        f"same answers at random ({numbers.difference(chance.value, chance.ci95)}). Accuracy: "
        f"{_accuracy(w, DEVICE)}, of always `{w.most_frequent}` {_accuracy(w, ALWAYS)}.",
    ]


def _may_answer(labels: Sequence[OfLabel]) -> str:
    answered = [label for label in labels if label.answer_from is not None]
    if answered:
        named = "; ".join(f"`{a.name}` from {a.answer_from:g} on" for a in answered)
        return f"It answers {named}, and `{UNCERTAIN}` for all else."
    return (
        f"**It answers only `{UNCERTAIN}`.** For no reason was it proved that an answer is right "
        "more often than that reason's share of the recordings. The device tells its probabilities "
        "nevertheless; they are worth what the tables below say."
    )


def _clear(difference: Figure) -> str:
    return "clearly" if difference.ci95[0] > 0 else "not clearly"


def _f1(w: Worth, answers: str) -> str:
    figure = w.answering[answers].figures["macro_f1"]
    return numbers.ranked(figure.value, figure.ci95)


def _accuracy(w: Worth, answers: str) -> str:
    return numbers.share(w.answering[answers].figures["accuracy"].value)


_HOW_ANSWERED = (
    "A label is answered from the lowest threshold from which its precision was proved to be above "
    "its share of the clips. Tried were, for each label, the thresholds that keep "
    + ", ".join(f"{100 * kept:g} %" for kept in KEPT)
    + f" of its answers. Judged in {PARTS} parts: calibration and thresholds come from the babies "
    "of the others, and those that ship from all babies, in the same way. Proved: the lower end of "
    f"the {100 * CONFIDENCE:g} % interval of precision minus share is above 0, the level divided "
    "by all labels and thresholds (Bonferroni), so that of models that hear nothing at most one in "
    f"twenty gets to answer anything; and it is right for at least {FEWEST_BABIES} babies. The "
    "interval is the lower of a bootstrap over babies and Wilson's with babies for clips."
)


def _answering(w: Worth) -> Table:
    rows = []
    for name, a in w.answering.items():
        f = a.figures
        above = [of["macro_f1"] for of in (a.above_majority, a.above_chance)]
        cells = [
            f"{numbers.share(f[key].value)} ({numbers.shares(f[key].ci95)})"
            for key in ("accuracy", "balanced_accuracy")
        ]
        differences = [numbers.difference(of.value, of.ci95) for of in above]
        rows.append([name, *cells, _f1(w, name), *differences])
    return Table(
        f"{w.clips} clips of {w.babies} babies, by networks that had not heard the baby",
        (
            "answers",
            "accuracy",
            "balanced accuracy",
            "macro-F1",
            "above the last row's",
            "above the same answers at random",
        ),
        rows,
        "In brackets: 95 %, bootstrap over the babies of each reason. The likeliest class of a "
        "recording, through `edgecry classify --reasons`, which pools the windows of its cries; "
        f"calibrated: on other babies. In {w.silent} more recordings the detector hears no cry: "
        "nobody is asked.",
    )


def _labels(w: Worth) -> Table:
    rows = [
        [
            label.name,
            str(label.clips),
            str(label.babies),
            numbers.percent(label.clips, w.clips),
            f"{label.precision:.2f}",
            f"{label.recall:.2f}",
            "never" if label.answer_from is None else f"{label.answer_from:g}",
        ]
        for label in w.labels
    ]
    columns = ("label", "clips", "babies", "share", "precision", "recall", "answered from")
    return Table("Labels", columns, rows, f"Precision and recall: {DEVICE}, before calibration.")


def _confusion(w: Worth) -> Table:
    names = [label.name for label in w.labels]
    rows = [[n, *map(str, row)] for n, row in zip(names, w.confusion, strict=True)]
    columns = ("", *(f"called {name}" for name in names))
    return Table("Confusion, before calibration", columns, rows)


def _trials(w: Worth) -> Table:
    rows = [
        [
            label.name,
            f"{t.threshold:g}",
            f"{t.answers} ({t.babies})",
            f"{t.right} ({t.right_babies})",
            numbers.percent(t.right, t.answers),
            numbers.share(t.share),
            f"{100 * t.low:+.1f}",
            "yes" if t.proved else "no",
        ]
        for label in w.labels
        for t in label.trials
    ]
    columns = (
        "label",
        "from",
        "answered (babies)",
        "right (babies)",
        "precision",
        "share",
        "above the share, lower end, points",
        "proved",
    )
    never = _never(w.labels)
    return Table("Thresholds that were tried", columns, rows, never)


def _never(labels: Sequence[OfLabel]) -> str:
    missing = [label.name for label in labels if not label.trials]
    return f"Never the likeliest: {', '.join(missing)}." if missing else ""


def _coverage(w: Worth) -> Table:
    rows = [
        [
            f"{100 * p.coverage:g} %",
            f"{numbers.share(p.risk.value)} ({numbers.shares(p.risk.ci95)})",
            numbers.share(p.majority.value),
            numbers.points(p.above.value, p.above.ci95),
        ]
        for p in w.coverage.points
    ]
    c = w.coverage
    rows.append(
        [
            "area (AURC)",
            numbers.ranked(c.aurc.value, c.aurc.ci95),
            f"{c.aurc_majority.value:.3f}",
            numbers.difference(c.aurc_above.value, c.aurc_above.ci95),
        ]
    )
    columns = ("answered", "wrong", f"{ALWAYS}, same clips", "difference, points")
    return Table(
        "If it only answered when it is sure",
        columns,
        rows,
        "The surest clips by the probability of the likeliest label. A model that knows when it is "
        f"right is wrong less often the fewer it answers. Judged in {PARTS} parts, each calibrated "
        "on the babies of the others; a clip is as sure as it would be among theirs.",
    )


def _calibration(w: Worth) -> Table:
    rows = [
        [
            name,
            numbers.ranked(q.log_loss.value, q.log_loss.ci95),
            numbers.difference(q.above_shares.value, q.above_shares.ci95),
            f"{q.error:.3f}",
        ]
        for name, q in w.quality.items()
    ]
    c = w.calibration
    biases = ", ".join(
        f"{label.name} {b:.2f}" for label, b in zip(w.labels, c.intercepts, strict=True)
    )
    return Table(
        "Do probabilities hold what they promise?",
        ("probabilities", "log loss, nats", "above the class shares'", "calibration error"),
        rows,
        "p = softmax(slope x ln(mean over the windows of the cries) + intercepts): slope "
        f"{c.slope:g}, intercepts {biases}. Vector scaling with one slope (C. Guo et al., 2017), "
        "maximum a posteriori on what the device tells about babies that the network had not "
        "heard; priors are standard normal, of the slope around 0 and of the intercepts around the "
        f"logarithms of the class shares. Judged in {PARTS} parts, each calibrated on the babies "
        "of the others. Log loss under the class shares' would mean that it hears something, a "
        "slope near 0 means that it hears nothing. Calibration error: expected, of the likeliest "
        f"class, over {BINS} bins of as many clips.",
    )


def _cost(made: Made) -> Table:
    row = [
        f"{made.parameters:,}".replace(",", " "),
        f"{made.multiply_adds / 1e6:.2f} M",
        f"{made.size_bytes} bytes",
        f"{made.epochs} ({', '.join(map(str, made.best_epochs))})",
    ]
    columns = ("parameters", "multiply-adds a window", "size", "epochs (best of each fold)")
    return Table("Work", columns, [row])


def _int8(made: Made) -> Table:
    rows = []
    for name, cost in (
        ("out of fold", made.int8_out_of_fold),
        ("the shipped network, on its training", made.int8_shipped),
    ):
        d = cost.difference
        differ = ", ".join(f"{n}: {count}" for n, count in cost.runtimes_differ.items())
        rows.append(
            [
                name,
                str(cost.windows),
                *(f"{d[q]:.4f}" for q in ("0.5", "0.95", "0.99", "1")),
                str(cost.other_answers),
                differ or "-",
            ]
        )
    columns = (
        "networks",
        "windows",
        "median",
        "95 %",
        "99 %",
        "largest",
        "other likeliest label",
        "other on another run time",
    )
    return Table(
        "Float against int8",
        columns,
        rows,
        "How far a window's probabilities, before calibration, are apart: quantiles.",
    )


def _identity(manifest: ReasonsManifest, made: Made) -> Table:
    rows = [
        ("sha256", f"`{manifest.sha256}`"),
        ("code", f"`{made.hardware['code']}`"),
        ("trained on", made.hardware["gpu"] or made.hardware["processor"]),
        ("data", f"sha256 `{made.data_sha256}`"),
        ("folds, seeds", f"{made.folds}, {made.seeds}"),
    ]
    return Table("", ("", ""), rows)


def _training_data(manifest: ReasonsManifest) -> Table:
    rows = [(d.source, d.licence, str(d.clips), f"{d.minutes}") for d in manifest.training_data]
    return Table("Training data", ("source", "licence", "clips", "minutes"), rows)


def _tables(*tables: Table) -> list[str]:
    return [t.markdown(LEVEL) for t in tables if t.rows]
