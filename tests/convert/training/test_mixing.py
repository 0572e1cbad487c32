"""What augmentation promises, in numbers."""

import msgspec
import numpy as np
import pytest

from convert.recipe import Augment, Recipe
from convert.training.mixing import (
    active_power,
    augment,
    layered,
    mask,
    mix,
    mixup,
    responses,
    self_noise,
)
from edgecry.features.mel import LogMel, MelParams, compress

PARAMS = MelParams()


@pytest.fixture
def settings(shipped_recipe: Recipe) -> Augment:
    return shipped_recipe.augment


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def powers(rng: np.random.Generator, n: int = 6) -> np.ndarray:
    return rng.gamma(2.0, 1.0, (n, 96, 64)).astype(np.float32)


@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 20.0])
def test_the_background_is_at_the_asked_level(rng: np.random.Generator, snr_db: float) -> None:
    power, background = powers(rng), 40 * powers(rng)
    added = mix(power, background, np.full(len(power), snr_db)) - power
    measured_db = 10 * np.log10(active_power(power) / active_power(added))
    assert np.allclose(measured_db, snr_db, atol=0.05)


def test_no_background_and_silence_change_nothing(rng: np.random.Generator) -> None:
    power = powers(rng)
    none = np.full(len(power), np.inf)
    assert np.array_equal(mix(power, powers(rng), none), power)
    assert np.array_equal(mix(power, 0 * power, np.zeros(len(power))), power)


def test_mixing_powers_is_mixing_sounds(rng: np.random.Generator) -> None:
    """The mel power of a sum of independent sounds is the sum of their powers, on average."""
    mel = LogMel(PARAMS)
    sounds = 0.1 * rng.standard_normal((2, 160_000)).astype(np.float32)

    def power(samples: np.ndarray) -> np.ndarray:
        return np.exp(mel(samples) * PARAMS.scale_nats + PARAMS.offset_nats).mean(axis=0)

    ratio_db = 10 * np.log10(power(sounds.sum(axis=0)) / (power(sounds[0]) + power(sounds[1])))
    assert np.abs(ratio_db).max() < 1.0


def test_without_any_change_the_result_is_the_devices_features(
    settings: Augment, rng: np.random.Generator
) -> None:
    nothing = msgspec.structs.replace(
        settings,
        gain_db=(0.0, 0.0),
        background_share=0.0,
        band_limit_share=0.0,
        microphone_share=0.0,
        tilt_db=0.0,
        self_noise_power=(1e-30, 1e-30),
        mask_share=0.0,
    )
    device = LogMel(PARAMS)(0.05 * rng.standard_normal(15_600).astype(np.float32))[None]
    log_power = device * PARAMS.scale_nats + PARAMS.offset_nats
    result = augment(log_power, log_power, nothing, PARAMS, rng)
    assert np.allclose(result, device, atol=1e-5)


def test_band_limits_come_at_random_and_cut_the_top_only(
    settings: Augment, rng: np.random.Generator
) -> None:
    flat = msgspec.structs.replace(
        settings, tilt_db=0.0, band_limit_share=0.5, microphone_share=0.0
    )
    gains_db = 10 * np.log10(responses(2000, flat, PARAMS, rng))
    limited = gains_db[:, -1] < -3.0
    assert 0.35 < limited.mean() <= 0.5
    assert np.abs(gains_db[:, 20:35]).max() < 1.0
    assert np.abs(gains_db[~limited, 20:60]).max() < 3.0


def test_masks_hide_at_most_what_the_recipe_allows(
    settings: Augment, rng: np.random.Generator
) -> None:
    always = msgspec.structs.replace(settings, mask_share=1.0)
    windows = rng.standard_normal((50, 96, 64)).astype(np.float32)
    changed = mask(windows.copy(), always, rng) != windows
    frames = changed.all(axis=2).sum(axis=1)
    mels = changed.all(axis=1).sum(axis=1)
    assert frames.max() <= settings.mask_frames
    assert mels.max() <= settings.mask_mels
    assert frames.max() > 0 < mels.max()


def test_microphones_differ_and_stay_within_reason(
    settings: Augment, rng: np.random.Generator
) -> None:
    only = msgspec.structs.replace(
        settings, tilt_db=0.0, band_limit_share=0.0, microphone_share=1.0
    )
    gains_db = 10 * np.log10(responses(2000, only, PARAMS, rng))
    assert gains_db.dtype == np.float32
    assert -25.0 < gains_db.min() < gains_db.max() < 17.0
    assert gains_db.std(axis=0).min() > 0.5


def test_self_noise_has_its_level_and_swings_like_a_band_of_noise(
    settings: Augment, rng: np.random.Generator
) -> None:
    one = msgspec.structs.replace(settings, self_noise_power=(1e-3, 1e-3))
    power = self_noise((20, 96, 64), one, rng)
    assert power.dtype == np.float32
    assert power.mean() == pytest.approx(1e-3, rel=0.02)
    assert power.std() / power.mean() == pytest.approx(np.sqrt(0.5), rel=0.02)


@pytest.mark.parametrize("level_db", [-10.0, 0.0, 10.0])
def test_layers_have_the_asked_levels(rng: np.random.Generator, level_db: float) -> None:
    power = powers(rng, 2) * np.array([1.0, 300.0], np.float32)[:, None, None]
    power[0, :, 32:] = power[1, :, :32] = 1e-12
    both = np.exp(layered(np.log(power), np.array([0.0, level_db])))
    below, above = both.copy(), both.copy()
    below[:, 32:] = above[:, :32] = 0.0
    ratio = active_power(above[None]) / active_power(below[None])
    assert 10 * np.log10(ratio[0]) == pytest.approx(level_db, abs=0.05)


def test_a_silent_layer_adds_nothing(rng: np.random.Generator) -> None:
    sound = np.log(powers(rng, 1))
    both = layered(np.concatenate((sound, np.full_like(sound, -27.6))), np.zeros(2))
    assert np.allclose(both - both.max(), (sound - sound.max())[0], atol=1e-3)


def test_mixup_blends_windows_as_it_blends_targets(
    settings: Augment, rng: np.random.Generator
) -> None:
    always = msgspec.structs.replace(settings, mixup_share=1.0)
    targets = np.arange(40, dtype=np.float32)[:, None]
    windows = np.broadcast_to(targets[:, :, None, None], (40, 96, 64, 1)).copy()
    mixed, blended = mixup(windows, targets, always, rng)
    assert mixed.dtype == blended.dtype == np.float32
    assert np.allclose(mixed[:, 5, 5], blended)
    assert (blended != targets).mean() > 0.8
    never = msgspec.structs.replace(settings, mixup_share=0.0)
    assert np.array_equal(mixup(windows, targets, never, rng)[0], windows)


def test_the_floor_is_the_devices() -> None:
    silence = compress(np.zeros((1, 96, 64), np.float32), PARAMS)
    device = LogMel(PARAMS)(np.zeros(15_600, np.float32))
    assert np.allclose(silence[0], device, atol=1e-6)
