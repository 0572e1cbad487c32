"""What is kept of every clip: the clean sound and its versions."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from convert.data.clips import survey
from convert.recipe import Data, Recipe
from convert.sounds.audio import RATE_HZ
from convert.training.bank import banked_clips

SECONDS = {"cry": 2.0, "bark": 2.0}


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    head = "path,label,fine,source,licence,group,duration_s,split"
    rows = [
        f"{name}.wav,{'cry' if name == 'cry' else 'noncry'},{name},s,CC0,{name},{seconds},train"
        for name, seconds in SECONDS.items()
    ]
    for name, seconds in SECONDS.items():
        noise = 0.1 * rng.standard_normal(int(seconds * RATE_HZ)).astype(np.float32)
        soundfile.write(tmp_path / f"{name}.wav", noise, RATE_HZ)
    (tmp_path / "manifest.csv").write_text("\n".join([head, *rows, ""]))
    return tmp_path


def test_sounds_have_as_many_versions_as_the_recipe_says(
    recordings: Path, shipped_recipe: Recipe, tmp_path: Path
) -> None:
    replace = msgspec.structs.replace
    recipe = replace(
        shipped_recipe,
        data=Data(clips=["manifest.csv"]),
        variants=replace(shipped_recipe.variants, per_cry=3, per_noncry=2, synthetic_rooms=2),
    )
    clips, _ = survey(recipe.data, recordings)
    banked = banked_clips(recipe, recordings, clips, tmp_path / "cache")
    clean = 1
    assert {b.fine: len(b.versions) for b in banked} == {
        "cry": clean + 3,
        "bark": clean + 2,
    }
    again = banked_clips(recipe, recordings, clips, tmp_path / "cache")
    for first, second in zip(banked, again, strict=True):
        for a, b in zip(first.versions, second.versions, strict=True):
            assert np.array_equal(a.log_power, b.log_power)
