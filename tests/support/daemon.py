"""A real `edgecry run` in a process of its own, and systemd's end of its notify socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from support.mosquitto import eventually

STOP_DEADLINE_S = 20.0


class Daemon:
    """edgecry in the folder `folder`, which holds its state, its log and its notify socket."""

    def __init__(
        self, folder: Path, *settings: str, environment: Mapping[str, str] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "log"
        address = folder / "notify"
        address.unlink(missing_ok=True)
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(address))
        self._notify.setblocking(False)
        self._notified: list[str] = []
        overrides = [
            f"state_dir={folder}/state",
            f"runtime_dir={folder}",
            "device.id=cot-1",
            "panel.backend=terminal",
            *settings,
        ]
        arguments = [argument for override in overrides for argument in ("--set", override)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edgecry", "run", *arguments],
                cwd=folder,
                env={**os.environ, **(environment or {}), "NOTIFY_SOCKET": str(address)},
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> str:
        """All that it has written, those before it in the same folder included."""
        return self._log.read_text()

    def notified(self) -> list[str]:
        """What systemd has been told so far."""
        while True:
            try:
                self._notified.append(self._notify.recv(4096).decode())
            except BlockingIOError:
                return self._notified

    def wait_ready(self) -> None:
        eventually(lambda: "READY=1" in self.notified() or self._died(), "READY=1")
        assert "READY=1" in self.notified(), self.log

    def wait_for(self, text: str) -> None:
        """Until the log holds `text`."""
        eventually(lambda: text in self.log or self._died(), f"{text!r} in the log", 60.0)
        assert text in self.log, self.log

    def wait(self, deadline_s: float = 120.0) -> int:
        """Until it ends by itself; its exit code."""
        eventually(lambda: (self.notified(), self._died())[1], "the daemon ends", deadline_s)
        return self.process.wait()

    def terminate(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_DEADLINE_S)

    def kill(self) -> None:
        """kill -9, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(STOP_DEADLINE_S)

    def _died(self) -> bool:
        return self.process.poll() is not None

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._notify.close()
