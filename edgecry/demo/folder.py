"""A folder of real recordings for the demo: which are cries, which are not."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edgecry.capture.recording import SUFFIXES, Recording
from edgecry.demo.scene import Clip, RealSounds
from edgecry.demo.sound import SAMPLE_RATE_HZ
from edgecry.errors import RecordingError

log = logging.getLogger(__name__)

_NOT_A_CRY = re.compile(r"\b(non|not|no)[ _-]?cr(y|ies)", re.IGNORECASE)
_CRY = re.compile(r"cry|cries", re.IGNORECASE)


def is_cry(path: Path) -> bool:
    """Whether a recording's name, or a folder that it is in, says that it is a cry.

    `cry/a.flac` and `baby_cry_3.wav` are; `noncry/a.flac` and `talk.wav` are not.
    """
    return not _NOT_A_CRY.search(str(path)) and bool(_CRY.search(str(path)))


def load_real_sounds(folder: Path, seconds: float, seed: int) -> RealSounds:
    """Up to `seconds` of cries and as much of other sounds, drawn by `seed`, sub-folders too.

    A recording that cannot be decoded is left out with a warning. Raises RecordingError if no cry
    can be found.
    """
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    np.random.default_rng(seed).shuffle(found)  # type: ignore[arg-type]
    cries = [path for path in found if is_cry(path.relative_to(folder))]
    others = [path for path in found if not is_cry(path.relative_to(folder))]
    sounds = _load(cries, seconds), _load(others, seconds)
    if not sounds[0]:
        raise RecordingError(
            f"{folder}: no recording of a cry that can be decoded; put them into a sub-folder "
            f"`cry`, other sounds into `noncry` ({' '.join(sorted(SUFFIXES))})"
        )
    return RealSounds(*sounds)


def _load(paths: Sequence[Path], seconds: float) -> tuple[Clip, ...]:
    clips: list[Clip] = []
    heard_s = 0.0
    for path in paths:
        if heard_s >= seconds:
            break
        try:
            with Recording(path, SAMPLE_RATE_HZ) as recording:
                samples = np.concatenate(list(recording))
        except RecordingError as error:
            log.warning("left out: %s", error)
            continue
        heard_s += len(samples) / SAMPLE_RATE_HZ
        clips.append(Clip(path.stem, samples))
    return tuple(clips)
