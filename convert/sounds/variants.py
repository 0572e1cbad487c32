"""Versions of a recording made in the sample domain, once, before training."""

from __future__ import annotations

import numpy as np

from convert.recipe import Variants
from convert.sounds.audio import RATE_HZ, resample
from convert.sounds.clipping import clipped
from convert.sounds.codecs import through_codec
from convert.sounds.rooms import in_room
from convert.sounds.stretch import stretch
from edgecry.types import Float32Array


def variant(
    samples: Float32Array,
    rooms: list[Float32Array],
    settings: Variants,
    rng: np.random.Generator,
) -> tuple[Float32Array, float]:
    """A random version of a recording, and how many times as fast it runs.

    What a sound goes through on its way: the voice (speed, then pitch and tempo each for itself),
    the room, a microphone driven too hard, the codec.
    """
    tempo = pitch = float(rng.uniform(*settings.speed))
    if rng.random() < settings.pitch_tempo_share:
        pitch *= 2.0 ** (rng.uniform(-settings.pitch_semitones, settings.pitch_semitones) / 12.0)
        tempo *= float(rng.uniform(*settings.tempo))
    out = resample(samples, RATE_HZ * pitch, RATE_HZ)
    if tempo != pitch:
        out = stretch(out, tempo / pitch)
    if rooms and rng.random() < settings.room_share:
        out = in_room(out, rooms[rng.integers(len(rooms))])
    if rng.random() < settings.clip_share:
        out = clipped(out, rng)
    if rng.random() < settings.codec_share:
        out = through_codec(out, rng)
    return out, tempo
