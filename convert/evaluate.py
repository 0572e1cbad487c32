"""The finished model on the test split: its `.tflite` and manifest through the device's own path.

To be looked at once, when everything is chosen. A file's score is its highest evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from convert.data.clips import Clip, read_dataset
from convert.measuring.metrics import auc, clip_metrics
from convert.measuring.scoring import Heard, false_alarms, listen
from convert.recipe import Data, Recipe
from convert.run import step_arguments, write_json
from convert.sounds.audio import RATE_HZ, load_audio
from edgecry.features.mel import span_samples
from edgecry.inference.classifier import Classifier, load_classifier
from edgecry.inference.manifest import OperatingPoint

NARROW_HZ = 4100.0
"""A clip whose spectrum ends under this came over a phone."""

Listened = Sequence[tuple[Clip, Heard]]


def listen_to(classifier: Classifier, clips: Sequence[Clip], what: str) -> Listened:
    """Every clip through the device's path."""
    return [(c, listen(classifier, load_audio(c.path))) for c in tqdm(clips, what)]


def evaluate(classifier: Classifier, recipe: Recipe, data: Path) -> dict[str, Any]:
    """Everything that the card says of the test split and of the human-labelled babies."""
    clips = read_dataset(recipe.data, data)
    test = listen_to(classifier, [c for c in clips if c.split == "test"], "test split")
    report: dict[str, Any] = {"test": overall(test)}
    report["test_by_source"] = parts(test, lambda c: c.source)
    report["test_by_bandwidth"] = parts(test, _bandwidth)
    report["test_without_neonates"] = overall([x for x in test if not x[0].neonate])
    neonates = [x for x in test if x[0].neonate and x[0].cry]
    noncries = [x for x in test if not x[0].cry]
    if neonates:
        report["test_neonate_cries"] = overall(neonates + noncries)
    report["operating_points"] = operating_points(test, classifier)
    report["false_positives_by_kind"] = false_positives(
        test, classifier.manifest.operating_points["balanced"]
    )
    if recipe.data.human_labels:
        others = Data(clips=[recipe.data.human_labels])
        human = listen_to(classifier, read_dataset(others, data), "human labels")
        report["human_labels"] = overall(human)
        report["human_labels_operating_points"] = operating_points(human, classifier)
    return report


def overall(listened: Listened) -> dict[str, Any]:
    """Clip metrics of scored clips."""
    cry, scores = _arrays(listened)
    return clip_metrics(cry, scores, [c.group for c, _ in listened])


def parts(listened: Listened, key: Callable[[Clip], str]) -> dict[str, dict[str, Any]]:
    """For each part: how many, mean score, and AUC inside it where it has both classes."""
    found: dict[str, list[tuple[Clip, Heard]]] = defaultdict(list)
    for clip, heard in listened:
        found[key(clip)].append((clip, heard))
    report = {}
    for name, members in sorted(found.items()):
        cry, scores = _arrays(members)
        report[name] = {
            "clips": len(members),
            "cries": int(cry.sum()),
            "auc_within": auc(cry, scores) if 0 < cry.sum() < len(cry) else None,
        }
    return report


def operating_points(listened: Listened, classifier: Classifier) -> dict[str, dict[str, float]]:
    """What each of the model's operating points gives."""
    return {
        name: operating_point(listened, point, classifier)
        for name, point in classifier.manifest.operating_points.items()
    }


def operating_point(
    listened: Listened, point: OperatingPoint, classifier: Classifier
) -> dict[str, float]:
    """Recall over cry clips, false positives over non-cry clips, false alarms per hour of them."""
    features = classifier.manifest.features
    window_s = span_samples(features.window_frames, features.log_mel) / RATE_HZ
    cries = [h for c, h in listened if c.cry]
    noncries = [h for c, h in listened if not c.cry]
    hours = sum(h.duration_s for h in noncries) / 3600
    alarms = sum(false_alarms(h, point.on, window_s) for h in noncries)
    return {
        "on": point.on,
        "off": point.off,
        "recall": float(np.mean([h.score >= point.on for h in cries])),
        "false_positive_rate": float(np.mean([h.score >= point.on for h in noncries])),
        "false_alarms": alarms,
        "noncry_hours": hours,
        "false_alarms_per_hour": alarms / hours,
    }


def false_positives(listened: Listened, point: OperatingPoint) -> dict[str, dict[str, int]]:
    """The kinds of non-cries that pass the point: how many clips of how many."""
    report: dict[str, dict[str, int]] = {}
    for clip, heard in listened:
        if not clip.cry:
            kind = report.setdefault(clip.fine, {"clips": 0, "false": 0})
            kind["clips"] += 1
            kind["false"] += heard.score >= point.on
    return {name: kind for name, kind in sorted(report.items()) if kind["false"]}


def _arrays(listened: Listened) -> tuple[Any, Any]:
    cry = np.array([c.cry for c, _ in listened])
    return cry, np.array([h.score for _, h in listened])


def _bandwidth(clip: Clip) -> str:
    narrow = clip.bandwidth_hz is not None and clip.bandwidth_hz < NARROW_HZ
    return "up to 4.1 kHz" if narrow else "above 4.1 kHz"


def main() -> None:
    """Evaluate a calibrated run on the test split."""
    args, recipe = step_arguments(__doc__)
    classifier = load_classifier(args.run / f"{recipe.name}.tflite")
    report = evaluate(classifier, recipe, args.data)
    write_json(args.run / "evaluation.json", report)
    print(report["test"])


if __name__ == "__main__":
    main()
