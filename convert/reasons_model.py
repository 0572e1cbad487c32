"""The benchmark's approach on the device's features becomes a model of the device.

    python -m convert.benchmark --data D --only ours
    python -m convert.reasons_model --recipe convert/recipes/cry-reasons.yaml --data D --out models

Every network that the benchmark trained by baby is converted to int8 and judged, through `edgecry
classify --reasons`, by the babies that it had not heard: that calibrates, says from which
probability on a label may be answered, and fills the card. Then one network is trained on all
babies, converted, held against float, and written to --out with its manifest and card. In the
benchmark's folder stay <name>.json with every figure and <name>.png, risk over coverage.
"""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from tqdm import tqdm

from convert.data.attribution import training_data
from convert.measuring.listening import manifest_of
from convert.process import alone
from convert.reasons.card import Made, card
from convert.reasons.classified import told, with_cries
from convert.reasons.job import Job, is_done, result
from convert.reasons.manifests import finished, uncalibrated
from convert.reasons.model_recipe import load_model_recipe
from convert.reasons.on_device import Judged, check, int8_cost, judged, out_of_fold
from convert.reasons.out_of_fold import joined
from convert.reasons.process import quantize, train
from convert.reasons.sounds import LabelledClip
from convert.reasons.trained import best_epochs, for_everyone, trained_folds
from convert.reasons.worth import Worth, worth
from convert.reporting.plots.coverage import draw_coverage
from convert.run import RUNS, RunError, write_model, write_whole
from convert.step import parsed, step_parser
from edgecry.inference.classifier import SHIPPED_MODELS

DETECTOR = SHIPPED_MODELS / "cry-detector.tflite"


def judge_folds(
    jobs: Sequence[Job], clips: Sequence[LabelledClip], run: Path, data: Path
) -> tuple[Worth, list[Judged]]:
    """Every fold's network on the babies that it had not heard, as the device hears them."""
    networks, device, in_float, silent = [], [], [], 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(tqdm(pool.map(lambda job: quantize(job, run, data), jobs), "to int8", len(jobs)))
    for job in tqdm(jobs, "judged by baby"):
        network = judged(job.folder(run))
        networks.append(network)
        whole = out_of_fold(job, clips, run, network.float_logits)
        files = [clips[number].path for number in whole.clip]
        raw = uncalibrated(network.content, job.approach)
        theirs, ours = with_cries(whole, told(DETECTOR, network.content, raw, files))
        device.append(theirs)
        in_float.append(ours)
        silent += len(files) - len(theirs.clip)
    if not any(len(own.clip) for own in device):
        raise RunError(f"{DETECTOR.stem} hears no cry in any of {silent} recordings")
    names = list(jobs[0].approach.classes)
    return worth(names, joined(device), joined(in_float), silent), networks


def train_on_everyone(folds: Sequence[Job], run: Path, data: Path) -> tuple[Job, Judged]:
    """The network that ships, in int8. A training that is done is not done again."""
    job = for_everyone(folds, run)
    if not is_done(job, run):
        print(f"training on all babies, {job.approach.train.epochs} epochs")
        train(job, run, data)
    quantize(job, run, data)
    return job, judged(job.folder(run))


def main() -> None:
    """Judge, train, convert, and write the model."""
    args = _arguments()
    with alone(args.run):
        _make(args)


def _make(args: argparse.Namespace) -> None:
    recipe = load_model_recipe(args.recipe)
    folds, clips = trained_folds(args.run, recipe.approach, args.data, manifest_of(DETECTOR))
    found, networks = judge_folds(folds, clips, args.run, args.data)
    job, network = train_on_everyone(folds, args.run, args.data)
    made = Made(
        quick=job.quick is not None,
        seeds=len({fold.seed for fold in folds}),
        folds=job.folds,
        best_epochs=[best_epochs(fold.folder(args.run)) for fold in folds],
        epochs=job.approach.train.epochs,
        parameters=result(job, args.run).parameters,
        multiply_adds=network.multiply_adds,
        size_bytes=len(network.content),
        pretraining=job.approach.pretraining,
        hardware=result(job, args.run).hardware,
        data_sha256=job.data_sha256,
        commands=_commands(args, folds, recipe.approach),
        int8_out_of_fold=int8_cost(networks),
        int8_shipped=int8_cost([network]),
    )
    check(network.content, made.int8_out_of_fold)
    manifest = finished(
        uncalibrated(network.content, job.approach),
        recipe,
        found,
        training_data(clips),
        network.multiply_adds,
        made.commands[-1],
    )
    _write_figures(args.run, recipe.name, found, made)
    write_model(args.out, network.content, manifest)
    text = card(recipe.card, manifest, found, made)
    (args.out / f"{recipe.name}.md").write_text(text)
    print(text)


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
