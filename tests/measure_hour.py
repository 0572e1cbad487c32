"""What a ward hears in an hour: the tables of docs/alarms.md.

    python tests/measure_hour.py [DATA]

Without DATA the babies and the ward are synthetic; with it they are the recordings of
DATA/pack/manifest.csv that neither trained nor test the detector (its val split).
"""

from __future__ import annotations

import csv
import math
import sys
import tempfile
from pathlib import Path
from typing import Literal

import numpy as np
from support.hour import Toll, beside_the_cot, live_through

from convert.sounds.audio import load_audio
from edgecry.config.schema import Settings
from edgecry.demo.scene import Clip, RealSounds
from edgecry.inference.classifier import load_classifier

HOUR_S = 3600.0
SEED = 0
SHORT_S = 3.0
ANSWER_S = 20.0


def recorded(data: Path) -> RealSounds:
    """The val split, in an order drawn by SEED."""
    with (data / "pack" / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "val"]
    np.random.default_rng(SEED).shuffle(rows)  # type: ignore[arg-type]

    def clips(label: Literal["cry", "noncry"]) -> tuple[Clip, ...]:
        paths = [Path(row["path"]) for row in rows if row["label"] == label]
        return tuple(Clip(path.stem, load_audio(data / "pack" / path)) for path in paths)

    return RealSounds(clips("cry"), clips("noncry"))


def main() -> None:
    """Print the table."""
    recordings = recorded(Path(sys.argv[1])) if len(sys.argv) > 1 else None
    settings = Settings()
    scene = beside_the_cot(HOUR_S, SEED, recordings)
    classifier = load_classifier(settings.detection.model)
    with tempfile.TemporaryDirectory(prefix="hour-") as name:
        tolls = [
            live_through(scene, classifier, settings, Path(name), answer_s)
            for answer_s in (math.inf, ANSWER_S)
        ]
    sys.stdout.write(f"| in an hour | nobody comes | pressed {ANSWER_S:g} s after a start |\n")
    sys.stdout.write("|---|---|---|\n")
    for (what, alone), answered in zip(
        counted(tolls[0]).items(), counted(tolls[1]).values(), strict=True
    ):
        sys.stdout.write(f"| {what} | {alone} | {answered} |\n")


def counted(toll: Toll) -> dict[str, float]:
    """What there was, and what came of it."""
    short = [cry for cry in toll.scene.cries if cry.end_s - cry.onset_s < SHORT_S]
    long = [cry for cry in toll.scene.cries if cry not in short]
    answered = [toll.priority(cry) for cry in long]
    fusses = [toll.priority(cry) for cry in short]
    heard = sum(priority is not None for priority in (*answered, *fusses))
    return {
        f"cries of {min(c.end_s - c.onset_s for c in long):g} s and more": len(long),
        "of these alarmed": sum(priority is not None for priority in answered),
        "of these medium": answered.count("medium"),
        f"fusses of under {SHORT_S:g} s": len(short),
        "of these alarmed low": fusses.count("low"),
        "of these above low": fusses.count("medium"),
        "other alarms": toll.count("start") - heard,
        "escalations": toll.count("escalate"),
        "seconds that the buzzer sounded": round(toll.sounding_s, 1),
    }


if __name__ == "__main__":
    main()
