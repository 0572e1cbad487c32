"""Brings back what fooled a model: long recordings without a cry in, hard negatives out.

    python -m convert.mine --model M.tflite --out mined night1.flac night2.flac

Listens through `edgecry classify`, cuts out what reached `--above`, with MARGIN_S around it, and
names it in `mined/manifest.csv`, the worst first. Listen to it: what is a cry after all must go.
Then name the manifest among the recipe's `data.streams` and train again.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from tqdm import tqdm

from convert.data.types import DataError
from convert.measuring.listening import classified, manifest_of, window_s
from convert.measuring.scoring import MERGE_S, Heard
from convert.sounds.audio import RATE_HZ
from convert.step import parsed, step_parser
from edgecry.capture.recording import Recording
from edgecry.types import Float32Array

MARGIN_S = 1.0
LONGEST_S = 30.0
"""Longer stretches are cut into pieces."""
MANIFEST = "manifest.csv"
COLUMNS = ("path", "label", "fine", "source", "licence", "duration_s", "p_cry")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a recording that fooled the model, and its highest evidence there."""

    first_s: float
    last_s: float
    p_cry: float


def fooled(heard: Heard, above: float, length_s: float) -> list[Stretch]:
    """The stretches of a recording whose evidence is `above` or more; near ones are one.

    length_s: of a window.
    """
    on = np.flatnonzero(heard.evidence >= above)
    if not len(on):
        return []
    apart = np.diff(heard.end_s[on]) > MERGE_S + length_s
    long = np.diff((heard.end_s[on] - heard.end_s[on[0]]) // LONGEST_S) > 0
    return [
        Stretch(
            max(0.0, float(heard.end_s[part[0]]) - length_s - MARGIN_S),
            min(heard.duration_s, float(heard.end_s[part[-1]]) + MARGIN_S),
            float(heard.evidence[part].max()),
        )
        for part in np.split(on, np.flatnonzero(apart | long) + 1)
    ]


def new_folder(out: Path) -> None:
    """Make it. Raises DataError where an earlier night was brought back to."""
    if (out / MANIFEST).exists():
        raise DataError(f"{out / MANIFEST} is there already; name another folder by --out")
    out.mkdir(parents=True, exist_ok=True)


def cut(file: Path, stretches: Sequence[Stretch]) -> list[Float32Array]:
    """Each stretch of a recording, (n,) at RATE_HZ, in memory that the stretches need and no more.

    Raises RecordingError if it cannot be decoded.
    """
    parts: list[list[Float32Array]] = [[np.zeros(0, np.float32)] for _ in stretches]
    at = 0
    with Recording(file, RATE_HZ) as recording:
        for block in recording:
            for stretch, part in zip(stretches, parts, strict=True):
                first, last = int(stretch.first_s * RATE_HZ), int(stretch.last_s * RATE_HZ)
                part.append(block[max(0, first - at) : max(0, last - at)].copy())
            at += len(block)
    return [np.concatenate(part) for part in parts]


def bring_back(files: Sequence[Path], heard: Sequence[Sequence[Stretch]], out: Path) -> int:
    """Write the stretches as clips with a manifest; returns how many."""
    rows = []
    for number, (file, stretches) in enumerate(zip(files, heard, strict=True), start=1):
        for s, part in zip(stretches, cut(file, stretches), strict=True):
            name = f"{number:03d}_{file.stem}_{s.first_s:08.2f}.flac"
            soundfile.write(out / name, part, RATE_HZ)
            seconds = f"{len(part) / RATE_HZ:.3f}"
            rows.append((name, "noncry", "mined", file.stem, "own", seconds, f"{s.p_cry:.3f}"))
    rows.sort(key=lambda row: row[-1], reverse=True)
    with (out / MANIFEST).open("w", newline="") as manifest:
        csv.writer(manifest).writerows([COLUMNS, *rows])
    return len(rows)


def main() -> None:
    """Listen to long recordings without a cry."""
    parser = step_parser(__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a .tflite with its manifest")
    parser.add_argument("--out", type=Path, required=True, help="folder for what fooled it")
    parser.add_argument("--above", type=float, help="evidence; default: the point `sensitive`")
    parser.add_argument("recordings", type=Path, nargs="+", help="without any cry in them")
    args = parsed(parser)
    manifest = manifest_of(args.model)
    above = manifest.operating_points["sensitive"].on if args.above is None else args.above
    for file in args.recordings:
        Recording(file, RATE_HZ).close()
    new_folder(args.out)
    listened = tqdm(classified(args.model, args.recordings), "listening", len(args.recordings))
    stretches = [fooled(heard, above, window_s(manifest)) for heard in listened]
    count = bring_back(args.recordings, stretches, args.out)
    print(f"{count} stretches at {above:g} or more in {args.out / MANIFEST}")


if __name__ == "__main__":
    main()
