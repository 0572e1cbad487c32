"""The steps that measure and package, with made-up detectors instead of real ones."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from convert.evaluate import clip_sets, listen_to_scenes, write_scores
from convert.measuring.events import read_timelines
from convert.measuring.scoring import Heard
from convert.package import check_thresholds, package, with_figures
from convert.recipe import Card, Recipe, load_recipe
from convert.reporting.clips import Listened
from convert.reporting.run_folder import Measured
from convert.reporting.summary import summarize
from convert.run import RunError
from edgecry.errors import ModelError
from edgecry.inference.manifest import Manifest
from tests.convert.reporting.conftest import OURS, heard


def by_name(files: Sequence[Path]) -> Iterator[Heard]:
    """Hears a cry where the file's name says so."""
    for path in files:
        yield heard(0.9 if path.name.startswith("cry") else 0.1)


@pytest.fixture(scope="module")
def recipe(tiny_recipe: Path) -> Recipe:
    """On the tiny data."""
    return load_recipe(tiny_recipe)


def test_the_test_split_comes_first_and_sounds_chosen_on_are_named_so(
    recipe: Recipe, tiny_data: Path
) -> None:
    sets = clip_sets(recipe, tiny_data, {recipe.name: by_name})
    assert [(s.set, len(s.clips)) for s in sets] == [
        ("test split", 8),
        ("val split, chosen on", 4),
        ("held-out streams, chosen on", 1),
    ]
    assert {c.split for c in sets[0].clips} == {"test"}


def test_laughs_and_human_labels_are_sets_of_their_own(
    recipe: Recipe, tiny_data: Path, tmp_path: Path
) -> None:
    table = tmp_path / "reasons.csv"
    rows = [("a.wav", "laugh", "g1"), ("b.wav", "laugh", "g2"), ("c.wav", "hungry", "g3")]
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "reason", "group", "source"))
        writer.writerows((path, reason, group, "esc") for path, reason, group in rows)
    data = msgspec.structs.replace(recipe.data, laughs=str(table), human_labels="pack/manifest.csv")
    heard_by = {recipe.name: by_name, "YAMNet": by_name}
    sets = clip_sets(msgspec.structs.replace(recipe, data=data), tiny_data, heard_by)
    named = {s.set: s for s in sets}
    assert not named["human labels"].names_sounds
    assert len(named["laughs"].clips) == len(named["laughs, chosen on"].clips) == 1
    assert set(named["laughs"].heard) == {recipe.name}


def test_scores_are_kept_for_every_clip(sets: list[Listened], tmp_path: Path) -> None:
    write_scores(tmp_path / "clips.csv", sets)
    with (tmp_path / "clips.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 70
    assert (rows[-1]["path"], rows[-1]["label"], rows[-1][OURS]) == (
        "cat_69.wav",
        "noncry",
        "0.800000",
    )


def test_scenes_are_heard_in_their_order(recipe: Recipe, tmp_path: Path) -> None:
    cry = '{"onset_s": 0.2, "offset_s": 0.5}'
    for name, events in (("cry-00", cry), ("quiet-00", "")):
        soundfile.write(tmp_path / f"{name}.flac", np.zeros(16_000), 16_000)
        (tmp_path / f"{name}.json").write_text(f'{{"duration_s": 1.0, "events": [{events}]}}')
    scenes = listen_to_scenes(tmp_path, read_timelines(tmp_path), {recipe.name: by_name})
    assert scenes is not None
    scores = {name: h.score for name, h in scenes.heard[recipe.name].items()}
    assert scores == {"cry-00": 0.9, "quiet-00": 0.1}


def test_a_run_without_scenes_has_none(recipe: Recipe, tmp_path: Path) -> None:
    assert listen_to_scenes(tmp_path, [], {recipe.name: by_name}) is None


def test_the_manifest_says_what_the_scenes_gave(measured: Measured) -> None:
    manifest = with_figures(measured.chosen, measured.evaluation, 2_610_000.0)
    balanced = manifest.operating_points["balanced"]
    assert balanced.recall == pytest.approx(40 / 60, abs=1e-4)
    assert balanced.on == measured.chosen.operating_points["balanced"].on
    assert "60 cries in scenes" in balanced.measured_on
    assert 0.98 < manifest.metrics["test_auc"] <= 1.0


def test_without_scenes_the_manifest_says_what_the_recordings_gave(
    sets: list[Listened], chosen: Manifest
) -> None:
    manifest = with_figures(chosen, summarize(sets, None, chosen), 2_610_000.0)
    balanced = manifest.operating_points["balanced"]
    assert balanced.recall == 1.0
    assert balanced.false_alarms_per_hour == pytest.approx(3600 / (40 * 0.975), abs=0.01)
    assert "30 cry recordings" in balanced.measured_on


def test_figures_of_thresholds_that_were_chosen_before_are_not_packaged(
    measured: Measured,
) -> None:
    check_thresholds(measured.chosen, measured.evaluation)
    points = dict(measured.chosen.operating_points)
    points["balanced"] = msgspec.structs.replace(points["balanced"], on=0.99)
    moved = msgspec.structs.replace(measured.chosen, operating_points=points)
    with pytest.raises(RunError, match=r"run python -m convert\.evaluate"):
        check_thresholds(moved, measured.evaluation)


def test_a_model_that_is_not_the_measured_one_is_not_packaged(
    recipe: Recipe, run: Path, tmp_path: Path
) -> None:
    named = msgspec.structs.replace(recipe, name=OURS, card=Card(limits="-"))
    with pytest.raises(ModelError):
        package(named, run, tmp_path)
    assert list(tmp_path.iterdir()) == []
