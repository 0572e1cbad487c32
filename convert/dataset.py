"""What a recipe's recordings are, and what is wrong with them; exit code 1 if there are errors.

    python -m convert.dataset --recipe my-detector.yaml --data my-recordings --new

writes the recipe first, from what the folder looks like; without --new, it is read.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from convert.data.checks import Problem, find_problems
from convert.data.clips import Clip, check_classes, check_groups, data_hash, survey
from convert.data.listening import listen
from convert.data.starting import write_recipe
from convert.recipe import Data, Recipe, load_recipe
from convert.run import CACHE
from convert.step import parsed, step_parser

Item = TypeVar("Item")

SHOWN = 5
SPLITS = ("train", "held-out", "val", "test")


def main() -> None:
    """Print what a recipe's data holds and what is wrong with it."""
    parser = step_parser(__doc__)
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--new", action="store_true", help="write the recipe; it must not exist")
    parser.add_argument("--cache", type=Path, default=CACHE / "heard")
    args = parsed(parser)
    remarks = write_recipe(args.recipe, args.data) if args.new else []
    failed = look(load_recipe(args.recipe), args.data, args.cache, remarks)
    raise SystemExit(1 if failed else 0)


def look(recipe: Recipe, data: Path, cache: Path, remarks: Sequence[str]) -> bool:
    """Print everything; True if there are errors.

    Remarks of what was left out come first: they may tell why there is an error at all.
    """
    for remark in remarks:
        print(f"warning: {remark}", flush=True)
    clips, more = survey(recipe.data, data)
    print(table(clips))
    for remark in more:
        print(f"warning: {remark}", flush=True)
    check_classes(clips)
    print(f"data hash {data_hash(clips)}", flush=True)
    if recipe.data.human_labels:
        clips += survey(Data(clips=[recipe.data.human_labels]), data)[0]
        check_groups(clips)
    heard = [listen(clip.path, cache) for clip in _progress("listening", clips)]
    problems = find_problems(clips, heard, lambda p: _progress("comparing", p))
    print(report(problems))
    return any(problem.level == "error" for problem in problems)


def table(clips: Iterable[Clip]) -> str:
    """Clips, minutes, groups and sources of every split and class."""
    rows: dict[tuple[str, bool], list[Clip]] = defaultdict(list)
    for clip in clips:
        rows[clip.split, clip.cry].append(clip)
    lines = [f"{'split':9s} {'class':7s} {'clips':>6s} {'minutes':>8s} {'groups':>7s}  sources"]
    for split, cry in sorted(rows, key=lambda key: (SPLITS.index(key[0]), not key[1])):
        members = rows[split, cry]
        sources = sorted({clip.source for clip in members})
        others = f" and {len(sources) - SHOWN} more" if len(sources) > SHOWN else ""
        lines.append(
            f"{split:9s} {'cry' if cry else 'noncry':7s} {len(members):6d} "
            f"{sum(clip.duration_s for clip in members) / 60:8.1f} "
            f"{len({clip.group for clip in members}):7d}  {', '.join(sources[:SHOWN])}{others}"
        )
    return "\n".join(lines)


def report(problems: Iterable[Problem]) -> str:
    """Problems by kind with the first files of each and the remedy, errors first."""
    kinds: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for problem in problems:
        kinds[problem.level, problem.what, problem.remedy].append(problem.where)
    lines = []
    for level in ("note", "warning", "error"):
        for (own, what, remedy), where in kinds.items():
            if own == level:
                lines.append(f"{level}: {what} ({len(where)}): {remedy}")
                shown = len(where) if level == "error" else SHOWN
                lines += [f"    {place}" for place in where[:shown]]
                if len(where) > shown:
                    lines.append(f"    and {len(where) - shown} more")
    return "\n".join(lines) if lines else "nothing wrong was found"


def _progress(what: str, items: Sequence[Item]) -> Iterable[Item]:
    return tqdm(items, desc=what, disable=not sys.stderr.isatty())


if __name__ == "__main__":
    main()
