"""The finished model on the test split: its `.tflite` through `edgecry classify`, beside YAMNet.

To be looked at once, when everything is chosen. Leaves evaluation.json, clips.csv, plots/*.png and
report.html in the run folder. A recording's score is the command's `p_cry`; scenes are those that
`convert.timeline --split test` built, if it has been run.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from tqdm import tqdm

from convert.data.clips import Clip, read_dataset, survey
from convert.data.laughs import SceneSplit, read_laughs
from convert.material import read_scenes
from convert.measuring.events import Timeline
from convert.measuring.listening import classified, hop_s, manifest_of
from convert.measuring.scoring import Heard
from convert.measuring.yamnet import heard_by_yamnet
from convert.recipe import Data, Recipe
from convert.reporting.clips import Listened
from convert.reporting.evaluation import write_evaluation
from convert.reporting.gallery import draw
from convert.reporting.page import write_page
from convert.reporting.run_folder import read_run
from convert.reporting.scenes import Scenes
from convert.reporting.summary import summarize
from convert.reporting.words import TEST, operating_points
from convert.run import (
    CLIP_SCORES,
    QUANTIZATION,
    REPORT,
    model_file,
    needed,
    scene_sound,
    timelines_folder,
)
from convert.step import step_arguments
from edgecry.inference.manifest import Manifest

REFERENCE = "YAMNet"
HUMAN_LABELS = "human labels"
CHOSEN_ON = {"val": "val split, chosen on", "held-out": "held-out streams, chosen on"}
"""Sets whose non-cries are counted too, although they stopped the training or set thresholds."""
LAUGHS: dict[SceneSplit, str] = {"test": "laughs", "val": "laughs, chosen on"}

Listen = Callable[[Sequence[Path]], Iterable[Heard]]


def detectors(recipe: Recipe, data: Path, run: Path) -> dict[str, Listen]:
    """The model, and the reference where the recipe has its file."""
    found: dict[str, Listen] = {recipe.name: partial(classified, model_file(run, recipe.name))}
    if recipe.data.teacher:
        found[REFERENCE] = partial(heard_by_yamnet, data / recipe.data.teacher)
    return found


def listen(name: str, clips: Sequence[Clip], by: dict[str, Listen], names_sounds: bool) -> Listened:
    """A set of clips through every detector. names_sounds: do its classes?"""
    files = [c.path for c in clips]
    heard = {
        detector: list(tqdm(listens(files), f"{name}, {detector}", len(files)))
        for detector, listens in by.items()
    }
    return Listened(name, clips, heard, names_sounds)


def clip_sets(recipe: Recipe, data: Path, by: dict[str, Listen]) -> list[Listened]:
    """The sets that a card is about, the test split first."""
    everything = read_dataset(recipe.data, data)
    sets = [listen(TEST, [c for c in everything if c.split == "test"], by, True)]
    if recipe.data.human_labels:
        human = survey(Data(clips=[recipe.data.human_labels]), data)[0]
        sets.append(listen(HUMAN_LABELS, human, by, False))
    counted = {
        name: [c for c in everything if c.split == split and not c.cry]
        for split, name in CHOSEN_ON.items()
    }
    if recipe.data.laughs:
        table = recipe.data.laughs
        counted |= {name: read_laughs(data, table, split) for split, name in LAUGHS.items()}
    ours = {recipe.name: by[recipe.name]}
    return sets + [listen(name, clips, ours, True) for name, clips in counted.items() if clips]


def scene_detectors(
    recipe: Recipe, data: Path, chosen: Manifest, by: dict[str, Listen]
) -> dict[str, Listen]:
    """Those for clips, and the reference with the model's hop and smoothing."""
    if not recipe.data.teacher:
        return by
    smoothed = partial(
        heard_by_yamnet,
        data / recipe.data.teacher,
        hop_s=hop_s(chosen),
        smoothing_windows=chosen.features.smoothing_windows,
    )
    return {**by, f"{REFERENCE}, smoothed": smoothed}


def listen_to_scenes(
    folder: Path, timelines: Sequence[Timeline], by: dict[str, Listen]
) -> Scenes | None:
    """The built scenes through every detector; None where there is no cry to be found."""
    if not any(t.events for t in timelines):
        return None
    names = [t.name for t in timelines]
    files = [scene_sound(folder, name) for name in names]
    heard = {
        detector: dict(
            zip(names, tqdm(listens(files), f"scenes, {detector}", len(files)), strict=True)
        )
        for detector, listens in by.items()
    }
    return Scenes(timelines, heard)


def write_scores(path: Path, sets: Sequence[Listened]) -> None:
    """Every recording's score by every detector, one row each."""
    columns = list(sets[0].heard)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("set", "path", "label", "fine", "source", "group", *columns))
        for s in sets:
            for i, clip in enumerate(s.clips):
                scores = (f"{s.heard[d][i].score:.6f}" if d in s.heard else "" for d in columns)
                label = "cry" if clip.cry else "noncry"
                writer.writerow(
                    (s.set, clip.key, label, clip.fine, clip.source, clip.group, *scores)
                )


def main() -> None:
    """Evaluate a calibrated run on the test split."""
    args, recipe = step_arguments(__doc__)
    chosen = manifest_of(needed(model_file(args.run, recipe.name), "calibrate_scores"))
    needed(args.run / QUANTIZATION, "verify")
    timelines = read_scenes(recipe, args.data, args.run, "test")
    by = detectors(recipe, args.data, args.run)
    sets = clip_sets(recipe, args.data, by)
    scenes = listen_to_scenes(
        timelines_folder(args.run, "test"),
        timelines,
        scene_detectors(recipe, args.data, chosen, by),
    )
    write_scores(args.run / CLIP_SCORES, sets)
    evaluation = summarize(sets, scenes, chosen)
    write_evaluation(args.run, evaluation)
    draw(args.run, args.data, sets, scenes, evaluation, chosen)
    write_page(recipe.card, read_run(args.run, recipe.name), args.run)
    for name, sentences in operating_points(evaluation):
        print(f"{name}: {' '.join(sentences)}")
    print(f"report: {args.run / REPORT}")


if __name__ == "__main__":
    main()
