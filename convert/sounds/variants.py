"""Versions of a recording made in the sample domain: another speed, a room, a phone's codec."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import soundfile

from convert.recipe import Variants
from convert.sounds.audio import RATE_HZ, load_audio, resample
from edgecry.types import Float32Array

PHONE_RATE_HZ = 8_000


def read_rooms(manifest: Path) -> list[Float32Array]:
    """Room impulse responses, each at unit energy.

    manifest: CSV with a column path, relative to its folder or to the folder above.
    """
    with manifest.open(newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    folder = manifest.parent if (manifest.parent / paths[0]).exists() else manifest.parent.parent
    responses = [load_audio(folder / path) for path in paths]
    return [r / np.sqrt(np.sum(np.square(r))) for r in responses]


def variant(
    samples: Float32Array,
    rooms: list[Float32Array],
    settings: Variants,
    rng: np.random.Generator,
) -> tuple[Float32Array, float]:
    """A random version of a recording, and its speed (2.0 is twice as fast and an octave up)."""
    speed = float(rng.uniform(*settings.speed))
    out = resample(samples, RATE_HZ * speed, RATE_HZ)
    if rooms and rng.random() < settings.room_share:
        out = in_room(out, rooms[rng.integers(len(rooms))])
    if rng.random() < settings.codec_share:
        out = through_codec(out, rng)
    return out, speed


def in_room(samples: Float32Array, response: Float32Array) -> Float32Array:
    """Convolve, and shift back so that the direct sound stays where it was: (n,)."""
    delay = int(np.argmax(np.abs(response)))
    size = 1 << (len(samples) + len(response) - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
    return wet[delay : delay + len(samples)].astype(np.float32)


def through_codec(samples: Float32Array, rng: np.random.Generator) -> Float32Array:
    """What a phone or a recorder leaves of a sound: GSM full rate, 8 kHz PCM, Opus or MP3."""
    kind = rng.choice(["gsm", "phone", "opus", "mp3"], p=[0.4, 0.2, 0.2, 0.2])
    if kind in ("gsm", "phone"):
        narrow = resample(samples, RATE_HZ, PHONE_RATE_HZ)
        if kind == "gsm":
            narrow = _encoded(narrow, PHONE_RATE_HZ, "WAV", "GSM610", None)
        wide = resample(narrow, PHONE_RATE_HZ, RATE_HZ)
    elif kind == "opus":
        wide = _encoded(samples, RATE_HZ, "OGG", "OPUS", 0.95)
    else:
        wide = _encoded(samples, RATE_HZ, "MP3", "MPEG_LAYER_III", 0.9)
    out = np.zeros_like(samples)
    used = min(len(out), len(wide))
    out[:used] = wide[:used]
    return out


def _encoded(
    samples: Float32Array, rate_hz: int, container: str, subtype: str, compression: float | None
) -> Float32Array:
    file = io.BytesIO()
    quality = {} if compression is None else {"compression_level": compression}
    soundfile.write(
        file, np.clip(samples, -1, 1), rate_hz, format=container, subtype=subtype, **quality
    )
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    return np.asarray(decoded, np.float32)
