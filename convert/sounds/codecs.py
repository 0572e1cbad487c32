"""What a phone or a recorder leaves of a sound."""

from __future__ import annotations

import io

import numpy as np
import soundfile

from convert.sounds.audio import RATE_HZ, resample
from edgecry.types import Float32Array

PHONE_RATE_HZ = 8_000


def through_codec(samples: Float32Array, rng: np.random.Generator) -> Float32Array:
    """The sound after GSM full rate, 8 kHz PCM, Opus or MP3: (n,)."""
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
