"""What a recipe's data holds: clips, minutes and groups of every split, and the hash of it all."""

from __future__ import annotations

from collections import Counter, defaultdict

from convert.data.clips import data_hash, read_dataset
from convert.run import step_arguments


def main() -> None:
    """Print what a recipe's data holds."""
    args, recipe = step_arguments(__doc__)
    clips = read_dataset(recipe.data, args.data)
    counts: Counter[tuple[str, str]] = Counter()
    minutes: Counter[tuple[str, str]] = Counter()
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for clip in clips:
        kind = (clip.split, "cry" if clip.cry else "noncry")
        counts[kind] += 1
        minutes[kind] += clip.duration_s / 60
        groups[kind].add(clip.group)
    for kind in sorted(counts):
        print(
            f"{kind[0]:9s} {kind[1]:7s} {counts[kind]:5d} clips {minutes[kind]:7.1f} min "
            f"{len(groups[kind]):4d} groups"
        )
    print(f"data hash {data_hash(clips)}")


if __name__ == "__main__":
    main()
