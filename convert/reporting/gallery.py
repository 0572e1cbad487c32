"""Which plots there are, what each shows, and how they are drawn from a run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.measuring.calibration import PRIOR
from convert.measuring.listening import window_s
from convert.reporting.clips import Listened
from convert.reporting.evaluation import Evaluation
from convert.reporting.plots.errors import spectrogram_sheet
from convert.reporting.plots.histograms import histogram
from convert.reporting.plots.quantization import score_differences
from convert.reporting.plots.ranking import det, roc
from convert.reporting.plots.reliability import reliability
from convert.reporting.plots.scenes import recall_against_false_alarms, recall_by_snr
from convert.reporting.plots.training import training_curves
from convert.reporting.scenes import LIMITS_PER_HOUR, Scenes, window_labels
from convert.reporting.words import at_most
from convert.run import CURVES, PLOTS, QUANTIZATION
from convert.sounds.audio import RATE_HZ, load_audio
from edgecry.inference.manifest import Manifest

CAPTIONS = {
    "scenes-recall": "Cries found against false alarms per hour, over all thresholds. Dots: the "
    "operating points, whose thresholds were set before.",
    "scenes-snr": "Cries found by how far they stand out, each detector at its best threshold.",
    "roc": "Cries found against other recordings taken for a cry.",
    "det": "Both errors on normal-deviate axes; nearer to the lower left is better. An error of "
    "none is drawn at half a recording.",
    "scores": "The highest evidence in each recording; dashed: the operating points.",
    "reliability": "What scores mean: of windows or recordings that score 0.8, eight in ten should "
    "hold a cry where a tenth of the time is crying.",
    "errors-noncries": "The other recordings with the highest scores.",
    "errors-cries": "The recordings of cries with the lowest scores.",
    "int8": "What int8 changes in the score of a window.",
    "training": "Training: the loss, and what it was stopped by.",
}
"""Name -> what it shows; a file is NAME.png or NAME-SET.png. The order of the report."""


def plots_of(run: Path) -> list[tuple[Path, str]]:
    """The plots that a run has, and their captions."""
    return [
        (path, caption)
        for name, caption in CAPTIONS.items()
        for path in sorted((run / PLOTS).glob(f"{name}*.png"))
    ]


def draw(
    run: Path,
    data: Path,
    sets: Sequence[Listened],
    scenes: Scenes | None,
    e: Evaluation,
    chosen: Manifest,
) -> None:
    """All plots of a run, in place of those that were there. data: where the recordings are."""
    for old in (run / PLOTS).glob("*.png"):
        old.unlink()
    ranked = [s for s in sets if s.ranks]
    for listened in ranked:
        draw_clips(run, listened, {n: p.on for n, p in chosen.operating_points.items()})
    if scenes:
        draw_scenes(run, e)
    scores = scored(ranked, scenes, chosen)
    reliability(run / PLOTS / "reliability.png", scores, PRIOR)
    draw_errors(run, e, data)
    draw_steps(run)


def draw_clips(run: Path, listened: Listened, points: dict[str, float]) -> None:
    """ROC and DET of a set of clips, and how the model's scores lie."""
    name = listened.set.replace(" ", "-")
    scores = {d: listened.scores(d) for d in listened.heard}
    roc(run / PLOTS / f"roc-{name}.png", listened.set, listened.cry, scores)
    det(run / PLOTS / f"det-{name}.png", listened.set, listened.cry, scores)
    peaks = listened.peaks(next(iter(scores)))
    histogram(run / PLOTS / f"scores-{name}.png", listened.set, listened.cry, peaks, points)


def draw_scenes(run: Path, e: Evaluation) -> None:
    """Recall against false alarms, and by SNR at each limit."""
    limits = {at_most(limit) for limit in LIMITS_PER_HOUR}
    own = [r for r in e.scene_results if r.at not in limits]
    recall_against_false_alarms(run / PLOTS / "scenes-recall.png", e.scene_curves, own)
    for limit in LIMITS_PER_HOUR:
        parts = [p for p in e.scene_parts if p.by == "SNR" and p.at == at_most(limit)]
        title = f"at most {limit:g} false alarms an hour"
        recall_by_snr(run / PLOTS / f"scenes-snr-{limit:g}.png", title, parts)


def scored(
    sets: Sequence[Listened], scenes: Scenes | None, chosen: Manifest
) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.float64]]]:
    """Labels and scores of recordings, and of the windows of scenes."""
    found = {s.set: (s.cry, s.scores(chosen.name)) for s in sets}
    if scenes:
        heard, length_s = scenes.heard[chosen.name], window_s(chosen)
        labelled = [window_labels(t, heard[t.name], length_s) for t in scenes.timelines]
        cry, scores = zip(*labelled, strict=True)
        found["windows of scenes"] = np.concatenate(cry), np.concatenate(scores)
    return found


def draw_errors(run: Path, e: Evaluation, data: Path) -> None:
    """The worst recordings of each set as sheets."""
    kinds = {
        True: ("errors-cries", "Cries with the lowest scores"),
        False: ("errors-noncries", "Others with the highest scores"),
    }
    for name, cry in dict.fromkeys((w.set, w.cry) for w in e.worst):
        sounds = [
            (f"{w.score:.3f}  {w.fine}\n{Path(w.key).stem}", load_audio(data / w.key))
            for w in e.worst
            if (w.set, w.cry) == (name, cry)
        ]
        file, title = kinds[cry]
        path = run / PLOTS / f"{file}-{name.replace(' ', '-')}.png"
        spectrogram_sheet(path, f"{title}, {name}", sounds, RATE_HZ)


def draw_steps(run: Path) -> None:
    """What training and quantization left."""
    if (run / CURVES).exists():
        training_curves(run / PLOTS / "training.png", run / CURVES)
    if (run / QUANTIZATION).exists():
        found = json.loads((run / QUANTIZATION).read_text())["score_differences"]
        score_differences(run / PLOTS / "int8.png", found["edges"], found["counts"])
