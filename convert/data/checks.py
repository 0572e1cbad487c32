"""What is wrong with recordings, and what to do about it.

An error makes every figure a lie or stops the training; a warning should be looked at; a note is
good to know.
"""

from __future__ import annotations

import glob
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from convert.data.fingerprint import Fingerprint, Match, same_recordings
from convert.data.listening import Heard, Measures
from convert.data.types import Clip

Level = Literal["error", "warning", "note"]
Progress = Callable[[Sequence[Fingerprint]], Iterable[Fingerprint]]
SHORTEST_S = 0.2
LOWEST_RATE_HZ = 8_000
QUIETEST_DBFS = -60.0
MOST_CLIPPED = 0.01
MOST_SILENT = 0.5
LARGEST_DC_OFFSET = 0.05
LEAST_MISSED = ("train", "held-out", "val", "test")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of one recording or of two. `what` and `remedy` are the same for all of a kind."""

    level: Level
    what: str
    where: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Rule:
    level: Level
    what: str
    remedy: str
    broken_by: Callable[[Clip, Measures], bool]


_LEAVE_OUT = "record it again, or leave it out by `exclude`"
RULES = (
    _Rule(
        "error",
        f"shorter than {SHORTEST_S} s",
        "leave it out: delete it, or name it in `exclude`",
        lambda _, m: m.duration_s < SHORTEST_S,
    ),
    _Rule(
        "error",
        "a cry that is digital silence",
        "the recording failed: leave it out, delete it or name it in `exclude`",
        lambda clip, m: clip.cry and m.silent > 0.99,
    ),
    _Rule(
        "warning",
        f"a cry that is digital silence for more than {MOST_SILENT:.0%}",
        "cut the silence off: it would be taught as a cry",
        lambda clip, m: clip.cry and MOST_SILENT < m.silent <= 0.99,
    ),
    _Rule(
        "note",
        f"a non-cry that is digital silence for more than {MOST_SILENT:.0%}",
        "it teaches little; a microphone is never that silent",
        lambda clip, m: not clip.cry and m.silent > MOST_SILENT,
    ),
    _Rule(
        "warning",
        f"a rate under {LOWEST_RATE_HZ} Hz",
        "a cry is more than that holds; take the recording it was made from",
        lambda _, m: m.rate_hz < LOWEST_RATE_HZ,
    ),
    _Rule(
        "warning",
        f"quieter than {QUIETEST_DBFS:.0f} dBFS",
        f"listen to it; {_LEAVE_OUT}",
        lambda clip, m: clip.cry and -math.inf < m.level_dbfs < QUIETEST_DBFS,
    ),
    _Rule(
        "warning",
        f"clipped for more than {MOST_CLIPPED:.0%}",
        f"{_LEAVE_OUT}; a few are what a microphone does",
        lambda _, m: m.clipped > MOST_CLIPPED and m.silent <= 0.99,
    ),
    _Rule(
        "warning",
        f"a DC offset over {LARGEST_DC_OFFSET:.0%} of full scale",
        "take the mean off: the recorder's fault is not to be learnt",
        lambda _, m: abs(m.dc_offset) > LARGEST_DC_OFFSET,
    ),
)


def find_problems(
    clips: Sequence[Clip], heard: Sequence[Heard], progress: Progress = iter
) -> list[Problem]:
    """Everything that is wrong; `heard` goes with `clips`. `progress` wraps the slow search."""
    return [
        *_broken(clips, heard),
        *_by_rule(clips, heard),
        *_duplicates(clips, heard, progress),
    ]


def _broken(clips: Sequence[Clip], heard: Sequence[Heard]) -> Iterator[Problem]:
    for clip, sound in zip(clips, heard, strict=True):
        if sound.broken:
            yield Problem(
                "error",
                "cannot be decoded",
                f"{clip.key}: {sound.broken}",
                "convert it by ffmpeg to wav or flac, or delete it",
            )


def _by_rule(clips: Sequence[Clip], heard: Sequence[Heard]) -> Iterator[Problem]:
    for rule in RULES:
        for clip, sound in zip(clips, heard, strict=True):
            if sound.measures and rule.broken_by(clip, sound.measures):
                yield Problem(rule.level, rule.what, clip.key, rule.remedy)


def _duplicates(
    clips: Sequence[Clip], heard: Sequence[Heard], progress: Progress
) -> Iterator[Problem]:
    for first, second, how in _pairs(heard, progress):
        a, b = clips[first], clips[second]
        where = f"{a.key} ({a.split}) and {b.key} ({b.split}): {how}"
        if a.split != b.split:
            spare = min(a, b, key=lambda clip: LEAST_MISSED.index(clip.split))
            yield Problem(
                "error",
                "one recording in two splits",
                f'{where}; exclude: ["{glob.escape(spare.name)}"]',
                "put both into one group, or leave one out in the recipe's `data` as said",
            )
        elif a.cry != b.cry:
            yield Problem(
                "warning",
                "one recording with two labels",
                where,
                "listen, and correct one",
            )
        elif a.group != b.group:
            yield Problem(
                "note",
                "one recording in two groups of a split",
                where,
                "it counts twice; no figure leaks",
            )


def _pairs(heard: Sequence[Heard], progress: Progress) -> Iterator[tuple[int, int, str]]:
    """Equal files, and recordings that sound the same."""
    equal = _equal_files(heard)
    for first, second in equal:
        yield first, second, "the same file"
    known = set(equal)
    matches: list[Match] = same_recordings([sound.fingerprint for sound in heard], progress)
    for match in matches:
        if (match.first, match.second) not in known:
            how = f"the same for {match.seconds:.1f} s, {match.bit_errors:.0%} of bits differ"
            yield match.first, match.second, how


def _equal_files(heard: Sequence[Heard]) -> list[tuple[int, int]]:
    by_content: Mapping[str, list[int]] = defaultdict(list)
    for number, sound in enumerate(heard):
        by_content[sound.sha256].append(number)
    return [(same[0], other) for same in by_content.values() for other in same[1:]]
