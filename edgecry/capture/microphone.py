"""A real microphone through PortAudio. The only module that imports sounddevice."""

from __future__ import annotations

import json
import logging
import math
import re
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from edgecry.capture.flat_tops import flat_share
from edgecry.capture.guard import Guard
from edgecry.capture.resample import Resampler
from edgecry.capture.ring import Int16Frames, Ring
from edgecry.clock import Clock
from edgecry.errors import CaptureError, SilentError
from edgecry.types import AudioBlock, Fault

log = logging.getLogger(__name__)

MAX_CHANNELS = 2
"""ALSA's plug devices offer 32 channels, copies of the one or two that exist."""
CALLBACK_S = 0.02
STALL_S = 1.5
"""Waited for a callback for so long, the microphone is lost."""
SILENCE_S = 2.0
"""One exact value for this long is a lost microphone: a converter that is alive has noise."""
SETTLE_S = 1.0
"""Zeros right after opening are not counted for this long: some USB microphones start with them."""

_portaudio = Guard("PortAudio", deadline_s=2.0)


@dataclass(frozen=True, slots=True)
class MicrophoneInfo:
    """One microphone that PortAudio knows.

    index: its number, which changes when devices come and go; the name is the better key.
    channels, sample_rate_hz: what it is opened with.
    """

    index: int
    name: str
    host_api: str
    channels: int
    sample_rate_hz: int
    is_default: bool

    @property
    def key(self) -> str:
        """What to write into config.yaml: the name without ALSA's card number, which changes."""
        return re.sub(r" \(hw:\d+,\d+\)$", "", self.name)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "key": self.key}

    def __str__(self) -> str:
        """A line for config.yaml."""
        facts = (
            f"number {self.index}, {self.host_api}, {self.channels} ch, {self.sample_rate_hz} Hz"
        )
        return f"device: {json.dumps(self.key)}  # {facts}{', default' if self.is_default else ''}"


class Microphone:
    """A source that gives what a microphone hears, as mono at the model's rate, from sample 0 on.

    device: part of its name (in any case), its index, or None for the system's default.
    buffer_s: how late the reader may be before it loses audio.

    PortAudio itself is started anew, or it would not see a microphone that has been plugged in
    since; so a process can have one Microphone at a time. PortAudio does not report a microphone
    that is lost: `read` sees it by callbacks that end or stay away, and by digital silence (what a
    sound server gives to a stream whose device has gone). Raises CaptureError if it cannot be
    opened.
    """

    lost: Fault | None = None

    def __init__(
        self, device: str | int | None, sample_rate_hz: int, buffer_s: float, clock: Clock
    ) -> None:
        self.info = _find(list_microphones(), device)
        native_hz, channels = self.info.sample_rate_hz, self.info.channels
        self._rate = sample_rate_hz
        self._native_hz = native_hz
        self._clock = clock
        self._ring = Ring(round(buffer_s * native_hz), channels)
        self._reader = self._ring.reader()
        self._resampler = Resampler(native_hz, sample_rate_hz)
        self._next_sample = 0
        self._overflowed = False
        self._frames_heard = 0
        self._silent_frames = 0
        self._waited_s = 0.0
        self._last_frame: Int16Frames | None = None
        self._callback_mono_s = clock.monotonic_s()
        self._expected_adc_s = math.inf
        self._arrived = threading.Event()
        self._ended = threading.Event()
        self.input_overflows = 0
        self._stream = _portaudio.call(self._start, discard=lambda stream: stream.close())

    def read(self, timeout_s: float) -> AudioBlock | None:
        """What has been heard since the last call, or None if nothing is heard within `timeout_s`.

        A loss of audio ends the resampler's run too: up to 0.1 s before it are lost with it.
        Raises CaptureError if the microphone is lost.
        """
        in_time = self._reader.unread > 0 or self._arrived.wait(timeout_s)
        self._arrived.clear()
        chunk = self._reader.read(self._ring.capacity)
        frames = self._zero_if_still(chunk.frames)
        self._watch(frames, waited_s=0.0 if in_time else timeout_s)
        if chunk.lost:
            self._overflowed = True
            self._resampler.finish()
            self._next_sample = round(chunk.first_frame * self._rate / self._native_hz)
        samples = self._resampler.push(frames)
        if not len(samples):
            return None
        block = AudioBlock(
            samples,
            self._rate,
            self._next_sample,
            self._callback_mono_s,
            self._overflowed,
            flat_share(frames),
        )
        self._next_sample = block.end_sample
        self._overflowed = False
        return block

    def close(self) -> None:
        """Give the device back. May be called twice."""
        try:
            _portaudio.call(self._stream.close)
        except CaptureError as error:
            log.warning("%s", self._error(f"cannot be closed: {error}"))

    def _start(self) -> Any:
        import sounddevice

        stream = None
        try:
            stream = sounddevice.InputStream(
                device=self.info.index,
                samplerate=self._native_hz,
                channels=self.info.channels,
                dtype="int16",
                blocksize=round(CALLBACK_S * self._native_hz),
                callback=self._on_audio,
                finished_callback=self._on_end,
            )
            stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            if stream is not None:
                stream.close()
            raise self._error(
                "cannot be opened: check its plug, and that no other program uses it "
                f"({' '.join(str(error).split())})"
            ) from error
        return stream

    def _on_audio(self, frames: Int16Frames, count: int, time: Any, status: Any) -> None:
        """PortAudio's thread: copy, count, notify, and nothing else."""
        now_s = self._clock.monotonic_s()
        if status.input_overflow:
            self.input_overflows += 1
            missing_s = time.inputBufferAdcTime - self._expected_adc_s
            possible_s = now_s - self._callback_mono_s
            lost_s = max(0.0, min(missing_s, possible_s))
            self._ring.skip(max(1, round(lost_s * self._native_hz)))
        self._ring.write(frames)
        self._expected_adc_s = time.inputBufferAdcTime + count / self._native_hz
        self._callback_mono_s = now_s
        self._arrived.set()

    def _on_end(self) -> None:
        """PortAudio's thread: the stream is over, whoever ended it."""
        self._ended.set()
        self._arrived.set()

    def _zero_if_still(self, frames: Int16Frames) -> Int16Frames:
        """A converter that stands still, at whatever value, is as silent as one of zeros."""
        if not len(frames):
            return frames
        before = frames[0] if self._last_frame is None else self._last_frame
        self._last_frame = frames[-1]
        return frames if (frames != before).any() else np.zeros_like(frames)

    def _watch(self, frames: Int16Frames, waited_s: float) -> None:
        """Raise if it is lost. Only waiting counts: a process that stood still has not listened."""
        self._waited_s = 0.0 if len(frames) else self._waited_s + waited_s
        if len(frames):
            self._frames_heard += len(frames)
            if frames.any() or self._frames_heard < SETTLE_S * self._native_hz:
                self._silent_frames = 0
            else:
                self._silent_frames += len(frames)
            if self._silent_frames >= SILENCE_S * self._native_hz:
                raise SilentError(
                    self._words(
                        f"has given only zeros or one value for {SILENCE_S:g} s: it is muted, "
                        "broken, or has been unplugged and replaced by silence; check its switch, "
                        "its plug and `edgecry list-devices`"
                    )
                )
        elif self._ended.is_set() or not self._stream.active:
            raise self._error("has gone: check its plug and `edgecry list-devices`")
        elif self._waited_s >= STALL_S:
            raise self._error(
                f"has given nothing for {STALL_S:g} s: unplug it and plug it in again"
            )

    def _error(self, problem: str) -> CaptureError:
        return CaptureError(self._words(problem))

    def _words(self, problem: str) -> str:
        return f"microphone {self.info.name!r} {problem}"


def list_microphones() -> list[MicrophoneInfo]:
    """Every microphone of this machine. Not for a process that has a Microphone open.

    Raises CaptureError if PortAudio cannot be used.
    """
    return _portaudio.call(_query)


def _query() -> list[MicrophoneInfo]:
    try:
        import sounddevice  # 24 MB, and it fails where PortAudio is not installed
    except Exception as error:
        raise CaptureError(
            f"microphones need the library PortAudio ({error}): apt install libportaudio2"
        ) from error
    try:
        while sounddevice._initialized:
            sounddevice._terminate()
        sounddevice._initialize()
        default = sounddevice.default.device[0]
        found = []
        for host_api in sounddevice.query_hostapis():
            for index in host_api["devices"]:
                # One whose name is no text could not be written into config.yaml.
                with suppress(UnicodeDecodeError):
                    device = sounddevice.query_devices(index)
                    found.append(_info(index, device, host_api["name"], index == default))
        return [each for each in found if each.channels]
    except sounddevice.PortAudioError as error:
        raise CaptureError(f"PortAudio cannot list the microphones: {error}") from error


def _info(index: int, device: dict[str, Any], host_api: str, is_default: bool) -> MicrophoneInfo:
    return MicrophoneInfo(
        index=index,
        name=device["name"],
        host_api=host_api,
        channels=min(MAX_CHANNELS, device["max_input_channels"]),
        sample_rate_hz=round(device["default_samplerate"]),
        is_default=is_default,
    )


def _find(microphones: list[MicrophoneInfo], device: str | int | None) -> MicrophoneInfo:
    """The one that `device` names. Raises CaptureError, with the candidates, if it is not one."""
    if not microphones:
        raise CaptureError("this machine has no microphone: plug one in")
    candidates = microphones
    if device is None:
        found = [m for m in microphones if m.is_default]
        problem = "there is no default microphone: set audio.device to one of"
    elif isinstance(device, int):
        found = [m for m in microphones if m.index == device]
        problem = f"no microphone has the number {device}; there are"
    else:
        found = [m for m in microphones if device.lower() in m.name.lower()]
        same = [m for m in found if device.lower() == m.name.lower()]
        found = same if len(same) == 1 else found
        problem = f"no microphone's name has {device!r} in it; there are"
        if len(found) > 1:
            candidates = found
            problem = f"more than one microphone's name has {device!r} in it; say which of"
    if len(found) == 1:
        return found[0]
    raise CaptureError(f"{problem} {', '.join(f'{m.name!r} ({m.index})' for m in candidates)}")
