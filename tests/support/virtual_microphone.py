"""A microphone made of PulseAudio and a pipe: the real PortAudio and ALSA, without a sound card."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAME = "pipemic"
RATE_HZ = 44_100
"""What PortAudio takes for the native rate of ALSA's pulse devices."""
_CHUNK = RATE_HZ // 100
_DEADLINE_S = 20.0


def why_not() -> str | None:
    """Why there can be no virtual microphone on this machine; None if there can."""
    missing = [program for program in ("pulseaudio", "pactl") if shutil.which(program) is None]
    if missing:
        return f"{' and '.join(missing)} not installed: apt install pulseaudio"
    if not list(Path("/usr/lib").glob("**/alsa-lib/libasound_module_pcm_pulse.so")):
        return "ALSA's pulse plugin not installed: apt install libasound2-plugins"
    return None


class VirtualMicrophone:
    """A mono microphone whose room is quiet noise, or what it is given to play.

    folder: an empty one with a short absolute path (a Unix socket is made in it).
    environment: what a process needs to see this microphone, and no other.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pipe = folder / "pipe"
        socket = folder / "native"
        self._asound = asound = folder / "asound.conf"
        asound.write_text(
            "</usr/share/alsa/alsa.conf>\n"
            f'pcm.{NAME} {{ type pulse device "{NAME}" hint {{ show on description "mic" }} }}\n'
        )
        self.environment = {"PULSE_SERVER": f"unix:{socket}", "ALSA_CONFIG_PATH": str(asound)}
        private = {"XDG_RUNTIME_DIR": folder, "HOME": folder, "PULSE_RUNTIME_PATH": folder}
        self._server = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
                *("--disable-shm=yes", "--log-level=error"),
                *("-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1"),
            ],
            env={**os.environ, **{name: str(path) for name, path in private.items()}},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._module: str | None = None
        self._lock = threading.Lock()
        self._playing: NDArray[np.int16] = np.empty(0, np.int16)
        self._random = np.random.default_rng(1)
        self._talking = threading.Event()
        self._talking.set()
        self._stop = threading.Event()
        self._feeder = threading.Thread(target=self._feed, name="virtual microphone")
        self._wait_for(socket)
        self.plug()
        self._feeder.start()

    def plug(self) -> None:
        """Make the microphone appear."""
        self._module = self._pactl(
            *("load-module", "module-pipe-source", f"source_name={NAME}", f"file={self._pipe}"),
            *("format=s16le", f"rate={RATE_HZ}", "channels=1"),
        )
        self._wait_for(self._pipe)

    def unplug(self) -> None:
        """Make the microphone disappear."""
        assert self._module is not None
        self._pactl("unload-module", self._module)
        self._module = None

    def add_silent_source(self) -> None:
        """Another source, of zeros, to which the server moves streams that lose theirs."""
        self._pactl("load-module", "module-null-source", "source_name=nothing")

    def add_device(self, name: bytes) -> None:
        """The same microphone under another name, for processes that start PortAudio from now."""
        with self._asound.open("ab") as asound:
            asound.write(
                b'pcm."%s" { type pulse device "%s" hint { show on description "mic" } }\n'
                % (name, NAME.encode())
            )

    def play(self, samples: NDArray[np.int16]) -> None:
        """Let it hear (n,) int16 at RATE_HZ, once, in the place of the room."""
        with self._lock:
            self._playing = np.concatenate((self._playing, samples))

    def stall(self) -> None:
        """Deliver nothing until `resume`."""
        self._talking.clear()

    def resume(self) -> None:
        self._talking.set()

    def freeze(self) -> None:
        """Let the sound server hang until `thaw`."""
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._server.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self._stop.set()
        self._talking.set()
        self._server.kill()  # and a feeder that waits for it goes on
        self._feeder.join(_DEADLINE_S)
        self._server.wait()

    def _feed(self) -> None:
        """10 ms every 10 ms."""
        pipe: int | None = None
        due_s = time.monotonic()
        while not self._stop.is_set():
            self._talking.wait()
            due_s = max(due_s + 0.01, time.monotonic() - 0.5)
            self._stop.wait(max(0.0, due_s - time.monotonic()))
            try:
                if pipe is None:
                    pipe = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK)
                    os.set_blocking(pipe, True)
                os.write(pipe, self._next_chunk())
            except OSError:  # unplugged
                if pipe is not None:
                    os.close(pipe)
                pipe = None
        if pipe is not None:
            os.close(pipe)

    def _next_chunk(self) -> bytes:
        with self._lock:
            now, self._playing = self._playing[:_CHUNK], self._playing[_CHUNK:]
        room = self._random.integers(-20, 21, _CHUNK - len(now))
        return np.concatenate((now, room)).astype("<i2").tobytes()

    def _pactl(self, *arguments: str) -> str:
        done = subprocess.run(
            ["pactl", *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=_DEADLINE_S,
            check=True,
        )
        return done.stdout.strip()

    def _wait_for(self, path: Path) -> None:
        deadline_s = time.monotonic() + _DEADLINE_S
        while not path.exists():
            if time.monotonic() > deadline_s or self._server.poll() is not None:
                raise RuntimeError(f"pulseaudio made no {path.name}")
            time.sleep(0.01)
