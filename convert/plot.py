"""Pictures to look at, each one PNG, for the screen and for print.

    python -m convert.plot recording night.flac --from 60 --to 90 --out cry.png
    python -m convert.plot confusion predictions.csv --out confusion.png
    python -m convert.plot curves runs/my-detector --out training.png
    python -m convert.plot map my-recordings --by t-sne --seed 1 --out map.png

`python -m convert.plot KIND --help` says what each shows, and of what.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import get_args

from tqdm import tqdm

from convert.measuring.embedding import Embedder
from convert.reporting.confusion import read_confusion
from convert.reporting.passage import listen
from convert.reporting.plots.confusion import confusion_matrix
from convert.reporting.plots.recording import draw_recording
from convert.reporting.plots.sound_map import draw_sound_map
from convert.reporting.plots.style import PRINT_DPI, PlotError
from convert.reporting.plots.training import training_curves
from convert.reporting.sound_map import (
    CLASS_COLUMNS,
    Projection,
    describe,
    project,
    read_collection,
)
from convert.run import CURVES
from convert.step import parsed, step_parser
from edgecry.capture.recording import Recording
from edgecry.config.schema import Settings
from edgecry.decision.cry import Thresholds
from edgecry.detection import Detector
from edgecry.inference.classifier import load_classifier
from edgecry.inference.manifest import OperatingPointName
from edgecry.types import Float32Array

DETECTION = Settings().detection
SHORTEST_S, LONGEST_S = 1.0, 120.0
"""Of a part: in a shorter one no window may end; more on one page shows nothing."""
LARGEST_SEED = 2**32 - 1

RECORDING = f"""\
Waveform, spectrogram, log-mel and the detector's score over the same seconds of a recording, with
the thresholds of the operating points and the cries that are found at one of them.

The detector hears the recording from its beginning, as the device would, up to --to. Drawn are
{LONGEST_S:g} s at most: of a longer recording, name a part by --from and --to."""

CONFUSION = """\
A confusion matrix: clips and shares of each true class, with accuracy, balanced accuracy, and what
always saying the most frequent class would reach.

FILE is CSV with the columns label and predicted, one row a clip; or CSV of counts, with the
predicted classes in the first row and the true class in front of each other row; or JSON, a list
of {"label": ..., "predicted": ...} or {"classes": [...], "counts": [[...], ...]}, a row of counts
for each true class."""

CURVES_OF = """\
The columns of the curves.csv of a training over its steps, a small plot each.

RUN is the folder of a training: of convert.train its run, of convert.benchmark
<run>/<approach>/<protocol>/<seed>-<fold>."""

MAP = """\
A map of clips in two dimensions, by class: clips that lie near each other are alike to the
detector's network.

What is compared is the network's embedding: what its last layer weighs to the score, averaged over
the windows that make the clip's p_cry, the most cry-like ones. Cries and other sounds that trained
it lie apart because they did. Other classes it never learned; one that stands apart may only have
been recorded otherwise: draw the map again with --column source before you believe it. PCA is
linear and the same for every seed; t-SNE keeps neighbours, and the distance of its islands means
nothing.

SOURCE is a folder, in which the folder that a clip lies in is its class; or a manifest in CSV with
a column `path`. Rows whose `split` is test are left out."""


def draw_a_recording(args: argparse.Namespace) -> None:
    """What RECORDING says."""
    last_s = args.from_s + LONGEST_S if args.to_s is None else args.to_s
    if not (args.from_s >= 0 and SHORTEST_S <= last_s - args.from_s <= LONGEST_S):
        raise PlotError(
            f"--from {args.from_s:g} --to {last_s:g} cannot be drawn: a part begins at 0 or later, "
            f"and lasts {SHORTEST_S:g} to {LONGEST_S:g} s"
        )
    classifier = load_classifier(args.model)
    point = classifier.manifest.operating_points[args.at]
    clear_after_s = Settings().alarm.clear_after_s
    detector = Detector(classifier, Thresholds(point.on, point.off), clear_after_s)
    with Recording(args.file, detector.sample_rate_hz) as audio:
        heard = with_bar(audio, detector.sample_rate_hz, last_s)
        passage = listen(heard, detector, args.from_s, last_s)
        duration_s = audio.duration_s
    if not len(passage.samples):
        raise PlotError(
            f"{args.file}: lasts {duration_s:.1f} s, nothing of it comes after "
            f"--from {args.from_s:g}"
        )
    title = args.title or args.file.name
    draw_recording(args.out, title, passage, classifier.manifest, args.at)
    if passage.goes_on and args.to_s is None:
        print(f"{args.file} goes on after {last_s:g} s: --from and --to show another part")


def with_bar(audio: Iterable[Float32Array], rate_hz: int, last_s: float) -> Iterator[Float32Array]:
    """The same audio; a bar counts its seconds where it takes long."""
    bar = "{desc}: {n:.0f} of {total:.0f} s [{elapsed}]"
    with tqdm(desc="listening", total=last_s, delay=1, bar_format=bar) as seconds:
        for part in audio:
            yield part
            seconds.update(len(part) / rate_hz)


def draw_a_confusion(args: argparse.Namespace) -> None:
    """What CONFUSION says."""
    confusion_matrix(args.out, args.title or args.file.stem, read_confusion(args.file))


def draw_curves(args: argparse.Namespace) -> None:
    """What CURVES_OF says."""
    curves = args.run / CURVES
    if not curves.is_file():
        raise PlotError(
            f"{curves} is not there; RUN is the folder of a training: of convert.train its run, of "
            "convert.benchmark <run>/<approach>/<protocol>/<seed>-<fold>"
        )
    title = args.title or f"Training, {args.run.resolve().name}"
    training_curves(args.out, curves, title, PRINT_DPI)


def draw_a_map(args: argparse.Namespace) -> None:
    """What MAP says."""
    collection = read_collection(args.source, args.column)
    embedder = Embedder(args.model)
    described = describe(tqdm(collection.clips, "listening", unit=" clips"), embedder)
    for broken in described.broken:
        print(f"left out: {broken}")
    sounds = project(described.embeddings, args.by, args.seed)
    title = args.title or args.source.resolve().stem
    network = f"{embedder.manifest.name} {embedder.manifest.version}"
    draw_sound_map(args.out, title, sounds, described.classes, network)
    if collection.hidden:
        print(f"left out: {collection.hidden} clips of the test split")


def png(name: str) -> Path:
    """A path that says what it is, in a folder that is there: a mistyped one is known at once."""
    path = Path(name)
    if path.suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"{name!r} does not end in .png")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r}; make it first")
    return path


def seed(text: str) -> int:
    """What numpy's random numbers may begin with."""
    if not (text.isascii() and text.isdecimal() and int(text) <= LARGEST_SEED):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, 0 to {LARGEST_SEED}")
    return int(text)


def plot_parser() -> argparse.ArgumentParser:
    """A parser with one below it for each kind of picture."""
    parser = step_parser(__doc__)
    kinds = parser.add_subparsers(required=True, metavar="KIND")

    def add_model(to: argparse.ArgumentParser) -> None:
        to.add_argument(
            "--model",
            default=DETECTION.model,
            help="a shipped model's name, or a .tflite (%(default)s)",
        )

    def kind(
        name: str, short: str, description: str, draw: Callable[[argparse.Namespace], None]
    ) -> argparse.ArgumentParser:
        added = kinds.add_parser(
            name,
            help=short,
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(draw=draw)
        added.add_argument("--out", type=png, required=True, help="the picture, a .png")
        added.add_argument("--title", help="default: the name of what is drawn")
        return added

    of = kind("recording", "what the detector makes of a sound", RECORDING, draw_a_recording)
    of.add_argument("file", type=Path, metavar="FILE", help="of any format that edgecry reads")
    of.add_argument("--from", type=float, default=0.0, dest="from_s", metavar="S", help="seconds")
    of.add_argument("--to", type=float, dest="to_s", metavar="S", help="seconds")
    add_model(of)
    of.add_argument(
        "--at",
        choices=get_args(OperatingPointName),
        default=DETECTION.operating_point,
        help="operating point whose cries are marked (%(default)s)",
    )

    of = kind("confusion", "which classes are taken for which", CONFUSION, draw_a_confusion)
    of.add_argument("file", type=Path, metavar="FILE", help=".json, or CSV")

    of = kind("curves", "how a training went", CURVES_OF, draw_curves)
    of.add_argument("run", type=Path, metavar="RUN", help="a training, such as runs/my-detector")

    of = kind("map", "which clips are alike to the detector", MAP, draw_a_map)
    of.add_argument("source", type=Path, metavar="SOURCE", help="a folder or a manifest")
    add_model(of)
    of.add_argument("--by", choices=get_args(Projection), default="pca", help="(%(default)s)")
    of.add_argument("--seed", type=seed, default=0, help="of the projection (%(default)s)")
    of.add_argument(
        "--column", help=f"of a manifest: the class (default: {' or '.join(CLASS_COLUMNS)})"
    )
    return parser


def main() -> None:
    """Draw one picture."""
    args = parsed(plot_parser())
    args.draw(args)


if __name__ == "__main__":
    main()
