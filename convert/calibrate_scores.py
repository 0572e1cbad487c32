"""After int8: logits -> probabilities, and the thresholds of the three operating points.

Both from the `.tflite` with the device's features, never on the test split. Probabilities are
fitted to the clips of val. Thresholds are chosen on val's scenes (`convert.timeline`), or without
any on the clips of val and the held-out streams, each cry an event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from tqdm import tqdm

from convert.data.attribution import training_data
from convert.data.clips import Clip, read_dataset
from convert.material import read_scenes
from convert.measuring.calibration import platt
from convert.measuring.events import Event, Timeline
from convert.measuring.logits import Logits, logits_of, read_recording
from convert.measuring.points import choose_points
from convert.recipe import Recipe
from convert.run import CACHE, INT8_MODEL, needed, scene_sound, timelines_folder, write_model
from convert.sounds.audio import RATE_HZ
from convert.step import step_arguments
from convert.training.bank import BankedClip, banked_clips
from convert.training.labels import CRY
from edgecry.features.mel import FRAMES_PER_BATCH, MelParams, span_samples
from edgecry.inference.classifier import Classifier
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import (
    Calibration,
    Features,
    Manifest,
    OperatingPoint,
    OperatingPointName,
)
from edgecry.inference.self_check import SelfCheck


def calibrated(listened: Sequence[tuple[BankedClip, Logits]]) -> Calibration:
    """From the windows of val whose label is not in doubt."""
    logits, cry = [], []
    for clip, heard in listened:
        known = clip.labels if clip.labels is not None else np.zeros(len(heard.logit), np.int8)
        used = min(len(heard.logit), len(known))
        sure = known[:used] == (CRY if clip.cry else 0)
        logits.append(heard.logit[:used][sure])
        cry.append(np.full(int(sure.sum()), clip.cry))
    return platt(np.concatenate(logits), np.concatenate(cry))


def points(
    recipe: Recipe,
    calibration: Calibration,
    listened: Sequence[tuple[Timeline, Logits]],
    measured_on: str,
) -> dict[OperatingPointName, OperatingPoint]:
    """Chosen on what was listened to, which `measured_on` names."""
    heard = {
        timeline.name: logits.heard(recipe.smoothing_windows, calibration.probability)
        for timeline, logits in listened
    }
    return choose_points(
        recipe.operating_points,
        [timeline for timeline, _ in listened],
        heard,
        span_samples(recipe.window_frames, MelParams()) / RATE_HZ,
        f"{measured_on}, on which it was chosen",
    )


def as_timeline(clip: Clip) -> Timeline:
    """A clip as a scene of its own, where there is no better one.

    What begins and ends with a clip is no monitor's night: the first windows are smoothed over
    nothing.
    """
    events = (Event(0.0, clip.duration_s, group=clip.group),) if clip.cry else ()
    return Timeline(clip.key, clip.duration_s, events)


def calibrate(recipe: Recipe, data: Path, run: Path, made_with: str) -> Manifest:
    """Calibrate INT8_MODEL and write it with its manifest, `<name>.tflite` and `<name>.json`."""
    content = needed(run / INT8_MODEL, "quantize").read_bytes()
    runtime = Int8Interpreter(content, str(run / INT8_MODEL))

    def listen(path: Path) -> Logits:
        return logits_of(runtime, read_recording(path, recipe.window_frames))

    scenes = read_scenes(recipe, data, run, "val")
    clips = read_dataset(recipe.data, data)
    val = [c for c in clips if c.split == "val"]
    heard = [listen(c.path) for c in tqdm(val, "listening to val")]
    banked = banked_clips(recipe, data, val, CACHE)
    calibration = calibrated(list(zip(banked, heard, strict=True)))
    folder = timelines_folder(run, "val")
    if any(scene.events for scene in scenes):
        listened = [
            (scene, listen(scene_sound(folder, scene.name)))
            for scene in tqdm(scenes, "listening to scenes")
        ]
        measured_on = "scenes of val"
    else:
        streams = [c for c in clips if c.split == "held-out"]
        heard += [listen(c.path) for c in tqdm(streams, "listening to held-out streams")]
        listened = list(zip(map(as_timeline, val + streams), heard, strict=True))
        measured_on = "val split and held-out streams"
    manifest = Manifest(
        schema="edgecry.model/1",
        name=recipe.name,
        version=recipe.version,
        sha256=hashlib.sha256(content).hexdigest(),
        labels=("cry",),
        features=Features(
            MelParams(), recipe.window_frames, FRAMES_PER_BATCH, recipe.smoothing_windows
        ),
        input=runtime.input,
        output=runtime.output,
        calibration=calibration,
        operating_points=points(recipe, calibration, listened, measured_on),
        training_data=training_data(c for c in clips if c.split == "train"),
        metrics={},
        made_with=made_with,
    )
    manifest = replace(manifest, self_check=SelfCheck(Classifier(manifest, runtime)).answers())
    write_model(run, content, manifest)
    return manifest


def main() -> None:
    """Calibrate a quantized run."""
    args, recipe = step_arguments(__doc__, ("--made-with", {"default": ""}))
    manifest = calibrate(recipe, args.data, args.run, args.made_with)
    print(manifest.calibration)
    for name, point in manifest.operating_points.items():
        print(
            f"{name:9s} on {point.on} off {point.off} recall {point.recall:.3f} "
            f"false alarms/h {point.false_alarms_per_hour:.2f}"
        )


if __name__ == "__main__":
    main()
