"""What a batch is made of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from convert.recipe import Recipe
from convert.training.bank import BankedClip, Version
from convert.training.labels import CRY
from convert.training.sampler import CLEAN_SHARE, NOT_MINED, Place, Sampler
from convert.training.weighted import Weighted
from edgecry.features.mel import FRAMES_PER_BATCH, MelParams

FRAMES = 288
WINDOWS = (FRAMES - 96) // FRAMES_PER_BATCH + 1


def clip(key: str, *, cry: bool, versions: int = 3, taught: float = 0.6) -> BankedClip:
    """Version i has the value i everywhere, and runs 1 + i / 10 times as fast."""
    made = [
        Version(np.full((int(FRAMES / (1 + i / 10)), 64), float(i), np.float16), 1 + i / 10)
        for i in range(versions)
    ]
    labels = np.full(WINDOWS, CRY, np.int8) if cry else None
    heard = np.full(WINDOWS, taught, np.float32)
    source = "tiny" if cry else "street"
    return BankedClip(key, cry, source, "x", key, "train", tuple(made), labels, heard)


@pytest.fixture
def clips() -> list[BankedClip]:
    return [clip(f"cry {i}", cry=True, versions=9) for i in range(3)] + [
        clip(f"other {i}", cry=False, versions=2, taught=0.1) for i in range(3)
    ]


def sampler(clips: list[BankedClip], recipe: Recipe, distillation: float = 0.0) -> Sampler:
    train = replace(recipe.train, distillation=distillation, cry_share=0.5)
    return Sampler(clips, replace(recipe, train=train), MelParams())


def test_targets_are_labels_moved_towards_the_teacher(
    clips: list[BankedClip], shipped_recipe: Recipe
) -> None:
    x, y = sampler(clips, shipped_recipe, distillation=0.5).batch(64)
    assert x.shape == (64, 96, 64, 1)
    assert x.dtype == y.dtype == np.float32
    assert np.unique(y) == pytest.approx([0.05, 0.8])


def test_the_same_seed_draws_the_same_batches(
    clips: list[BankedClip], shipped_recipe: Recipe
) -> None:
    first, second = (sampler(clips, shipped_recipe) for _ in range(2))
    for _ in range(3):
        assert np.array_equal(first.batch(16)[0], second.batch(16)[0])
    other = sampler(clips, replace(shipped_recipe, seed=shipped_recipe.seed + 1))
    assert not np.array_equal(sampler(clips, shipped_recipe).batch(16)[0], other.batch(16)[0])


def test_cries_and_non_cries_are_clean_equally_often(
    clips: list[BankedClip], shipped_recipe: Recipe
) -> None:
    quiet = replace(
        shipped_recipe.augment,
        background_share=0.0,
        gain_db=(0.0, 0.0),
        tilt_db=0.0,
        band_limit_share=0.0,
        microphone_share=0.0,
        mask_share=0.0,
        self_noise_power=(1e-30, 1e-30),
    )
    before, _, cry = sampler(clips, replace(shipped_recipe, augment=quiet)).before_and_after(2000)
    # Version 0 holds the value 0, all others more.
    clean = before[:, 48, 32] == before[:, 48, 32].min()
    assert clean[cry].mean() == pytest.approx(CLEAN_SHARE, abs=0.06)
    assert clean[~cry].mean() == pytest.approx(CLEAN_SHARE, abs=0.06)


def test_a_window_of_a_faster_version_asks_the_teacher_about_the_same_sound() -> None:
    slow = Version(np.zeros((FRAMES, 64), np.float16), 1.0)
    fast = Version(np.zeros((FRAMES // 2, 64), np.float16), 2.0)
    heard = np.arange(WINDOWS, dtype=np.float32)
    c = BankedClip("k", True, "s", "f", "g", "train", (slow, fast), None, heard)
    assert Place(c, 2 * FRAMES_PER_BATCH).taught == 2.0
    assert Place(c, FRAMES_PER_BATCH, version=1).taught == 2.0
    assert Place(c, -50).taught == 0.0
    assert Place(c, 10_000).taught == WINDOWS - 1


def test_what_may_hold_hidden_cries_is_not_mined(shipped_recipe: Recipe) -> None:
    doubtful = clip("doubtful", cry=False)
    doubtful = BankedClip(
        "d", False, NOT_MINED[0], "x", "d", "train", doubtful.versions, None, doubtful.taught
    )
    mineable = sampler(
        [clip("c", cry=True), clip("n", cry=False), doubtful], shipped_recipe
    ).mineable
    assert [c.key for c in mineable] == ["n"]


@given(st.lists(st.floats(0.01, 10.0), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_things_are_drawn_as_often_as_their_weight_says(weights: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = Weighted(range(len(weights)), weights)
    counts = np.bincount([drawn.draw(rng) for _ in range(400)], minlength=len(weights))
    expected = np.array(weights) / sum(weights)
    deviation = np.sqrt(expected * (1 - expected) / 400)
    assert (np.abs(counts / 400 - expected) <= 6 * deviation + 0.01).all()
