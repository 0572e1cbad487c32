"""The recordings of convert.benchmark, from public sets in the data folder.

    python -m convert.download donateacry esc10 yamnet --to D
    git clone https://github.com/karolpiczak/ESC-50 D/esc50
    python -m convert.benchmark_data --data D

Writes `reasons.csv` and `pack/manifest.csv`, and what they list as FLAC, 16 kHz mono, into `pack`
and `laugh`. Which recording is which clip stands in convert/data/benchmark_clips.csv; the names are
those that docs/reasons/benchmark.md was made with, so the folds are the same. A set that is not
there is left out, with a warning. Needs the program ffmpeg.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import soundfile
from tqdm import tqdm

from convert.data.benchmark_clips import ListedClip, benchmark_clips, sound, there
from convert.data.fetching_files import COLUMNS as MANIFEST_COLUMNS
from convert.data.types import DataError
from convert.reasons.sounds import CLIPS, COLUMNS, REASONS
from convert.run import write_whole
from convert.sounds.audio import RATE_HZ
from convert.step import parsed, step_parser

PACK = Path(CLIPS).parent


def main() -> None:
    """Make what can be made of the sets that are there."""
    parser = step_parser(__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    args = parsed(parser)
    if not args.data.is_dir():
        raise DataError(f"{args.data} is no folder; the commands in the help above fetch into it")
    for table in (REASONS, CLIPS):
        if (args.data / table).exists():
            raise DataError(
                f"{args.data / table} exists; move it away to have it made anew, or name another "
                "--data"
            )
    clips, remarks = there(benchmark_clips(), args.data)
    durations_s = [write(clip, args.data) for clip in tqdm(clips, desc="recordings")]
    write_tables(clips, durations_s, args.data)
    for remark in remarks:
        print(f"warning: {remark}")
    with_reason = sum(clip.reason != "" for clip in clips)
    print(f"{args.data / REASONS}: {with_reason} clips with a reason or a class")
    print(f"{args.data / CLIPS}: {sum(clip.split != '' for clip in clips)} cries and other sounds")


def write(clip: ListedClip, data: Path) -> float:
    """The clip where it belongs in the data folder; its length in seconds."""
    samples = sound(clip, data)
    path = data / clip.path
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE_HZ, subtype="PCM_16")
    return len(samples) / RATE_HZ


def write_tables(clips: Sequence[ListedClip], durations_s: Sequence[float], data: Path) -> None:
    """Written last: with them the folder is whole."""
    timed = [(clip, f"{seconds:.3f}") for clip, seconds in zip(clips, durations_s, strict=True)]
    packed = []
    for clip, seconds in timed:
        if clip.split:
            path = Path(clip.path).relative_to(PACK)
            label, fine = path.parts[:2]
            about = (label, fine, clip.set, clip.licence, clip.group, seconds, clip.split)
            packed.append((path.as_posix(), *about))
    (data / PACK).mkdir(exist_ok=True)  # laughs alone lie elsewhere
    write_whole(data / CLIPS, _table(MANIFEST_COLUMNS, packed))
    reasons = [
        (clip.path, clip.reason, clip.set, clip.licence, clip.group, seconds, clip.use)
        for clip, seconds in timed
        if clip.reason
    ]
    write_whole(data / REASONS, _table(COLUMNS, reasons))


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([columns, *rows])
    return out.getvalue()


if __name__ == "__main__":
    main()
