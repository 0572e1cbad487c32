"""Sounds for whole-daemon tests: the demo's synthesiser, which the model was not trained on."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from edgecry.demo.scene import Scene, build_scene


@pytest.fixture(scope="session")
def scene() -> Scene:
    """Four minutes at a cot: cries, and what is not."""
    return build_scene(240.0, seed=0)


@pytest.fixture(scope="session")
def scene_file(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scene") / "scene.wav"
    soundfile.write(path, scene.samples, scene.sample_rate_hz, subtype="PCM_16")
    return path


@pytest.fixture(scope="session")
def cry_file(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first cry of the scene with some quiet on both sides, twice: about half a minute."""
    cry = scene.cries[0]
    rate = scene.sample_rate_hz
    samples = scene.samples[int((cry.onset_s - 3) * rate) : int((cry.end_s + 7) * rate)]
    path = tmp_path_factory.mktemp("cry") / "cry.wav"
    soundfile.write(path, np.tile(samples, 2), rate, subtype="PCM_16")
    return path
