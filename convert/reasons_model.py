"""The benchmark's approach on the device's features becomes a model of the device.

    python -m convert.benchmark --data D --only ours
    python -m convert.reasons_model --recipe convert/recipes/cry-reasons.yaml --data D --out models

Every network that the benchmark trained by baby is converted to int8 and judged, on the device's
run time, by the babies that it had not heard: that calibrates, says from which probability on a
label may be answered, and fills the card. Then one network is trained on all babies, converted,
held against float, and written to --out with its manifest and card. In the benchmark's folder stay
<name>.json with every figure and <name>.png, risk over coverage.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from tqdm import tqdm

from convert.data.attribution import training_data
from convert.reasons.card import Made, card
from convert.reasons.job import Job, is_done, result
from convert.reasons.model_recipe import ModelRecipe, load_model_recipe
from convert.reasons.on_device import Judged, check, int8_cost, judged, out_of_fold
from convert.reasons.out_of_fold import joined
from convert.reasons.process import quantize, train
from convert.reasons.sounds import LabelledClip
from convert.reasons.trained import best_epochs, for_everyone, trained_folds, window_of
from convert.reasons.worth import INT8, Worth, worth
from convert.reporting.plots.coverage import draw_coverage
from convert.run import RUNS, write_model, write_whole
from convert.step import parsed, step_parser
from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import decode_manifest
from edgecry.inference.reasons_manifest import ReasonsManifest

DETECTOR = SHIPPED_MODELS / "cry-detector.json"


def judge_folds(
    jobs: Sequence[Job], clips: Sequence[LabelledClip], run: Path, data: Path
) -> tuple[Worth, list[Judged]]:
    """Every fold's network in int8 and in float, on the babies that it had not heard."""
    networks, int8, in_float = [], [], []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(tqdm(pool.map(lambda job: quantize(job, run, data), jobs), "to int8", len(jobs)))
    for job in tqdm(jobs, "judged by baby"):
        network = judged(job.folder(run))
        networks.append(network)
        int8.append(out_of_fold(job, clips, run, network.int8_logits))
        in_float.append(out_of_fold(job, clips, run, network.float_logits))
    return worth(list(jobs[0].approach.classes), joined(int8), joined(in_float)), networks


def manifest_of(
    recipe: ModelRecipe,
    job: Job,
    clips: Sequence[LabelledClip],
    found: Worth,
    network: Judged,
    made_with: str,
) -> ReasonsManifest:
    """Of the network that ships."""
    tensors = Int8Interpreter(network.content, recipe.name)
    figures = {
        f"by_baby_{name}": figure.value for name, figure in found.answering[INT8].figures.items()
    }
    figures |= {
        f"by_baby_{name}_above_majority": figure.value
        for name, figure in found.answering[INT8].above_majority.items()
    }
    figures |= {"aurc": found.coverage.aurc.value, "multiply_adds": float(network.multiply_adds)}
    return ReasonsManifest(
        schema="edgecry.reasons/1",
        name=recipe.name,
        version=recipe.version,
        sha256=hashlib.sha256(network.content).hexdigest(),
        labels=tuple(job.approach.classes),
        features=window_of(job.approach),
        input=tensors.input,
        output=tensors.output,
        calibration=found.calibration,
        answer_from={label.name: label.answer_from for label in found.labels},
        training_data=training_data(clips),
        metrics={name: round(value, 4) for name, value in figures.items()},
        made_with=made_with,
    )


def main() -> None:
    """Judge, train, convert, and write the model."""
    args = _arguments()
    recipe = load_model_recipe(args.recipe)
    detector = decode_manifest(DETECTOR.read_bytes(), str(DETECTOR))
    folds, clips = trained_folds(args.run, recipe.approach, args.data, detector)
    found, networks = judge_folds(folds, clips, args.run, args.data)
    everyone = for_everyone(folds, args.run)
    if not is_done(everyone, args.run):
        print(f"training on all babies, {everyone.approach.train.epochs} epochs")
        train(everyone, args.run, args.data)
    quantize(everyone, args.run, args.data)
    network = judged(everyone.folder(args.run))
    trained = result(everyone, args.run)
    commands = _commands(args, folds, recipe.approach)
    made = Made(
        quick=everyone.quick is not None,
        seeds=len({job.seed for job in folds}),
        folds=everyone.folds,
        best_epochs=[best_epochs(job.folder(args.run)) for job in folds],
        epochs=everyone.approach.train.epochs,
        parameters=trained.parameters,
        multiply_adds=network.multiply_adds,
        size_bytes=len(network.content),
        pretraining=everyone.approach.pretraining,
        code=trained.hardware["code"],
        trained_on=trained.hardware["gpu"] or trained.hardware["processor"],
        data_sha256=everyone.data_sha256,
        commands=commands,
        int8_out_of_fold=int8_cost(networks),
        int8_shipped=int8_cost([network]),
    )
    check(network.content, made.int8_out_of_fold)
    manifest = manifest_of(recipe, everyone, clips, found, network, commands[-1])
    _write_figures(args.run, recipe.name, found, made)
    write_model(args.out, network.content, manifest)
    (args.out / f"{recipe.name}.md").write_text(card(recipe.card, manifest, found, made))
    print((args.out / f"{recipe.name}.md").read_text())


def _write_figures(run: Path, name: str, found: Worth, made: Made) -> None:
    encoded = msgspec.json.encode({"worth": found, "made": made})
    write_whole(run / f"{name}.json", msgspec.json.format(encoded, indent=2).decode() + "\n")
    points = found.coverage.points
    draw_coverage(
        run / f"{name}.png",
        f"{name}, experimental: risk over coverage, by baby",
        [p.coverage for p in points],
        [p.risk.value for p in points],
        [p.risk.ci95 for p in points],
        [p.majority.value for p in points],
    )


def _commands(args: argparse.Namespace, folds: Sequence[Job], approach: str) -> list[str]:
    """What makes the model again."""
    given = ["--data", str(args.data), "--run", str(args.run)]
    seeds = str(len({job.seed for job in folds}))
    quick = ["--quick"] if folds[0].quick else []
    benchmark = ["convert.benchmark", *given, "--seeds", seeds, "--only", approach, *quick]
    own = ["convert.reasons_model", "--recipe", str(args.recipe), *given, "--out", str(args.out)]
    return [shlex.join(["python", "-m", *command]) for command in (benchmark, own)]


def _arguments() -> argparse.Namespace:
    parser = step_parser(__doc__)
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument(
        "--run",
        type=Path,
        default=RUNS / "benchmark",
        help="of the benchmark; default: %(default)s",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of shipped models")
    return parsed(parser)


if __name__ == "__main__":
    main()
