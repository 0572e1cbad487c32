"""What the networks of the benchmark see of a clip, computed once and kept in files.

Mel spectrograms, MFCC and chroma are librosa's, as the authors had them.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import warnings
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import process_time
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from convert.measuring.yamnet import WINDOW_SAMPLES
from convert.reasons.approach import (
    Approach,
    Copies,
    DeviceMel,
    Features,
    Items,
    MelDb,
    MfccChroma,
    Picture,
    Stft,
)
from convert.reasons.sounds import LabelledClip
from convert.sounds import audio, stretch
from convert.sounds.audio import RATE_HZ, load_audio, resample
from convert.training.cached import Arrays, cached
from edgecry.features import mel
from edgecry.features.mel import LogMel, MelParams
from edgecry.types import Float32Array

RANGE_DB = 80.0
TIMED_CLIPS, TIMES = 10, 4
YAMNET_EMBEDDING = (1, 1024)
"""Shape of the one tensor of YAMNet that is its embedding: the mean over its last map."""

Seen = NDArray[np.float32] | NDArray[np.uint8]
Version = tuple[LabelledClip, int]


def seen(
    approach: Approach, data: Path, versions: Sequence[Version], cache: Path
) -> Iterator[Seen]:
    """The features of each version of a clip, (pieces, ...); version 0 is as recorded.

    From the cache where they are there already.
    """
    modules = (audio, stretch, mel, inspect.getmodule(seen))
    code = b"".join(Path(inspect.getfile(m)).read_bytes() for m in modules if m)
    about = msgspec.json.encode([approach.features, approach.items])
    changed = msgspec.json.encode(approach.copies)
    model = getattr(approach.features, "model", None)
    made_by = hashlib.sha256(
        code + about + ((data / model).read_bytes() if model else b"")
    ).digest()
    keys = [
        _key(made_by, changed if version else b"", clip.key, version, clip.path.read_bytes())
        for clip, version in versions
    ]
    tasks = [(approach, data, clip, version) for clip, version in versions]
    for arrays in cached(cache, tasks, keys, _make, f"features of {approach.name}"):
        yield arrays["seen"]


def milliseconds(approach: Approach, data: Path, clips: Sequence[LabelledClip]) -> float:
    """CPU time of the features of one clip, the recording in memory: the median of TIMED_CLIPS, of
    each the fastest of TIMES, for others slow the machine down and nobody makes it faster."""
    found = []
    for clip in clips[:TIMED_CLIPS]:
        samples = load_audio(clip.path)
        taken = []
        for _ in range(TIMES):
            begin = process_time()
            features_of(samples, approach, data)
            taken.append(1000 * (process_time() - begin))
        found.append(min(taken))
    return float(np.median(found))


def features_of(samples: Float32Array, approach: Approach, data: Path) -> Seen:
    """(pieces, ...) of a clip. samples: (n,) at RATE_HZ."""
    features = approach.features
    rate_hz = getattr(features, "rate_hz", RATE_HZ)
    pieces = cut(resample(samples, RATE_HZ, rate_hz), approach.items, rate_hz)
    seen_by_piece: list[NDArray[Any]] = [_features(piece, features, data) for piece in pieces]
    return np.stack(seen_by_piece)


def cut(samples: Float32Array, items: Items, rate_hz: int) -> list[Float32Array]:
    """The pieces of a clip, each of `items.seconds`; a clip that is shorter is repeated."""
    length, hop = round(items.seconds * rate_hz), (items.hop_s or 0.0) * rate_hz
    count = items.count(len(samples) / rate_hz)
    return [np.resize(samples[round(i * hop) :][:length], length) for i in range(count)]


def changed_copy(samples: Float32Array, copies: Copies, rng: np.random.Generator) -> Float32Array:
    """A copy with another pitch and tempo, in noise: (n,) -> (n,)."""
    pitch = 2.0 ** (rng.uniform(-copies.semitones, copies.semitones) / 12.0)
    tempo = float(rng.uniform(*copies.tempo))
    out = stretch.stretch(resample(samples, RATE_HZ * pitch, RATE_HZ), tempo / pitch)
    level = np.sqrt(np.mean(np.square(out, dtype=np.float64)))
    noise = level * 10 ** (-rng.uniform(*copies.noise_snr_db) / 20)
    noisy = out + noise * rng.standard_normal(len(out))
    return np.resize(noisy, len(samples)).astype(np.float32)


def _make(task: tuple[Approach, Path, LabelledClip, int]) -> Arrays:
    approach, data, clip, version = task
    samples = load_audio(clip.path)
    if version:
        assert approach.copies is not None
        rng = np.random.default_rng([version, zlib.crc32(clip.key.encode())])
        samples = changed_copy(samples, approach.copies, rng)
    return {"seen": features_of(samples, approach, data)}


def _features(samples: Float32Array, features: Features, data: Path) -> Seen:
    if isinstance(features, Picture):
        return _picture(_mel_db(samples, features), features)
    if isinstance(features, MelDb):
        return _mel_db(samples, features)[..., None]
    if isinstance(features, MfccChroma):
        return _mfcc_chroma(samples, features)[..., None]
    if isinstance(features, Stft):
        return _stft(samples, features)[..., None]
    if isinstance(features, DeviceMel):
        return LogMel(MelParams())(samples)[..., None]
    return _embedding(data / features.model)(samples)


def _mel_db(samples: Float32Array, features: MelDb) -> Float32Array:
    """(frames, mels) of 0..1."""
    import librosa

    power = librosa.feature.melspectrogram(
        y=samples,
        sr=features.rate_hz,
        n_fft=features.fft_samples,
        hop_length=features.hop_samples,
        n_mels=features.mels,
    )
    under_db = librosa.power_to_db(power, ref=max(float(power.max()), 1e-10), top_db=RANGE_DB)
    return np.asarray(1.0 + under_db.T / RANGE_DB, np.float32)


def _picture(scaled: Float32Array, features: Picture) -> NDArray[np.uint8]:
    """(pixels, pixels, 3), low bands at the bottom, time from left to right."""
    from matplotlib import colormaps
    from PIL import Image

    coloured = colormaps[features.colours](scaled.T[::-1], bytes=True)[..., :3]
    picture = Image.fromarray(np.ascontiguousarray(coloured))
    return np.asarray(picture.resize((features.pixels, features.pixels)), np.uint8)


def _mfcc_chroma(samples: Float32Array, features: MfccChroma) -> Float32Array:
    """(frames, coefficients + 12). The pitch classes are those of concert pitch."""
    import librosa

    power = np.square(
        np.abs(librosa.stft(samples, n_fft=features.fft_samples, hop_length=features.hop_samples))
    )
    mel_power = librosa.feature.melspectrogram(S=power, sr=features.rate_hz)
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel_power), n_mfcc=features.coefficients)
    chroma = librosa.feature.chroma_stft(S=power, sr=features.rate_hz, tuning=0.0)
    return np.asarray(np.concatenate([mfcc, chroma]).T, np.float32)


def _stft(samples: Float32Array, features: Stft) -> Float32Array:
    """(frames, bins): periodic Hann window, the next power of two as FFT size, magnitudes."""
    length = features.frame_samples
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[:: features.step_samples]
    spectrum = np.fft.rfft(frames * hann, n=1 << (length - 1).bit_length(), axis=-1)
    return np.abs(spectrum).astype(np.float32)


class _Embedding:
    """YAMNet without its last layer: (WINDOW_SAMPLES,) -> (1024,)."""

    def __init__(self, model: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # inner tensors are for debugging, it says
            self._interpreter: Any = Interpreter(
                str(model), num_threads=1, experimental_preserve_all_tensors=True
            )
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]
        details = self._interpreter.get_tensor_details()
        [self._index] = [d["index"] for d in details if tuple(d["shape"]) == YAMNET_EMBEDDING]

    def __call__(self, samples: Float32Array) -> Float32Array:
        window = np.resize(samples, WINDOW_SAMPLES)
        self._interpreter.set_tensor(self._input["index"], window.reshape(self._input["shape"]))
        self._interpreter.invoke()
        return np.array(self._interpreter.get_tensor(self._index)[0], np.float32)


_embedding = functools.cache(_Embedding)
"""Loaded once in each process."""


def _key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
