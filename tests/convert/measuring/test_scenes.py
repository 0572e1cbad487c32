"""Scenes are what their truth says."""

from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from convert.measuring.scenes import (
    LEAST_GAP_S,
    MARGIN_S,
    Cry,
    Material,
    Scene,
    Sound,
    band_power,
    build_scene,
    onsets_s,
)
from convert.recipe import Recipe, Timelines
from convert.sounds.audio import RATE_HZ

CRY_S = (0.5, 2.0)


@pytest.fixture(scope="module")
def material(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Tones of 1 kHz as cries, the tiny set's rumble for the rest, and a short click."""
    folder = tmp_path_factory.mktemp("material")
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(3 * RATE_HZ) / RATE_HZ)
    soundfile.write(folder / "tone.wav", tone, RATE_HZ)
    soundfile.write(folder / "click.wav", np.full(80, 0.5), RATE_HZ)
    rumbles = sorted((tiny_data / "pack").glob("noncry_val_*.wav"))
    return Material(
        tuple(Cry(folder / "tone.wav", "tones", f"baby {i}", *CRY_S) for i in range(3)),
        (
            *(Sound(path, "rumble", "tiny") for path in rumbles),
            Sound(folder / "click.wav", "click", "tiny"),
        ),
        tuple(Sound(path, "wind", "tiny") for path in rumbles),
    )


@pytest.fixture(scope="module")
def settings(shipped_recipe: Recipe) -> Timelines:
    return msgspec.structs.replace(shipped_recipe.timelines, scene_minutes=3.0)


def scene_of(material: Material, settings: Timelines, with_cries: bool = True) -> Scene:
    return build_scene(material, settings, with_cries, np.random.default_rng(7))


def test_cries_keep_their_distance_and_stay_inside(material: Material, settings: Timelines) -> None:
    often = msgspec.structs.replace(settings, cries_per_minute=4.0)
    events = scene_of(material, often).events
    assert len(events) > 6
    assert events[0].onset_s >= MARGIN_S
    assert events[-1].offset_s <= 180 - MARGIN_S
    gaps = [b.onset_s - a.offset_s for a, b in pairwise(events)]
    assert min(gaps) >= LEAST_GAP_S - 1e-3
    assert [e.offset_s - e.onset_s for e in events] == pytest.approx([1.5] * len(events), abs=0.01)


def test_every_baby_cries_equally_often(material: Material, settings: Timelines) -> None:
    [tone, *_] = material.cries
    one_of = {"a": 5, "b": 1, "c": 1}
    cries = [msgspec.structs.replace(tone, group=g) for g, n in one_of.items() for _ in range(n)]
    often = msgspec.structs.replace(settings, cries_per_minute=4.0)
    groups = [cry.group for _, cry in onsets_s(cries, often, np.random.default_rng(0))]
    counts = [groups.count(group) for group in one_of]
    assert min(counts) >= 2
    assert max(counts) - min(counts) <= 1


def test_a_loud_door_does_not_make_the_scene_quiet(material: Material, settings: Timelines) -> None:
    clicks = Material(material.cries, material.distractors[-1:], material.backgrounds)
    loud = msgspec.structs.replace(
        settings, synthetic_share=0.0, room_share=0.0, distractor_db=(60.0, 60.0)
    )
    samples = scene_of(clicks, loud, with_cries=False).samples
    assert 0.5 <= np.abs(samples).max() <= 0.8


def test_every_level_is_heard_equally_often_and_is_what_it_says(
    material: Material, settings: Timelines
) -> None:
    dry = msgspec.structs.replace(settings, room_share=0.0, cries_per_minute=4.0)
    scene = scene_of(material, dry)
    levels = [e.snr_db for e in scene.events]
    counts = [levels.count(snr_db) for snr_db in dry.snr_db]
    assert max(counts) - min(counts) <= 1
    # Without the cries, the same scene: what is drawn for them is drawn last.
    others = scene_of(material, dry, with_cries=False).samples
    for event in scene.events:
        inside = slice(round(event.onset_s * RATE_HZ), round(event.offset_s * RATE_HZ))
        cry = scene.samples[inside] - others[inside]
        snr_db = 10 * np.log10(band_power(cry) / band_power(others[inside]))
        assert snr_db == pytest.approx(event.snr_db, abs=0.3)
        assert event.response == "clean"


def test_outside_of_the_cries_their_scene_is_the_same(
    material: Material, settings: Timelines
) -> None:
    scene, others = scene_of(material, settings), scene_of(material, settings, with_cries=False)
    assert not others.events
    difference = np.abs(scene.samples - others.samples)
    for event in scene.events:
        first = round(event.onset_s * RATE_HZ)
        difference[first : round((event.offset_s + 0.6) * RATE_HZ)] = 0.0
    assert difference.max() == 0.0


def test_rooms_are_named_and_new(material: Material, settings: Timelines) -> None:
    wet = msgspec.structs.replace(settings, room_share=1.0, cries_per_minute=4.0)
    assert {e.response for e in scene_of(material, wet).events} == {"incubator", "room"}


def test_the_same_seed_gives_the_same_scene(material: Material, settings: Timelines) -> None:
    first, second = scene_of(material, settings), scene_of(material, settings)
    assert np.array_equal(first.samples, second.samples)
    assert first.truth() == second.truth()


def test_a_scene_never_clips_and_is_never_silent(material: Material, settings: Timelines) -> None:
    loud = msgspec.structs.replace(settings, background_dbfs=(-12.0, -6.0), distractor_db=(20, 30))
    samples = scene_of(material, loud).samples
    assert np.abs(samples).max() <= 0.97 + 1e-6
    blocks = samples[: len(samples) // 1600 * 1600].reshape(-1, 1600)
    assert np.square(blocks).mean(axis=1).min() > 0.0


def test_synthesised_sounds_stand_in_where_nothing_was_recorded(
    material: Material, settings: Timelines
) -> None:
    scene = scene_of(Material(material.cries, (), ()), settings)
    assert {p.source for p in scene.backgrounds + scene.distractors} == {"synthesised"}
    assert len(scene.events) >= 1
