"""A tiny data set of synthetic sounds in the manifest.csv layout, and a recipe of a few steps."""

import csv
import importlib.util
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import soundfile
import yaml

from convert.recipe import Recipe, load_recipe, settings

# How long an example takes says something of the machine only.
hypothesis.settings.register_profile("workbench", deadline=None)
hypothesis.settings.load_profile("workbench")

RATE_HZ = 16_000
RECIPES = Path(__file__).parents[2] / "convert" / "recipes"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Not importorskip: TensorFlow and the device's run time cannot live in one process."""
    if item.get_closest_marker("trains") and importlib.util.find_spec("tensorflow") is None:
        pytest.skip("needs the extra convert")


@pytest.fixture(scope="session")
def shipped_recipe() -> Recipe:
    """The recipe of the shipped detector."""
    return load_recipe(RECIPES / "cry-detector.yaml")


def wail(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """A harmonic sound around 450 Hz in bursts, each time another melody."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    slow, fast, breath = (
        np.sin(2 * np.pi * (rng.uniform(*hz) * t + rng.random()))
        for hz in ((0.5, 1.5), (2, 5), (0.8, 1.6))
    )
    f0_hz = rng.uniform(350, 550) * (1 + 0.2 * slow + 0.08 * fast)
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE_HZ
    voice = sum(rng.uniform(0.3, 1.5) * np.sin(k * phase) / k for k in range(1, 8))
    return 0.1 * voice * (breath > -0.7) + 0.001 * rng.standard_normal(len(t))


def rumble(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """Noise and hum."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return 0.05 * rng.standard_normal(len(t)) + 0.1 * np.sin(2 * np.pi * 100 * t)


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with pack/manifest.csv (4 groups a class and split) and extra/manifest.csv."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    (folder / "pack").mkdir()
    (folder / "extra").mkdir()
    rows = []
    for split in ("train", "val", "test"):
        for i in range(4):
            for label, make in (("cry", wail), ("noncry", rumble)):
                name = f"{label}_{split}_{i}.wav"
                soundfile.write(folder / "pack" / name, make(rng, 2.5), RATE_HZ)
                rows.append(
                    {
                        "path": name,
                        "label": label,
                        "fine": label,
                        "source": "tiny",
                        "original": "",
                        "licence": "CC0 (made here)",
                        "group": f"{label}:{split}:{i}",
                        "duration_s": 2.5,
                        "bandwidth_hz": 8000,
                        "split": split,
                    }
                )
    _write(folder / "pack" / "manifest.csv", rows)
    streams = []
    for name in ("a", "b"):
        soundfile.write(folder / "extra" / f"{name}.wav", rumble(rng, 6.0), RATE_HZ)
        streams.append(
            {
                "path": f"{name}.wav",
                "label": "noncry",
                "fine": "rumble",
                "source": f"stream_{name}",
                "licence": "CC0",
                "duration_s": 6.0,
            }
        )
    _write(folder / "extra" / "manifest.csv", streams)
    return folder


@pytest.fixture(scope="session")
def own_recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a class, as somebody has it who never read a page of ours."""
    folder = tmp_path_factory.mktemp("stranger") / "my-recordings"
    rng = np.random.default_rng(1)
    for name, make in (("cry", wail), ("other", rumble)):
        (folder / name).mkdir(parents=True)
        for i in range(12):
            soundfile.write(folder / name / f"{i:03d}.wav", make(rng, 2.5), RATE_HZ)
    return folder


@pytest.fixture(scope="session")
def tiny_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quick recipe on tiny_data: no teacher, rooms or human labels."""
    recipe = settings(RECIPES / "quick.yaml")
    recipe["name"] = "tiny"
    recipe["data"] = {
        "clips": ["pack/manifest.csv"],
        "streams": ["extra/manifest.csv"],
        "held_out": ["stream_b/*"],
    }
    recipe["card"] = {"limits": "- Hears nothing but synthetic sounds."}
    path = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
    path.write_text(yaml.safe_dump(recipe))
    return path


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
