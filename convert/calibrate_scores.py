"""After int8: logits -> probabilities, and the thresholds of the three operating points.

Both from the `.tflite` through the device's path, on the val split and on the held-out streams,
never on the test split. The probability is that of a window in a place where a baby cries PRIOR of
the time.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from convert.data.clips import Clip, read_dataset
from convert.measuring.scoring import Heard, false_alarms_per_hour, smoothed, window_logits
from convert.quantize import INT8_MODEL
from convert.recipe import Recipe
from convert.run import step_arguments
from convert.sounds.audio import RATE_HZ
from convert.train import CACHE
from convert.training.bank import BankedClip, load_bank
from convert.training.labels import CRY
from edgecry.features.mel import FRAMES_PER_BATCH, MelParams, span_samples
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import (
    Calibration,
    Features,
    Manifest,
    OperatingPoint,
    OperatingPointName,
    TrainingData,
)

PRIOR = 0.1
LOWEST_SLOPE = 1e-3
LAG_LOGITS = 1.5
"""`off` is this far under `on`: a cry in progress needs less to go on than a new one to begin."""
HIGHEST_ON = 0.995
GRID = 2000


def platt(logits: NDArray[np.float64], cry: NDArray[np.bool_]) -> Calibration:
    """Platt scaling (J. Platt, 1999) with cries weighted to be PRIOR of the windows."""
    fit = LogisticRegression(
        class_weight={True: PRIOR / cry.mean(), False: (1 - PRIOR) / (1 - cry.mean())}, C=1e3
    ).fit(logits[:, None], cry)
    return Calibration(max(LOWEST_SLOPE, float(fit.coef_[0, 0])), float(fit.intercept_[0]))


def choose_points(
    recipe: Recipe, cries: Sequence[Heard], noncries: Sequence[Heard], window_s: float
) -> dict[OperatingPointName, OperatingPoint]:
    """Thresholds on the evidence for the recipe's operating points, and what they give here."""
    values = np.concatenate([h.evidence for h in noncries])
    candidates = np.unique(np.quantile(values, 1.0 - np.geomspace(1e-6, 0.5, GRID)))
    rates = [false_alarms_per_hour(noncries, float(c), window_s) for c in candidates]
    points: dict[OperatingPointName, OperatingPoint] = {}
    for name, wanted in recipe.operating_points.items():
        quiet = [
            c
            for c, rate in zip(candidates, rates, strict=True)
            if rate <= wanted.false_alarms_per_hour
        ]
        lowest = float(quiet[0]) if quiet else float(candidates[-1])
        on = min(HIGHEST_ON, _shifted(lowest, wanted.margin_logits))
        points[name] = OperatingPoint(
            on=round(on, 4),
            off=round(_shifted(on, -LAG_LOGITS), 4),
            recall=float(np.mean([h.score >= on for h in cries])),
            false_alarms_per_hour=false_alarms_per_hour(noncries, on, window_s),
            measured_on="val split and held-out streams, on which it was chosen",
        )
    return points


def training_data(clips: Sequence[Clip]) -> list[TrainingData]:
    """What the model was trained on, by source. The attribution inside a licence stays with the
    source: "CC-BY (recording 1 by ...)" becomes "CC-BY"."""
    by_source: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        if clip.split == "train":
            by_source[clip.source].append(clip)
    return [
        TrainingData(
            source=source,
            licence=", ".join(sorted({c.licence.split(" (")[0] for c in members})),
            clips=len(members),
            minutes=round(sum(c.duration_s for c in members) / 60, 1),
        )
        for source, members in sorted(by_source.items())
    ]


def calibrate(
    recipe: Recipe, clips: Sequence[Clip], bank: Sequence[BankedClip], run: Path, made_with: str
) -> Manifest:
    """Calibrate INT8_MODEL and write it with its manifest, `<name>.tflite` and `<name>.json`."""
    content = (run / INT8_MODEL).read_bytes()
    runtime = Int8Interpreter(content, str(run / INT8_MODEL))
    params = MelParams()
    window_s = span_samples(recipe.window_frames, params) / RATE_HZ
    chosen = [c for c in clips if c.split in ("val", "held-out")]
    listened = [(c, *window_logits(runtime, c)) for c in tqdm(chosen, "listening")]
    labels = {c.key: c.labels for c in bank}

    logits, cry = [], []
    for clip, _, found in listened:
        if clip.split == "val":
            known = labels[clip.key] if clip.cry else np.zeros(len(found), np.int8)
            used = min(len(found), len(known))
            sure = known[:used] == (CRY if clip.cry else 0)
            logits.append(found[:used][sure])
            cry.append(np.full(int(sure.sum()), clip.cry))
    calibration = platt(np.concatenate(logits), np.concatenate(cry))

    heard: dict[bool, list[Heard]] = {True: [], False: []}
    for clip, ends, found in listened:
        p_cry = np.array([calibration.probability(x) for x in found])
        heard[clip.cry].append(
            Heard(ends, smoothed(p_cry, recipe.smoothing_windows), clip.duration_s)
        )
    manifest = Manifest(
        schema="edgecry.model/1",
        name=recipe.name,
        version=recipe.version,
        sha256=hashlib.sha256(content).hexdigest(),
        labels=("cry",),
        features=Features(params, recipe.window_frames, FRAMES_PER_BATCH, recipe.smoothing_windows),
        input=runtime.input,
        output=runtime.output,
        calibration=calibration,
        operating_points=choose_points(recipe, heard[True], heard[False], window_s),
        training_data=training_data(clips),
        metrics={},
        made_with=made_with,
    )
    write_model(run, content, manifest)
    return manifest


def write_model(folder: Path, content: bytes, manifest: Manifest) -> None:
    """`<name>.tflite` and `<name>.json`, as `load_classifier` reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{manifest.name}.tflite").write_bytes(content)
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / f"{manifest.name}.json").write_bytes(text + b"\n")


def main() -> None:
    """Calibrate a quantized run."""
    args, recipe = step_arguments(__doc__, ("--made-with", {"default": ""}))
    clips = read_dataset(recipe.data, args.data)
    bank = load_bank(recipe, args.data, clips, CACHE)
    manifest = calibrate(recipe, clips, bank, args.run, args.made_with)
    print(manifest.calibration)
    for name, point in manifest.operating_points.items():
        print(
            f"{name:9s} on {point.on} off {point.off} recall {point.recall:.3f} "
            f"false alarms/h {point.false_alarms_per_hour:.2f}"
        )


def _shifted(p: float, logits: float) -> float:
    p = min(max(p, 1e-6), 1.0 - 1e-6)
    return float(1.0 / (1.0 + (1.0 - p) / p * np.exp(-logits)))


if __name__ == "__main__":
    main()
