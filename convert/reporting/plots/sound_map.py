"""A map of clips: near ones are alike to a network; colour and shape are the class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from convert.reporting.plots.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PRINT_DPI,
    SKY,
    VERMILION,
    figure,
    shortened,
)
from convert.reporting.sound_map import SoundMap

COLOURS = (BLUE, ORANGE, GREEN, VERMILION, SKY, "#CC79A7", "#000000")
SHAPES = "os^Dv"
MOST_CLASSES = 14
LONGEST_NAME = 28


def draw_sound_map(
    path: Path, title: str, sounds: SoundMap, classes: Sequence[str], network: str
) -> None:
    """classes: (n,), of the map's clips. network: whose embeddings they are.

    Of many classes only the MOST_CLASSES most frequent have a look of their own; the others are
    grey.
    """
    counted = Counter(classes).most_common()
    own = counted[:MOST_CLASSES]
    others = counted[MOST_CLASSES:]
    of = np.array(classes)
    with figure(path, 8.4, 5.8, PRINT_DPI) as drawn:
        axes = drawn.add_subplot()
        # The most frequent first, so that they do not bury the rare ones.
        for number, (name, count) in enumerate(own):
            x, y = sounds.at[of == name].T
            axes.scatter(
                x,
                y,
                s=26,
                color=COLOURS[number % len(COLOURS)],
                marker=SHAPES[number % len(SHAPES)],
                edgecolors="white",
                linewidths=0.5,
                alpha=0.85,
                label=f"{shortened(name, LONGEST_NAME)} ({count})",
            )
        if others:
            there = np.isin(of, [name for name, _ in others])
            x, y = sounds.at[there].T
            label = f"{len(others)} other classes ({there.sum()})"
            axes.scatter(x, y, s=10, color=GREY, marker=".", label=label, zorder=0.5)
        axes.set(xlabel=sounds.axes[0], ylabel=sounds.axes[1])
        axes.grid(visible=True, color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        made = f"{len(classes)} clips, embeddings of {network}, {sounds.made}"
        drawn.suptitle(f"{shortened(title)}\n{made}", size=11, parse_math=False)
        legend = drawn.legend(
            loc="outside right upper", title="class (clips)", fontsize=9, frameon=False
        )
        for text in legend.get_texts():
            text.set_parse_math(False)
