"""Fetch public data sets and verify them.

    python -m convert.download donateacry esc10 --to my-recordings

A set that is there already is verified; one that broke off is gone on with.
"""

from __future__ import annotations

from pathlib import Path

from tqdm import tqdm

from convert.data.catalogue import BY_HAND, CATALOGUE
from convert.data.fetching import fetch_set
from convert.step import parsed, step_parser


def main() -> None:
    """Fetch the sets that are named."""
    known = [f"  {s.name:11s} {s.licence}; {s.size_bytes / 1e6:.0f} MB" for s in CATALOGUE.values()]
    others = [f"  {name:11s} {how}" for name, how in BY_HAND.items()]
    parser = step_parser(__doc__)
    parser.epilog = "\n".join(["sets:", *known, "by hand:", *others])
    parser.add_argument("sets", nargs="+", metavar="SET")
    parser.add_argument("--to", type=Path, required=True, help="folder for the sets")
    args = parsed(parser)
    for name in args.sets:
        if name not in CATALOGUE:
            how = BY_HAND.get(name, f"known are {', '.join(CATALOGUE)}")
            parser.error(f"{name} cannot be fetched: {how}")
    for name in args.sets:
        _fetch(name, args.to)


def _fetch(name: str, to: Path) -> None:
    wanted = CATALOGUE[name]
    with tqdm(desc=name, unit="B", unit_scale=True) as bar:

        def progress(have: int, total: int | None) -> None:
            bar.total = total
            bar.update(have - bar.n)

        folder = fetch_set(wanted, to, progress)
    print(f"{folder}: {wanted.version}, {wanted.files} files, {wanted.licence}")
    print(f"in a recipe: data: {{sets: [{{layout: {wanted.layout}, path: {name}}}]}}")


if __name__ == "__main__":
    main()
