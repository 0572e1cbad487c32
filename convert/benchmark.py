"""Published approaches to why a baby cries, those with the same classes on the same folds.

    python -m convert.benchmark --data D

Two protocols side by side: `by_baby`, where no baby is on both sides of a split, and `leaky`, the
random split of clips and their copies from which published figures come. What each approach is
stands in convert/recipes/benchmark. Tables go to the run folder: benchmark.md, benchmark.csv and
benchmark.json, and plots; each training to <approach>/<protocol>/<seed>-<fold>, with its curves.csv
as convert.plot draws it. A training that is done is not done again: a run that was stopped goes on
where it was, on another machine too.
"""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from statistics import median

import numpy as np
from tqdm import tqdm

from convert.data.catalogue import YAMNET
from convert.data.types import DataError
from convert.process import alone
from convert.reasons.approach import Approach, chosen, load_approaches, quick
from convert.reasons.features import milliseconds, seen
from convert.reasons.job import Job, clips_of, is_done, result, unfinished
from convert.reasons.overview import draw_overview
from convert.reasons.plan import PROTOCOLS
from convert.reasons.process import train
from convert.reasons.report import Benchmark, as_csv, as_json, as_markdown
from convert.reasons.results import Row, row
from convert.reasons.sounds import LabelledClip, clips_hash, sources, table_of, without_recordings
from convert.reporting.confusion import Confusion
from convert.reporting.plots.confusion import confusion_matrix
from convert.run import CACHE, PLOTS, RUNS, write_whole
from convert.step import parsed, step_parser

BENCHMARK = "benchmark"
FOLDS, QUICK_FOLDS = 5, 2
QUICK_CLIPS = 4
"""Of each class."""
WORKERS = os.cpu_count() or 1
"""A training has one thread; a graphics card is shared."""


def jobs_of(
    approach: Approach,
    clips: Sequence[LabelledClip],
    seeds: Iterable[int],
    few: int | None,
    *,
    embedded: bool,
) -> list[Job]:
    """Every training of an approach. embedded: do others learn from its embeddings?"""
    data_sha256, folds = clips_hash(clips), QUICK_FOLDS if few else FOLDS
    return [
        Job(
            approach=approach,
            protocol=protocol,
            seed=seed,
            fold=fold,
            folds=folds,
            data_sha256=data_sha256,
            quick=few,
            embedded=embedded,
            timed=protocol == "by_baby" and fold == 0,
        )
        for protocol in PROTOCOLS
        for seed in seeds
        for fold in range(folds)
    ]


def check_models(approaches: Iterable[Approach], data: Path) -> None:
    """Raises DataError if a network is not there from whose embeddings an approach learns."""
    for approach in approaches:
        model = getattr(approach.features, "model", None)
        if model and not (data / model).is_file():
            raise DataError(
                f"{data / model} is not there, and approach {approach.name} learns from it: "
                f"python -m convert.download {YAMNET.name} --to {data}"
            )


def lacking(
    approaches: Mapping[str, Approach],
    clips: Mapping[str, Sequence[LabelledClip]],
    data: Path,
) -> list[str]:
    """A line for all approaches that lack recordings of the same classes."""
    alike: dict[tuple[str, str], list[str]] = {}
    for name, approach in approaches.items():
        if missing := without_recordings(approach, clips[name]):
            alike.setdefault((", ".join(missing), table_of(approach)), []).append(name)
    return [
        f"{data / listed} has no recording of {missing}, which is in no figure of "
        f"{', '.join(names)}; convert/README.md says what brings it"
        for (missing, listed), names in alike.items()
    ]


def compute_features(
    jobs: Sequence[Job], clips: Mapping[str, Sequence[LabelledClip]], data: Path
) -> None:
    """Whatever the trainings will see, into the cache."""
    wanted: dict[str, set[tuple[int, int]]] = {}
    approaches = {job.approach.name: job.approach for job in jobs}
    for job in jobs:
        if job.approach.classifier:
            continue  # it learns from embeddings
        plan = job.plan(clips[job.approach.name])
        versions = {(p.clip, p.version) for p in (*plan.fit, *plan.watch, *plan.judge)}
        wanted.setdefault(job.approach.name, set()).update(versions)
    for name, versions in wanted.items():
        own = [(clips[name][clip], version) for clip, version in sorted(versions)]
        for _ in seen(approaches[name], data, own, CACHE):
            pass


def train_all(jobs: Sequence[Job], run: Path, data: Path) -> None:
    """WORKERS at a time; those that stand on others after them. Raises RunError if one fails."""
    with tqdm(total=len(jobs), desc="trainings") as bar, ThreadPoolExecutor(WORKERS) as pool:
        for stands in (False, True):
            wanted = [j for j in jobs if (j.approach.embeddings_of is not None) == stands]
            started = [pool.submit(train, job, run, data) for job in wanted]
            try:
                for done in as_completed(started):
                    done.result()
                    bar.update()
            except BaseException:
                for waiting in started:
                    waiting.cancel()
                raise


def rows_of(jobs: Sequence[Job], clips: Sequence[LabelledClip], run: Path, data: Path) -> list[Row]:
    """A row for each protocol of an approach, all of whose trainings are done."""
    approach, results = jobs[0].approach, [(job, result(job, run)) for job in jobs]
    features_ms = milliseconds(approach, data, clips)
    network_ms = median(r.network_ms for _, r in results if r.network_ms is not None)
    return [
        row(
            approach,
            protocol,
            [r for job, r in results if job.protocol == protocol],
            clips,
            folds=jobs[0].folds,
            features_ms=features_ms,
            network_ms=network_ms,
        )
        for protocol in PROTOCOLS
    ]


def main() -> None:
    """Train what is not trained yet, and write the tables."""
    args = _arguments()
    with alone(args.run):
        _benchmark(args)


def _benchmark(args: argparse.Namespace) -> None:
    few = QUICK_CLIPS if args.quick else None
    shipped, now = load_approaches(), args.approaches
    stood_on = {a.embeddings_of for a in shipped.values()}
    shown = [name for name in shipped if name in now or (args.run / name).is_dir()]
    approaches = {name: quick(shipped[name]) if args.quick else shipped[name] for name in shown}
    check_models(approaches.values(), args.data)
    clips = {name: clips_of(a, args.data, few) for name, a in approaches.items()}
    for line in lacking(approaches, clips, args.data):
        print(f"warning: {line}", flush=True)
    seeds = range(1, args.seeds + 1)
    jobs = {
        name: jobs_of(a, clips[name], seeds, few, embedded=name in stood_on)
        for name, a in approaches.items()
    }
    missing = unfinished([job for name in now for job in jobs[name]], args.run)
    compute_features(missing, clips, args.data)
    train_all(missing, args.run, args.data)
    done = [name for name in approaches if all(is_done(job, args.run) for job in jobs[name])]
    rows = [r for name in done for r in rows_of(jobs[name], clips[name], args.run, args.data)]
    folds = QUICK_FOLDS if few else FOLDS
    heard = sources(clip for name in done for clip in clips[name])
    benchmark = Benchmark(_command(args), list(seeds), folds, few, heard, rows)
    write(args.run, benchmark)
    print(as_markdown(benchmark))


def write(run: Path, benchmark: Benchmark) -> None:
    """Tables and plots."""
    write_whole(run / f"{BENCHMARK}.json", as_json(benchmark))
    write_whole(run / f"{BENCHMARK}.csv", as_csv(benchmark))
    write_whole(run / f"{BENCHMARK}.md", as_markdown(benchmark))
    draw_overview(run / PLOTS / f"{BENCHMARK}.png", benchmark.rows)
    for made in benchmark.rows:
        classes = [c.name for c in made.classes]
        counted = Confusion(tuple(classes), np.array(made.confusion))
        name = f"{made.approach}-{made.protocol}"
        title = f"{made.approach}, {made.protocol.replace('_', ' ')}"
        items = "clips" if made.protocol == "by_baby" else "clips or pieces"
        confusion_matrix(run / PLOTS / f"{name}.png", title, counted, items)


def _arguments() -> argparse.Namespace:
    parser = step_parser(__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--run", type=Path, help="default: runs/benchmark, with --quick -quick")
    shipped = load_approaches()
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help=f"approaches to train: {', '.join(shipped)}"
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=1,
        help="so many trainings of each, with other folds and weights; default: 1",
    )
    parser.add_argument("--quick", action="store_true", help="a few clips, one epoch, two folds")
    args = parsed(parser)
    if args.seeds < 1:
        parser.error("--seeds: at least 1")
    args.approaches = chosen(shipped, args.only or shipped)
    args.run = args.run or RUNS / (f"{BENCHMARK}-quick" if args.quick else BENCHMARK)
    return args


def _command(args: argparse.Namespace) -> str:
    """What makes the tables again."""
    given = ["--data", str(args.data), "--run", str(args.run), "--seeds", str(args.seeds)]
    return shlex.join(["python", "-m", "convert.benchmark", *given, *["--quick"] * args.quick])


if __name__ == "__main__":
    main()
