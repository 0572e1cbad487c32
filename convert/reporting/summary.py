"""From what detectors made of recordings and scenes to an evaluation. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from convert.measuring.listening import window_s
from convert.reporting import clips
from convert.reporting.clips import Listened
from convert.reporting.evaluation import Evaluation
from convert.reporting.scenes import SceneRows, Scenes, scene_rows, scene_set
from edgecry.inference.manifest import Manifest, OperatingPointName

BALANCED: OperatingPointName = "balanced"


def summarize(sets: Sequence[Listened], scenes: Scenes | None, chosen: Manifest) -> Evaluation:
    """Everything that card and report say. sets: the test split first; its first detector is the
    model, the second, if there is one, the reference. Sets with one class only are counted, not
    ranked."""
    test = sets[0]
    ours, *others = test.heard
    reference = others[0] if others else None
    points = dict(sorted(chosen.operating_points.items(), key=lambda item: item[1].on))
    ranked = [part for s in sets if s.ranks for part in (s, *clips.by_age(s)) if part.ranks]
    rows = (
        scene_rows(scenes, ours, points, window_s(chosen)) if scenes else SceneRows([], [], [], [])
    )
    return Evaluation(
        detector=ours,
        reference=reference,
        ranking=[row for s in ranked for row in clips.ranking(s)],
        differences=[
            row for s in ranked if reference for row in clips.differences(s, ours, reference)
        ],
        parts=[
            *clips.parts(test, "source", lambda c: c.source, points[BALANCED].on),
            *clips.parts(test, "bandwidth", clips.bandwidth, points[BALANCED].on),
        ],
        clip_points=[
            row for s in ranked for row in clips.clip_points(s, ours, points, window_s(chosen))
        ],
        classes=[row for s in sets if s.names_sounds for row in clips.classes(s, ours, points)],
        worst=[row for s in sets if s.ranks for row in clips.worst(s, ours)],
        scenes=scene_set(scenes.timelines) if scenes else None,
        scene_results=rows.results,
        scene_differences=rows.differences,
        scene_parts=rows.parts,
        scene_curves=rows.curves,
    )
