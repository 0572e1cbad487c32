"""From an evaluation to the tables that the card and the report show. Pure."""

from __future__ import annotations

from convert.reporting import numbers
from convert.reporting.evaluation import ClassCount, Evaluation, ScenePart, SceneResult
from convert.reporting.table import Table
from edgecry.inference.manifest import Manifest

METRIC_NAMES = {
    "auc": "ROC-AUC",
    "average_precision": "AP",
    "tpr_at_fpr_1pct": "TPR at 1 % FPR",
    "tpr_at_fpr_0_1pct": "TPR at 0.1 % FPR",
    "best_f1": "best F1",
}
SHOWN_METRICS = ("auc", "average_precision", "tpr_at_fpr_1pct", "best_f1")


def ranking(e: Evaluation) -> Table:
    """Each set of clips, the model and the reference under each other."""
    rows = [
        (
            r.set,
            r.detector,
            f"{r.cries} ({r.cry_groups}) / {r.noncries}",
            *(numbers.ranked(getattr(r, m), getattr(r, f"{m}_ci95")) for m in SHOWN_METRICS),
        )
        for r in e.ranking
    ]
    return Table(
        "How well it ranks recordings",
        ("set", "detector", "cries (babies) / others", *(METRIC_NAMES[m] for m in SHOWN_METRICS)),
        rows,
        "A recording's score is the mean of its most cry-like windows, as many as the device "
        "averages over; YAMNet's that of its most cry-like frame. In brackets: 95 %, bootstrap "
        "over babies and recordings; an interval without width says that no clip was out of "
        "order, no more. Neonates are 0 to 4 weeks old, as the file names of DonateACry say.",
    )


def differences(e: Evaluation) -> Table | None:
    """The model minus the reference, paired."""
    sets = list(dict.fromkeys(d.set for d in e.differences))
    if not sets:
        return None
    found = {(d.set, d.metric): d for d in e.differences}
    rows = [
        (
            name,
            *(
                numbers.difference(found[name, m].difference, found[name, m].ci95)
                for m in SHOWN_METRICS
            ),
        )
        for name in sets
    ]
    return Table(
        f"{e.detector} minus {e.reference}, on the same recordings",
        ("set", *(METRIC_NAMES[m] for m in SHOWN_METRICS)),
        rows,
        "Paired: each draw of babies and recordings judges both. An interval on one side of 0 is a "
        "difference that these recordings show.",
    )


def parts(e: Evaluation, by: str) -> Table:
    """Inside each source or bandwidth of the test split."""
    mine = [p for p in e.parts if p.by == by and p.detector == e.detector]
    beside = {(p.set, p.part): p for p in e.parts if p.by == by and p.detector == e.reference}
    rows = []
    for p in mine:
        other = beside.get((p.set, p.part))
        rows.append(
            (
                p.part,
                f"{p.cries} / {p.noncries}",
                _or_dash(p.auc),
                *([_or_dash(other.auc if other else None)] if e.reference else []),
                f"{p.found} of {p.cries}" if p.cries else "-",
                f"{p.false} of {p.noncries}" if p.noncries else "-",
            )
        )
    reference = [f"ROC-AUC within, {e.reference}"] if e.reference else []
    columns = ("", "cries / others", "ROC-AUC within", *reference, "found", "false")
    return Table(
        f"Within each {by}", columns, rows, "Found and false: at the balanced operating point."
    )


def thresholds(e: Evaluation, chosen: Manifest) -> Table:
    """The operating points: what was promised where they were chosen, and what scenes gave."""
    rows = []
    for name, point in sorted(chosen.operating_points.items(), key=lambda item: item[1].on):
        results = [r for r in e.scene_results if (r.detector, r.at) == (e.detector, name)]
        in_scenes = (
            (numbers.counted(r.found, r.events, r.recall_ci95), _false_alarm_rate(r))
            for r in results
        )
        rows.append(
            (
                name,
                f"{point.on} / {point.off}",
                "-" if point.recall is None else numbers.share(point.recall),
                _or_dash(point.false_alarms_per_hour, 2),
                *next(in_scenes, ()),
            )
        )
    columns = ("", "on / off", "cries found, where chosen", "false alarms/h, where chosen")
    scenes = ("cries found, test scenes", "false alarms/h, test scenes") if e.scenes else ()
    where = next(iter(chosen.operating_points.values())).measured_on.split(", on which")[0]
    return Table(
        "Thresholds",
        (*columns, *scenes),
        rows,
        f"Chosen on the {where}, with a margin; the test split was looked at afterwards. A false "
        "alarm that lasts counts again every 10 s.",
    )


def clip_points(e: Evaluation) -> Table:
    """What the operating points give on recordings."""
    rows = [
        (
            p.set,
            p.point,
            numbers.counted(p.found, p.cries, p.recall_ci95),
            numbers.counted(p.false, p.noncries, p.false_ci95),
            f"{p.false_alarms} in {60 * p.noncry_hours:.0f} min",
        )
        for p in e.clip_points
    ]
    return Table(
        "Operating points on recordings",
        ("set", "point", "cries found", "others taken for a cry", "false alarms"),
        rows,
        "One window whose evidence reaches the threshold finds a cry. Intervals are the wider "
        "of Wilson's and, for cries, bootstrap over babies.",
    )


def families(e: Evaluation) -> Table:
    """What is taken for a cry, by family of sounds, at each operating point."""
    of = {(c.set, c.family, c.point): c for c in e.classes if c.fine is None}
    points = list(dict.fromkeys(c.point for c in e.classes))
    rows = []
    for name, family in dict.fromkeys((c.set, c.family) for c in e.classes):
        at = [of[name, family, p] for p in points]
        counts = (numbers.counted(c.false, c.clips, c.ci95) for c in at)
        rows.append((name, family, *counts))
    return Table(
        "What is taken for a cry",
        ("set", "sounds", *points),
        rows,
        "Recordings in which the evidence reaches the point. Intervals are Wilson's, as if "
        "recordings were independent. Sets that were 'chosen on' stopped the "
        "training or set the thresholds.",
    )


def classes(e: Evaluation) -> Table:
    """Every class with its counts at each operating point."""
    points = list(dict.fromkeys(c.point for c in e.classes))
    of = {(c.set, c.family, c.fine, c.point): c for c in e.classes if c.fine is not None}
    keys = dict.fromkeys((c.set, c.family, c.fine) for c in e.classes if c.fine is not None)
    rows = [
        (*key, str(of[*key, points[0]].clips), *(str(of[*key, p].false) for p in points))
        for key in keys
    ]
    return Table("Every class", ("set", "sounds", "class", "recordings", *points), rows)


def classes_in_short(e: Evaluation, name: str, point: str) -> Table:
    """Every class of a set in one row a family, at one operating point."""
    members: dict[str, list[ClassCount]] = {}
    for c in e.classes:
        if c.set == name and c.point == point and c.fine is not None:
            members.setdefault(c.family, []).append(c)
    rows = [
        (family, ", ".join(f"{c.fine or 'no name'} {c.false}/{c.clips}" for c in of))
        for family, of in members.items()
    ]
    return Table(
        f"Every class of the {name}, {point} point",
        ("sounds", "taken for a cry / recordings"),
        rows,
    )


def scenes(e: Evaluation) -> Table | None:
    """The built scenes: at limits of false alarms, and at the operating points."""
    if not e.scenes:
        return None
    rows = [
        (
            r.at,
            r.detector,
            f"{r.threshold:.4g}",
            numbers.counted(r.found, r.events, r.recall_ci95),
            numbers.seconds(r.delay_median_s),
            numbers.seconds(r.delay_p90_s),
            _false_alarm_rate(r),
        )
        for r in e.scene_results
    ]
    levels_db = [float(p.part) for p in e.scene_parts if p.by == "SNR"]
    levels = (
        f" at {min(levels_db):g} to {max(levels_db):g} dB over what else is heard"
        if levels_db
        else ""
    )
    return Table(
        "Cries in long scenes",
        (
            "at",
            "detector",
            "threshold",
            "cries found",
            "delay, median",
            "delay, 90 %",
            "false alarms/h",
        ),
        rows,
        f"{e.scenes.scenes} scenes built from recordings of the test split: {e.scenes.events} "
        f"cries of {e.scenes.cry_groups} babies{levels}, and "
        f"{e.scenes.hours:.1f} h without one. 'At most so many an hour' is the best threshold on "
        "these scenes, for the model and for what it is compared with; the operating points were "
        "set before. Delay: from the onset, of the found ones. Intervals are the wider of two: "
        "bootstrap over babies and Wilson's for cries, bootstrap over scenes and Poisson's for "
        "false alarms.",
    )


def scene_differences(e: Evaluation) -> Table | None:
    """How many points more cries the model finds in the scenes."""
    if not e.scene_differences:
        return None
    rows = [
        (d.at, f"{e.detector} minus {d.other}", numbers.points(d.difference, d.ci95))
        for d in e.scene_differences
    ]
    return Table(
        "Cries found, paired",
        ("at", "", "points"),
        rows,
        "Each at its best threshold on these scenes; each draw of babies judges both.",
    )


def scene_parts(e: Evaluation, by: str) -> Table | None:
    """Found cries by SNR or by response, for every row of `scenes`."""
    of = [p for p in e.scene_parts if p.by == by]
    if not of:
        return None
    names = sorted({p.part for p in of}, key=_number_or_name)
    rows = []
    for result in e.scene_results:
        mine = {p.part: p for p in of if (p.detector, p.at) == (result.detector, result.at)}
        rows.append((result.at, result.detector, *(_found(mine.get(n)) for n in names)))
    unit = " dB" if by == "SNR" else ""
    return Table(
        f"Cries found by {by}", ("at", "detector", *(f"{name}{unit}" for name in names)), rows
    )


def _found(part: ScenePart | None) -> str:
    return numbers.counted(part.found, part.events, part.ci95) if part else "-"


def _false_alarm_rate(r: SceneResult) -> str:
    low, high = r.false_alarms_per_hour_ci95
    return f"{r.false_alarms} in {r.hours:.1f} h = {numbers.rate(r.false_alarms, r.hours)} " + (
        f"({low:.2f} to {high:.2f})"
    )


def _or_dash(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _number_or_name(part: str) -> tuple[float, str]:
    """Higher SNR first, then names."""
    try:
        return -float(part), ""
    except ValueError:
        return float("inf"), part
