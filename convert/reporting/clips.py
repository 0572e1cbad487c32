"""From what detectors made of clips to the rows of an evaluation. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.data.clips import Clip
from convert.measuring.metrics import (
    clip_metrics,
    figures,
    paired_differences,
    share_interval,
    wilson_interval,
)
from convert.measuring.scoring import Heard, false_alarms
from convert.reporting.evaluation import (
    ClassCount,
    ClipPoint,
    Difference,
    Part,
    Ranking,
    WorstClip,
)
from convert.reporting.families import family_of
from edgecry.inference.manifest import OperatingPoint, OperatingPointName

NARROW_HZ = 4100.0
"""A clip whose spectrum ends under this came over a phone."""
WORST = 12

Points = Mapping[OperatingPointName, OperatingPoint]


@dataclass(frozen=True, slots=True)
class Listened:
    """A set of clips, and what each detector made of them: its name -> one Heard a clip.

    names_sounds: do its classes? (Those of the human labels are reasons of crying.)
    """

    set: str
    clips: Sequence[Clip]
    heard: Mapping[str, Sequence[Heard]]
    names_sounds: bool = True

    @property
    def cry(self) -> NDArray[np.bool_]:
        """Labels, (clips,)."""
        return np.array([c.cry for c in self.clips], bool)

    @property
    def groups(self) -> list[str]:
        """Who or what each clip is of."""
        return [c.group for c in self.clips]

    @property
    def ranks(self) -> bool:
        """Are there both classes?"""
        return len(set(self.cry)) == 2

    def scores(self, detector: str) -> NDArray[np.float64]:
        """What ranks the clips, (clips,)."""
        return np.array([h.score for h in self.heard[detector]])

    def peaks(self, detector: str) -> NDArray[np.float64]:
        """The highest evidence in each clip, (clips,): where it reaches a point, there is alarm."""
        return np.array([h.peak for h in self.heard[detector]])

    def where(self, keep: Callable[[Clip], bool], name: str) -> Listened:
        """The clips that `keep` is true for, as a set of its own."""
        at = [i for i, c in enumerate(self.clips) if keep(c)]
        heard = {d: [values[i] for i in at] for d, values in self.heard.items()}
        return Listened(name, [self.clips[i] for i in at], heard, self.names_sounds)


def by_age(listened: Listened) -> Iterator[Listened]:
    """Neonates' cries against all non-cries, and the set without any neonate; if there are any."""
    name = listened.set
    if not any(c.neonate for c in listened.clips):
        return
    yield listened.where(lambda c: c.neonate or not c.cry, f"{name}, neonates' cries")
    yield listened.where(lambda c: not c.neonate, f"{name}, without neonates")


def ranking(listened: Listened) -> list[Ranking]:
    """A row for every detector."""
    cry = listened.cry
    return [
        Ranking(
            set=listened.set,
            detector=detector,
            cries=int(cry.sum()),
            noncries=int((~cry).sum()),
            cry_groups=len({c.group for c in listened.clips if c.cry}),
            **clip_metrics(cry, listened.scores(detector), listened.groups),
        )
        for detector in listened.heard
    ]


def differences(listened: Listened, ours: str, reference: str) -> list[Difference]:
    """A row for every metric: ours minus the reference's."""
    found = paired_differences(
        listened.cry, listened.scores(ours), listened.scores(reference), listened.groups
    )
    return [Difference(listened.set, metric, *values) for metric, values in found.items()]


def parts(listened: Listened, by: str, key: Callable[[Clip], str], on: float) -> list[Part]:
    """A row for every part and detector. on: the model's balanced point; it is the first."""
    rows = []
    ours = next(iter(listened.heard))
    for name in sorted({key(c) for c in listened.clips}):
        inside = listened.where(lambda c, name=name: key(c) == name, listened.set)  # type: ignore[misc]
        cry, passes = inside.cry, inside.peaks(ours) >= on
        for detector in listened.heard:
            mine = detector == ours
            rows.append(
                Part(
                    set=listened.set,
                    by=by,
                    part=name,
                    detector=detector,
                    cries=int(cry.sum()),
                    noncries=int((~cry).sum()),
                    auc=figures(cry, inside.scores(detector))["auc"] if inside.ranks else None,
                    found=int((passes & cry).sum()) if mine else None,
                    false=int((passes & ~cry).sum()) if mine else None,
                )
            )
    return rows


def bandwidth(clip: Clip) -> str:
    """Where a clip's spectrum ends, in words."""
    if clip.bandwidth_hz is None:
        return "not known"
    return "up to 4.1 kHz" if clip.bandwidth_hz < NARROW_HZ else "above 4.1 kHz"


def clip_points(
    listened: Listened, detector: str, points: Points, window_s: float
) -> list[ClipPoint]:
    """A row for every operating point."""
    cry, peaks = listened.cry, listened.peaks(detector)
    noncries = [h for h, c in zip(listened.heard[detector], cry, strict=True) if not c]
    babies = [c.group for c in listened.clips if c.cry]
    rows = []
    for name, point in points.items():
        found = [bool(peak >= point.on) for peak in peaks[cry]]
        false = int((peaks[~cry] >= point.on).sum())
        rows.append(
            ClipPoint(
                set=listened.set,
                point=name,
                on=point.on,
                off=point.off,
                found=sum(found),
                cries=len(found),
                recall_ci95=share_interval(found, babies) if found else None,
                false=false,
                noncries=len(noncries),
                false_ci95=wilson_interval(false, len(noncries)) if noncries else None,
                false_alarms=sum(false_alarms(h, point.on, window_s) for h in noncries),
                noncry_hours=sum(h.duration_s for h in noncries) / 3600,
            )
        )
    return rows


def classes(listened: Listened, detector: str, points: Points) -> list[ClassCount]:
    """Rows of every family and of every class in it, at every operating point."""
    members: dict[tuple[str, str | None], list[float]] = defaultdict(list)
    for clip, peak in zip(listened.clips, listened.peaks(detector), strict=True):
        if not clip.cry:
            family = family_of(clip.fine)
            members[family, None].append(peak)
            members[family, clip.fine].append(peak)
    rows = []
    for name, point in points.items():
        for (family, fine), peaks in sorted(
            members.items(), key=lambda m: (m[0][0], m[0][1] or "")
        ):
            false = sum(bool(peak >= point.on) for peak in peaks)
            rows.append(
                ClassCount(
                    set=listened.set,
                    point=name,
                    family=family,
                    fine=fine,
                    false=false,
                    clips=len(peaks),
                    ci95=wilson_interval(false, len(peaks)),
                )
            )
    return rows


def worst(listened: Listened, detector: str) -> list[WorstClip]:
    """The lowest-scoring cries and the highest-scoring non-cries, worst first."""
    ordered = sorted(
        zip(listened.clips, listened.scores(detector), strict=True), key=lambda x: float(x[1])
    )
    cries = [x for x in ordered if x[0].cry][:WORST]
    noncries = [x for x in reversed(ordered) if not x[0].cry][:WORST]
    return [
        WorstClip(listened.set, c.key, c.cry, c.fine, float(score)) for c, score in cries + noncries
    ]
