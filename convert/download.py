"""Fetch public data sets and verify them.

    python -m convert.download donateacry esc10 --to my-recordings

A set that is there already is verified; one that broke off is gone on with.
"""

from __future__ import annotations

from pathlib import Path

from tqdm import tqdm

from convert.data.catalogue import BY_HAND, CATALOGUE, YAMNET, ListedSet, PublicFile, PublicSet
from convert.data.fetching import fetch_set
from convert.data.fetching_files import MANIFEST, fetch_file, fetch_files
from convert.data.soundalikes import soundalikes
from convert.step import parsed, step_parser

Public = PublicSet | ListedSet | PublicFile


def main() -> None:
    """Fetch the sets that are named."""
    sets: dict[str, Public] = {**CATALOGUE}
    sets |= {"soundalikes": soundalikes(), YAMNET.name: YAMNET}
    known = [f"  {s.name:11s} {s.licence}; {s.size_bytes / 1e6:.0f} MB" for s in sets.values()]
    others = [f"  {name:11s} {how}" for name, how in BY_HAND.items()]
    parser = step_parser(__doc__)
    parser.epilog = "\n".join(["sets:", *known, "by hand:", *others])
    parser.add_argument("sets", nargs="+", metavar="SET")
    parser.add_argument("--to", type=Path, required=True, help="folder for the sets")
    args = parsed(parser)
    for name in args.sets:
        if name not in sets:
            how = BY_HAND.get(name, f"known are {', '.join(sets)}")
            parser.error(f"{name} cannot be fetched: {how}")
    for name in args.sets:
        _fetch(sets[name], args.to)


def _fetch(wanted: Public, to: Path) -> None:
    with tqdm(desc=wanted.name, unit="B", unit_scale=True) as bar:

        def progress(have: int, total: int | None) -> None:
            bar.total = total
            bar.update(have - bar.n)

        if isinstance(wanted, PublicFile):
            there = fetch_file(wanted, to, progress)
            about, use = "verified", f"teacher: {wanted.path}"
        elif isinstance(wanted, ListedSet):
            there = fetch_files(wanted, to, progress)
            about, use = f"{len(wanted.files)} files", f"clips: [{wanted.name}/{MANIFEST}]"
        else:
            there = fetch_set(wanted, to, progress)
            about = f"{wanted.version}, {wanted.files} files"
            use = f"sets: [{{layout: {wanted.layout}, path: {wanted.name}}}]"
    print(f"{there}: {about}, {wanted.licence}")
    print(f"in a recipe: data: {{{use}}}")


if __name__ == "__main__":
    main()
