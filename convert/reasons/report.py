"""The benchmark for people and programs: Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import msgspec

from convert.reasons.judging import FIGURES
from convert.reasons.plan import PROTOCOLS
from convert.reasons.results import Figure, Row
from convert.reporting import numbers
from convert.reporting.table import Table

QUICK = "> Made with --quick: a few clips and one epoch. It shows that all parts fit, nothing else."
COLUMNS = (
    "approach",
    "classes",
    "published",
    "leaky split: accuracy",
    "beside the published",
    "leaky: always the majority",
    "by baby: accuracy",
    "always the majority",
    "balanced accuracy",
    "macro precision",
    "macro-F1",
    "above the majority's macro-F1",
    "which reason, leaky: balanced accuracy",
    "which reason, by baby: balanced accuracy",
    "chance",
    "above chance, points",
)
NOTE = (
    "In brackets: 95 % intervals, by bootstrap over babies, drawn class by class; what other folds "
    "or weights would change is not in them. Leaky: clips or their pieces are split "
    "at random, after the copies that the authors made, and judged one by one. By baby, as is all "
    "that does not say leaky: no baby is on both sides; clips are judged as they were recorded. "
    "Always the majority: the training's most frequent class as the only answer, on the same "
    "folds. Balanced accuracy is macro recall. Which reason: of the cries whose reason is known "
    "alone, so that telling silence, noise or laughs from cries counts for nothing; chance is what "
    "the same answers, each as often, have if they are given to these cries at random. Groups: "
    "babies, and speakers or recordings of what is no cry. Judged: clips by baby, clips or pieces "
    "where it leaks; for each seed."
)
COSTS = (
    "approach",
    "parameters",
    "MB",
    "ms features",
    "ms network",
    "pretraining",
    "trained at commit",
)
COSTS_NOTE = (
    "MB: weights in float32, and a classifier's own; YAMNet itself, a file of 4.1 MB, is not among "
    "its head's, and its time is under features. ms: CPU time for one clip, one at a time, on one "
    "thread of a machine that others use too; the network's was taken with its training, the "
    "features' with this table."
)


class Benchmark(msgspec.Struct, frozen=True):
    """All that is known. quick: so many clips a class; null: all. sources: recordings from each."""

    command: str
    seeds: list[int]
    folds: int
    quick: int | None
    sources: dict[str, int]
    rows: list[Row]


def as_json(benchmark: Benchmark) -> str:
    """Every figure."""
    return msgspec.json.format(msgspec.json.encode(benchmark), indent=2).decode() + "\n"


def as_csv(benchmark: Benchmark) -> str:
    """A line for each approach and protocol."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    whose = [(f"{whose}{name}", whose, name) for whose in ("", "majority_") for name in FIGURES]
    ends = [f"{name}{end}" for name, _, _ in whose for end in ("", "_low", "_high")]
    facts = ("judged", "parameters", "size_bytes", "features_ms", "network_ms")
    found_ends = ("balanced_accuracy", "low", "high", "chance")
    above_ends = ("above_chance", "above_chance_low", "above_chance_high")
    reason = [f"which_reason_{end}" for end in (*found_ends, *above_ends)]
    writer.writerow(["approach", "protocol", "published", *ends, *reason, *facts])
    for row in benchmark.rows:
        values: list[object] = []
        for _, of, name in whose:
            figure = (row.majority if of else row.figures)[name]
            values += [f"{v:.4f}" for v in (figure.value, *figure.ci95)]
        why: list[object] = [""] * len(reason)
        if row.of_reasons is not None:
            of_all, above = row.of_reasons.balanced_accuracy, row.of_reasons.above_chance
            found = (of_all.value, *of_all.ci95, row.of_reasons.chance, above.value, *above.ci95)
            why = [f"{v:.4f}" for v in found]
        published = " to ".join(f"{v:g}" for v in sorted(set(row.published.accuracy or ())))
        about = [getattr(row, fact) for fact in facts]
        writer.writerow([row.approach, row.protocol, published, *values, *why, *about])
    return out.getvalue()


def as_markdown(benchmark: Benchmark) -> str:
    """The tables, and each approach with its classes."""
    seeds = ", ".join(map(str, benchmark.seeds))
    machines = {
        "; ".join(f"{key}: {value}" for key, value in machine.items() if value and key != "code")
        for row in benchmark.rows
        for machine in row.hardware
    }
    sources = "; ".join(f"{name}: {count}" for name, count in benchmark.sources.items())
    head = [
        "# Why does it cry? Every approach, by baby and leaky",
        "",
        *([QUICK, ""] if benchmark.quick else []),
        f"    {benchmark.command}",
        "",
        f"{benchmark.folds} folds, the same for approaches with the same classes; seeds {seeds}. "
        f"Trained on: {' / '.join(sorted(machines))}.",
        "",
        f"Recordings of {sources}.",
        "",
    ]
    names = list(dict.fromkeys(row.approach for row in benchmark.rows))
    of = {(row.approach, row.protocol): row for row in benchmark.rows}
    both = [[of[name, protocol] for protocol in PROTOCOLS] for name in names]
    main = Table("What each is worth", COLUMNS, [_line(*rows) for rows in both], NOTE)
    costs = Table("What each costs", COSTS, [_cost(rows[0]) for rows in both], COSTS_NOTE)
    return "\n".join([*head, main.markdown(2), costs.markdown(2), *map(_details, both)])


def _line(by_baby: Row, leaky: Row) -> list[str]:
    there = sum(c.clips > 0 for c in by_baby.classes)
    f1, above = by_baby.figures["macro_f1"], by_baby.above_majority["macro_f1"]
    return [
        by_baby.title,
        f"{there} of {len(by_baby.classes)}" if there < len(by_baby.classes) else f"{there}",
        _published(by_baby),
        _share(leaky, "accuracy"),
        leaky.reproduced,
        numbers.share(leaky.majority["accuracy"].value),
        _share(by_baby, "accuracy"),
        numbers.share(by_baby.majority["accuracy"].value),
        _share(by_baby, "balanced_accuracy"),
        _share(by_baby, "macro_precision"),
        numbers.ranked(f1.value, f1.ci95),
        numbers.difference(above.value, above.ci95),
        *(_which_reason(row) for row in (leaky, by_baby)),
        *_chance(by_baby),
    ]


def _cost(row: Row) -> list[str]:
    return [
        row.title,
        f"{row.parameters:,}".replace(",", " "),
        f"{row.size_bytes / 1e6:.2f}",
        f"{row.features_ms:.1f}",
        f"{row.network_ms:.1f}",
        row.pretraining,
        ", ".join(_commits(row)),
    ]


def _commits(row: Row) -> list[str]:
    """Of all its trainings, short."""
    whole = dict.fromkeys(machine.get("code", "-") for machine in row.hardware)
    return [code[:7] + "-dirty" * code.endswith("-dirty") for code in whole]


def _details(rows: Sequence[Row]) -> str:
    first = rows[0]
    lines = [f"## {first.title}", "", f"Published: {first.published.said}", ""]
    lines += [f"- {c.name}: {c.note}" for c in first.classes if c.note]
    for row in rows:
        columns = ["class", "clips", "groups", "judged", "precision", "recall", "F1"]
        columns += [f"called {c.name}" for c in row.classes]
        cells = [
            [
                c.name,
                str(c.clips),
                str(c.groups),
                str(sum(called)),
                *(f"{v:.2f}" for v in (c.precision, c.recall, c.f1)),
                *map(str, called),
            ]
            for c, called in zip(row.classes, row.confusion, strict=True)
        ]
        name = row.protocol.replace("_", " ")
        lines += ["", Table(f"{first.title}, {name}", columns, cells).markdown(3)]
    return "\n".join(lines)


def _published(row: Row) -> str:
    accuracy = row.published.accuracy
    return "-" if accuracy is None else " to ".join(map(numbers.share, sorted(set(accuracy))))


def _which_reason(row: Row) -> str:
    return "-" if row.of_reasons is None else _words(row.of_reasons.balanced_accuracy)


def _chance(row: Row) -> list[str]:
    """It, and how far above it."""
    if row.of_reasons is None:
        return ["-", "-"]
    above = row.of_reasons.above_chance
    return [numbers.share(row.of_reasons.chance), numbers.points(above.value, above.ci95)]


def _share(row: Row, name: str) -> str:
    return _words(row.figures[name])


def _words(figure: Figure) -> str:
    return f"{numbers.share(figure.value)} ({numbers.shares(figure.ci95)})"
