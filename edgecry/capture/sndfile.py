"""Decodes what libsndfile knows: wav, flac, ogg (vorbis, opus), mp3 and more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from edgecry.capture.ending import missing_end
from edgecry.errors import RecordingError
from edgecry.types import Float32Array

FRAMES_PER_READ = 8192
UNKNOWN_FRAMES = 2**63 - 1
"""libsndfile's SF_COUNT_MAX: a flac that was written into a pipe does not say how long it is."""


class SndfileDecoder:
    """The frames of one recording, by libsndfile (https://libsndfile.github.io/libsndfile/).

    sample_rate_hz, channels: as in the file.
    damage: why the recording ended before its time; None if it did not. Read it at the end.
    Raises RecordingError if the content is not audio that libsndfile knows.
    """

    def __init__(self, path: Path) -> None:
        import soundfile  # 3 MB and 10 ms that a monitor with a microphone need not spend

        self._library_error: type[Exception] = soundfile.LibsndfileError
        # By descriptor: the content decides what it is, not the extension.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            with _silent_libraries():
                self._file = soundfile.SoundFile(descriptor, closefd=True)
        except soundfile.LibsndfileError as error:
            raise RecordingError(
                f"{path}: not a recording that can be decoded (wav, flac, ogg, mp3, m4a, aac)"
            ) from error
        # soundfile seeks in place after every read, and a seek garbles mp3 (libsndfile 1.2.2).
        self._file.seekable = lambda: False
        self.sample_rate_hz: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.damage: str | None = None
        self._missing: int = self._file.frames
        self._missing_end = missing_end(path)

    def read(self) -> Float32Array:
        """The next (n, channels) float32 frames at full scale 1.0; n is 0 at the end."""
        try:
            with _silent_libraries():
                # No further: libsndfile would take what somebody put behind a flac for damage.
                frames: Float32Array = self._file.read(
                    min(FRAMES_PER_READ, self._missing), dtype="float32", always_2d=True
                )
        except self._library_error as error:
            self.damage = str(error)
            return np.empty((0, self.channels), np.float32)
        self._missing -= len(frames)
        if not len(frames):
            self.damage = self._what_is_missing()
        return frames

    def close(self) -> None:
        """May be called twice."""
        self._file.close()

    def _what_is_missing(self) -> str | None:
        if self._missing > 0 and self._file.frames != UNKNOWN_FRAMES:
            return f"its last {self._missing / self.sample_rate_hz:.2f} s are missing"
        return self._missing_end


@contextmanager
def _silent_libraries() -> Iterator[None]:
    """libmpg123 writes its complaints about mp3 to standard error; RecordingError tells of them."""
    try:
        stderr = os.dup(2)
    except OSError:  # closed: nothing is heard anyway
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
