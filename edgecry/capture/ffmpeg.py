"""Decodes by the program `ffmpeg` what libsndfile cannot: m4a, aac, some mp3 and wav in full."""

from __future__ import annotations

import os
import re
import selectors
import struct
import subprocess
import time
from pathlib import Path

import numpy as np

from edgecry.errors import RecordingError
from edgecry.types import Float32Array

BYTES_PER_READ = 65536
DEADLINE_S = 20.0
"""ffmpeg gives the next bytes within this time or is killed."""
MAX_COMPLAINT_BYTES = 4096

_AU_HEADER = struct.Struct(">4sIIIII")  # magic, data offset, size, encoding, rate, channels
_AU_FLOAT32 = 6
_LOG_PREFIX = re.compile(r"^\[[^]]*\] ")  # "[mov,mp4 @ 0x55d0] "


def ffmpeg_demuxer(head: bytes) -> str | None:
    """ffmpeg's name for the container that begins with `head`; None if it is not for ffmpeg.

    ISO/IEC 14496-12 (m4a, mp4, 3gp): a box of type `ftyp` comes first.
    ISO/IEC 13818-7 (aac): an ADTS header, 12 bits of sync word, then layer 0.
    """
    if head[4:8] == b"ftyp":
        return "mov"
    if len(head) >= 2 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "aac"
    return None


class FfmpegDecoder:
    """The frames of one recording, by a child process that is killed at `close`.

    sample_rate_hz, channels: as in the file.
    damage: why the recording ended before its time; None if it did not. Read it at the end.
    Raises RecordingError if ffmpeg is not installed or cannot decode the file.
    """

    def __init__(self, path: Path, demuxer: str) -> None:
        self._pending = b""
        self._complaints = b""
        self.damage: str | None = None
        try:
            self._process = subprocess.Popen(
                [
                    *("ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error"),
                    *("-protocol_whitelist", "file,pipe", "-threads", "1"),
                    *("-f", demuxer, "-i", f"file:{path}", "-map", "0:a:0"),
                    *("-c:a", "pcm_f32be", "-f", "au", "pipe:1"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError:
            raise RecordingError(
                f"{path}: needs the program ffmpeg, as all m4a and aac and some mp3 and wav do: "
                "apt install ffmpeg"
            ) from None
        self._selector = selectors.DefaultSelector()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ)
        try:
            self.sample_rate_hz, self.channels = self._read_header()
        except (RecordingError, TimeoutError) as error:
            self.close()
            raise RecordingError(f"{path}: {error}") from error

    def read(self) -> Float32Array:
        """The next (n, channels) float32 frames at full scale 1.0; n is 0 at the end."""
        frame_bytes = 4 * self.channels
        try:
            while len(self._pending) < frame_bytes and self._more():
                pass
        except TimeoutError as error:
            self.damage = str(error)
            self._pending = b""
        whole = len(self._pending) // frame_bytes * frame_bytes
        frames = np.frombuffer(self._pending[:whole], ">f4").reshape(-1, self.channels)
        self._pending = self._pending[whole:]
        if not whole and self.damage is None and self._failed():
            self.damage = self._complaint()
        return frames.astype(np.float32)

    def close(self) -> None:
        """End the child at once. May be called twice."""
        self._process.kill()
        self._process.wait()
        self._selector.close()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def _read_header(self) -> tuple[int, int]:
        while len(self._pending) < _AU_HEADER.size:
            if not self._more():
                raise RecordingError(f"not a recording: {self._complaint()}")
        magic, offset, _, encoding, rate, channels = _AU_HEADER.unpack_from(self._pending)
        if magic != b".snd" or encoding != _AU_FLOAT32:
            raise RecordingError("ffmpeg answered with something that is not audio")
        while len(self._pending) < offset:
            if not self._more():
                raise RecordingError("holds no audio")
        self._pending = self._pending[offset:]
        return rate, channels

    def _more(self) -> bool:
        """Wait for more of the audio; False at its end. Raises TimeoutError at the deadline."""
        deadline_s = time.monotonic() + DEADLINE_S
        while self._selector.get_map():
            ready = self._selector.select(max(0.0, deadline_s - time.monotonic()))
            if not ready:
                raise TimeoutError(f"ffmpeg gave nothing for {DEADLINE_S:g} s")
            for key, _ in ready:
                data = os.read(key.fd, BYTES_PER_READ)
                if not data:
                    self._selector.unregister(key.fileobj)
                elif key.fileobj is self._process.stderr:
                    self._complaints = (self._complaints + data)[:MAX_COMPLAINT_BYTES]
                else:
                    self._pending += data
                    return True
        return False

    def _failed(self) -> bool:
        try:
            return self._process.wait(DEADLINE_S) != 0 or bool(self._complaints)
        except subprocess.TimeoutExpired:
            return True

    def _complaint(self) -> str:
        lines = self._complaints.decode(errors="replace").strip().splitlines()
        return _LOG_PREFIX.sub("", lines[0]) if lines else "ffmpeg gave no reason"
