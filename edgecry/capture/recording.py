"""Recordings of any format, rate and length as mono audio at the model's rate."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, overload

import numpy as np

from edgecry.capture.ending import wav_of_no_length
from edgecry.capture.ffmpeg import FfmpegDecoder, ffmpeg_demuxer
from edgecry.capture.mp3 import mp3_of_unknown_length
from edgecry.capture.playback import Playback, Replay
from edgecry.capture.resample import Resampler
from edgecry.capture.sndfile import SndfileDecoder
from edgecry.clock import Clock, ManualClock
from edgecry.errors import RecordingError
from edgecry.types import Float32Array

SUFFIXES = frozenset(
    [
        ".wav",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".m4a",
        ".mp4",
        ".3gp",
        ".aac",
        ".aiff",
        ".aif",
        ".au",
        ".caf",
    ]
)
"""Which files of a folder are recordings. A file given by name is known by its content."""
MIN_RATE_HZ, MAX_RATE_HZ = 1_000, 768_000
MAX_CHANNELS = 64
MAX_AMPLITUDE = 64.0
"""A float recording may exceed full scale (1.0), but what exceeds it by 36 dB is not audio."""

_HEAD_BYTES = 16

log = logging.getLogger(__name__)


class Decoder(Protocol):
    """What a recording asks of SndfileDecoder and FfmpegDecoder."""

    sample_rate_hz: int
    channels: int
    damage: str | None

    def read(self) -> Float32Array: ...
    def close(self) -> None: ...


class Recording:
    """One recording: an iterator of (n,) float32 mono audio at `sample_rate_hz`, full scale 1.0.

    Reads wav, flac, ogg and mp3 by libsndfile; m4a and aac, and mp3 and wav that do not say how
    long they are, by the program ffmpeg; of any rate and channel count (the channels' mean), in
    memory that does not grow with their length. Use as a context manager, or close it.

    duration_s: of what has been decoded so far; of the whole after the last sample.
    Raises RecordingError, also while iterating, if there is no audio in it or what there is cannot
    be audio; and after all that is there if it is damaged or its end is missing.
    """

    def __init__(self, path: Path, sample_rate_hz: int) -> None:
        self.path = path
        self._decoder = open_decoder(path)
        rate, channels = self._decoder.sample_rate_hz, self._decoder.channels
        if not (MIN_RATE_HZ <= rate <= MAX_RATE_HZ and 1 <= channels <= MAX_CHANNELS):
            self.close()
            raise RecordingError(
                f"{path}: {rate} Hz with {channels} channels cannot be: at most {MAX_CHANNELS} "
                f"channels at {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz"
            )
        self._frames_decoded = 0
        self._audio = self._decode(Resampler(rate, sample_rate_hz))

    @property
    def duration_s(self) -> float:
        return self._frames_decoded / self._decoder.sample_rate_hz

    def __iter__(self) -> Iterator[Float32Array]:
        return self._audio

    def __next__(self) -> Float32Array:
        return next(self._audio)

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back. May be called twice."""
        self._decoder.close()

    def _decode(self, resampler: Resampler) -> Iterator[Float32Array]:
        given = 0
        while len(frames := self._decoder.read()):
            if not np.abs(frames).max() <= MAX_AMPLITUDE:  # NaN is not either
                raise RecordingError(
                    f"{self.path}: holds values that are not sound, after {self.duration_s:.2f} s"
                )
            self._frames_decoded += len(frames)
            audio = resampler.push(frames)
            given += len(audio)
            yield audio
        if self._frames_decoded == 0:
            raise RecordingError(f"{self.path}: {self._decoder.damage or 'holds no audio'}")
        rest = resampler.finish()
        yield rest if given + len(rest) else np.zeros(1, np.float32)
        if self._decoder.damage is not None:
            raise RecordingError(
                f"{self.path}: damaged after {self.duration_s:.2f} s: {self._decoder.damage}"
            )


class Recordings:
    """Recordings one after the other as one stream; the next is opened when one is over.

    One that is damaged or cannot be decoded is told in the log and does not stop those behind it.
    The first is opened at once. Raises RecordingError as Recording does, of the last.
    """

    def __init__(self, paths: Sequence[Path], sample_rate_hz: int) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._waiting = list(paths)
        self._current = self._open_next()

    def __iter__(self) -> Iterator[Float32Array]:
        return self

    def __next__(self) -> Float32Array:
        while True:
            try:
                return next(self._current)
            except StopIteration:
                if not self._waiting:
                    raise
            except RecordingError as error:
                self._go_on_after(error)
            self._current.close()
            self._current = self._open_next()

    def close(self) -> None:
        """Give the file back. May be called twice."""
        self._current.close()

    def _open_next(self) -> Recording:
        while True:
            try:
                return Recording(self._waiting.pop(0), self._sample_rate_hz)
            except RecordingError as error:
                self._go_on_after(error)

    def _go_on_after(self, error: RecordingError) -> None:
        if not self._waiting:
            raise error
        log.warning("%s; the next recording follows", error)


@overload
def open_recording(path: str | Path, sample_rate_hz: int, clock: ManualClock) -> Replay: ...
@overload
def open_recording(
    path: str | Path, sample_rate_hz: int, clock: Clock, speed: float
) -> Playback: ...
def open_recording(
    path: str | Path, sample_rate_hz: int, clock: Any, speed: float | None = None
) -> Replay | Playback:
    """A source from a recording or a folder of them, which are joined in the order of their names.

    At `speed` times the clock's pace; without it as fast as it is read, and the audio moves the
    clock. Raises RecordingError if it cannot be decoded, or if there is none in the folder.
    """
    audio = Recordings(recordings_in(Path(path)), sample_rate_hz)
    if speed is None:
        return Replay(audio, sample_rate_hz, clock)
    return Playback(audio, sample_rate_hz, clock, speed)


def recordings_in(path: Path) -> Sequence[Path]:
    """The file itself, or the recordings of a folder in the order of their names.

    Raises RecordingError if there are none.
    """
    if not path.is_dir():
        return [path]
    try:
        found = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from error
    if not found:
        raise RecordingError(
            f"{path}: a folder with no recordings in it ({' '.join(sorted(SUFFIXES))})"
        )
    return found


def open_decoder(path: Path) -> Decoder:
    """What decodes a recording, by its content. Raises RecordingError."""
    if path.is_dir():
        raise RecordingError(f"{path}: is a folder, not a recording")
    try:
        if path.exists() and not path.is_file():
            raise RecordingError(f"{path}: is not a regular file")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if not head:
            raise RecordingError(f"{path}: is empty")
        demuxer = _ffmpeg_demuxer(path, head)
        return SndfileDecoder(path) if demuxer is None else FfmpegDecoder(path, demuxer)
    except RecordingError:
        raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RecordingError(f"{path}: cannot be read: {reason}") from error


def _ffmpeg_demuxer(path: Path, head: bytes) -> str | None:
    """ffmpeg's name for what libsndfile cannot decode in full; None if it is for libsndfile."""
    if mp3_of_unknown_length(path):
        return "mp3"
    return "wav" if wav_of_no_length(path) else ffmpeg_demuxer(head)
