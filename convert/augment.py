"""What a training hears: sounds to listen to and windows to look at, in `<run>/augment`.

Some training clips as they are and as variants, one synthetic non-cry of each kind (WAV, and a
sheet of spectrograms), and a sheet of windows as the network gets them, each before and after what
happens on the fly.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import numpy as np
import soundfile

from convert.data.clips import Clip, read_dataset
from convert.recipe import Recipe
from convert.reporting.plots.errors import spectrogram_sheet
from convert.reporting.plots.windows import window_sheet
from convert.run import AUGMENTED
from convert.sounds.audio import RATE_HZ, load_audio
from convert.sounds.rooms import rooms_of
from convert.sounds.synthetic import GLIDING, STEADY
from convert.sounds.variants import variant
from convert.step import step_arguments
from convert.training.bank import load_bank
from convert.training.sampler import Sampler
from edgecry.features.mel import MelParams
from edgecry.types import Float32Array

HEARD_CLIPS = 2
VARIANTS = 5
LONGEST_S = 8.0
BANKED_CLIPS = 60
PEAK = 0.5

Sound = tuple[str, Float32Array]


def varied(recipe: Recipe, data: Path, clips: list[Clip], rng: np.random.Generator) -> list[Sound]:
    """Clips and their variants, with names."""
    manifest = data / recipe.data.rooms if recipe.data.rooms else None
    rooms = rooms_of(manifest, recipe.variants.synthetic_rooms)
    sounds = []
    for clip in clips:
        name = f"{'cry' if clip.cry else 'noncry'}_{clip.path.stem[:24]}"
        clean = load_audio(clip.path)[: int(LONGEST_S * RATE_HZ)]
        sounds.append((f"{name}_clean", clean))
        for i in range(1, VARIANTS + 1):
            sounds.append((f"{name}_{i}", variant(clean, rooms, recipe.variants, rng)[0]))
    return sounds


def synthesised(rng: np.random.Generator) -> list[Sound]:
    """One of each kind, with its name."""
    waves = [(make.__name__, make(rng)) for make in (*STEADY, *GLIDING)]
    return [(kind, (PEAK * w / np.abs(w).max()).astype(np.float32)) for kind, w in waves]


def sampler_of(recipe: Recipe, data: Path, clips: list[Clip]) -> Sampler:
    """A sampler of these clips and some synthetic non-cries, computed anew."""
    few = min(recipe.variants.synthetic_noncries, BANKED_CLIPS)
    small = msgspec.structs.replace(
        recipe, variants=msgspec.structs.replace(recipe.variants, synthetic_noncries=few)
    )
    with tempfile.TemporaryDirectory() as cache:
        return Sampler(load_bank(small, data, clips, Path(cache)), small, MelParams())


def main() -> None:
    """Write the sounds and the sheets."""
    args, recipe = step_arguments(__doc__, ("--windows", {"type": int, "default": 24}))
    rng = np.random.default_rng([recipe.seed, 4])
    clips = [c for c in read_dataset(recipe.data, args.data) if c.split == "train"]
    cries = _some([c for c in clips if c.cry], BANKED_CLIPS, rng)
    others = _some([c for c in clips if not c.cry], BANKED_CLIPS, rng)
    folder = args.run / AUGMENTED
    folder.mkdir(parents=True, exist_ok=True)
    heard = varied(recipe, args.data, cries[:HEARD_CLIPS] + others[:HEARD_CLIPS], rng)
    made = synthesised(rng)
    for name, samples in heard + made:
        soundfile.write(folder / f"{name}.wav", np.clip(samples, -1.0, 1.0), RATE_HZ)
    spectrogram_sheet(folder / "variants.png", "Clips and their variants", heard, RATE_HZ)
    spectrogram_sheet(folder / "synthetic.png", "Synthetic non-cries", made, RATE_HZ)
    sampler = sampler_of(recipe, args.data, cries + others)
    window_sheet(folder / "windows.png", *sampler.before_and_after(args.windows))
    print(f"look at {folder}/*.png, listen to {folder}/*.wav")


def _some(clips: list[Clip], most: int, rng: np.random.Generator) -> list[Clip]:
    return [clips[i] for i in rng.permutation(len(clips))[:most]]


if __name__ == "__main__":
    main()
