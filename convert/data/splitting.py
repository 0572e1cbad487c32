"""Who trains, who chooses and who is tested, where a data set does not say it: by group.

The order of the groups is that of a hash of their names, so the same data always gives the same
splits, on any machine and for any seed of the training.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping

from convert.data.types import OwnSplit

VAL_SHARE = TEST_SHARE = 0.15
FEWEST_GROUPS = 3


def split_groups(classes: Mapping[str, frozenset[bool]], seed: int) -> dict[str, OwnSplit]:
    """The split of every group; `classes` says which of cry (True) and non-cry each group has.

    Groups with the same classes share out 70/15/15, and three are enough to have one in each split;
    fewer all train.
    """
    alike: dict[frozenset[bool], list[str]] = defaultdict(list)
    for group, has in classes.items():
        alike[has].append(group)
    return {
        group: split
        for groups in alike.values()
        for group, split in _shared_out(sorted(groups, key=lambda g: _rank(g, seed))).items()
    }


def _shared_out(ranked: list[str]) -> dict[str, OwnSplit]:
    enough = len(ranked) >= FEWEST_GROUPS
    val = max(1, round(VAL_SHARE * len(ranked))) if enough else 0
    test = max(1, round(TEST_SHARE * len(ranked))) if enough else 0
    return {
        group: "test" if i < test else "val" if i < test + val else "train"
        for i, group in enumerate(ranked)
    }


def _rank(group: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{group}".encode()).hexdigest()
