"""A machine of its own: a copy-on-write view of this one, booted by the real systemd."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from support.mosquitto import eventually

_BOOT_DEADLINE_S = 60.0
_COMMAND_DEADLINE_S = 60.0
_NSPAWN = (
    *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit"),
    *("--link-journal=no", "--resolv-conf=off"),
)


def why_not() -> str | None:
    """Why no machine can be booted here; None if one can."""
    if shutil.which("systemd-nspawn") is None:
        return "systemd-nspawn not installed: apt install systemd-container"
    if os.geteuid() != 0:
        return "booting a machine needs root"
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    done = subprocess.run(probe, capture_output=True, text=True, timeout=30, check=False)
    return f"no mounts here: {done.stderr.strip()}" if done.returncode else None


@contextmanager
def copy_on_write_root() -> Iterator[Path]:
    """The root file system of this machine; what is written to it is gone afterwards."""
    with ExitStack() as undo:
        base = Path(tempfile.mkdtemp(prefix="edgecry-boot-"))
        undo.callback(base.rmdir)
        _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", base)
        undo.callback(_unmount, base)
        root, upper, work = (base / name for name in ("root", "upper", "work"))
        for folder in (root, upper, work):
            folder.mkdir()
        layers = f"lowerdir=/,upperdir={upper},workdir={work}"
        _mount("-t", "overlay", "-o", layers, "overlay", root)
        undo.callback(_unmount, root)
        yield root


def run_in(root: Path, script: str, environment: Mapping[str, str], deadline_s: float) -> str:
    """Run a shell script in `root` before it is booted, with the network; what it said.

    Raises AssertionError if a command of the script fails.
    """
    variables = [f"--setenv={name}={value}" for name, value in environment.items()]
    done = subprocess.run(
        [*_NSPAWN, "-D", root, "--pipe", *variables, "--", "bash", "-e"],
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=deadline_s,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


class Machine:
    """A booted `root`. binds: files of the host, and where the machine sees them."""

    def __init__(self, root: Path, binds: Mapping[Path, str]) -> None:
        self.root = root
        with (
            tempfile.TemporaryDirectory() as folder,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify,
        ):
            notify.bind(f"{folder}/notify")
            notify.settimeout(_BOOT_DEADLINE_S)
            log_file = root.with_name("nspawn.log")
            with log_file.open("wb") as log:
                self._container = subprocess.Popen(
                    [
                        *(*_NSPAWN, "-D", root, "--private-network", "--console=pipe"),
                        *(f"--bind={host}:{inside}" for host, inside in binds.items()),
                        *("--kill-signal=SIGRTMIN+4", "--notify-ready=yes"),
                        *("--boot", "systemd.unit=basic.target"),
                    ],
                    env={**os.environ, "NOTIFY_SOCKET": f"{folder}/notify"},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            try:
                self._leader = self._wait_booted(notify)
            except TimeoutError:
                self._container.kill()
                raise AssertionError(f"it does not boot:\n{log_file.read_text()}") from None

    def inside(self, *command: str) -> list[str]:
        """The command line that runs `command` on this machine."""
        return ["nsenter", f"--target={self._leader}", "--all", *command]

    def in_network(self, *command: str) -> list[str]:
        """The command line that runs this machine's neighbour: on its loopback, outside it."""
        return ["nsenter", f"--target={self._leader}", "--net", *command]

    def run(self, *command: str, fails: bool = False) -> str:
        """What a command on this machine says. It has to succeed, or to fail if `fails`."""
        done = subprocess.run(
            self.inside(*command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_COMMAND_DEADLINE_S,
            check=False,
        )
        assert (done.returncode != 0) == fails, f"{command}: {done.stdout}"
        return done.stdout

    @staticmethod
    def _wait_booted(notify: socket.socket) -> str:
        """Until its systemd is up; the process number of that systemd."""
        said = ""
        while "READY=1" not in said.splitlines():
            said += notify.recv(4096).decode() + "\n"
        return said.partition("X_NSPAWN_LEADER_PID=")[2].split()[0]

    def power_off(self) -> None:
        """Shut down; pull the plug if that takes too long."""
        self._container.send_signal(signal.SIGTERM)
        try:
            self._container.wait(_BOOT_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._container.kill()
            self._container.wait()


class Service:
    """A unit of the machine, as systemctl and journalctl show it."""

    def __init__(self, machine: Machine, name: str) -> None:
        self._machine = machine
        self._name = name

    def show(self, name: str) -> str:
        return self._machine.run(
            "systemctl", "show", "--value", f"--property={name}", self._name
        ).strip()

    def do(self, verb: str, fails: bool = False) -> None:
        """systemctl `verb`; it has to succeed, or to fail if `fails`."""
        self._machine.run("systemctl", verb, self._name, fails=fails)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the main process."""
        self._machine.run("kill", f"-{number.value}", self.show("MainPID"))

    def journal(self, since: float) -> list[dict[str, Any]]:
        """What the unit has logged, and systemd about it, from the UNIX time `since` on."""
        said = self._machine.run(
            *("journalctl", "--quiet", "--output=json", f"--since=@{int(since)}"),
            f"--unit={self._name}",
        )
        entries = [json.loads(line) for line in said.splitlines()]
        return [entry for entry in entries if int(entry["__REALTIME_TIMESTAMP"]) >= since * 1e6]

    def wait_for(self, text: str, since: float, deadline_s: float = 60.0) -> dict[str, Any]:
        """The first entry of the journal that holds `text`, from the UNIX time `since` on."""
        return eventually(
            lambda: next((e for e in self.journal(since) if text in str(e["MESSAGE"])), None),
            f"{text!r} in the journal of {self._name}",
            deadline_s,
        )


class Station:
    """mosquitto_sub in the machine's network: what is retained, then what is published."""

    def __init__(self, machine: Machine) -> None:
        self._said = tempfile.TemporaryFile("w+b")  # noqa: SIM115
        self._process = subprocess.Popen(
            machine.in_network("mosquitto_sub", "-q", "1", "-t", "edgecry/#", "-F", "%j"),
            stdout=self._said,
        )

    def heard(self, topic: str) -> list[str]:
        """The payloads of `edgecry/<device>/<topic>`."""
        self._said.seek(0)
        messages = [
            json.loads(line) for line in self._said.read().splitlines(True) if line.endswith(b"\n")
        ]
        return [
            m["payload"]
            for m in messages
            if m["topic"].partition("/")[2].partition("/")[2] == topic
        ]

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(payload) for payload in self.heard("event")]

    def state(self) -> dict[str, Any]:
        """The latest; empty before the first."""
        return json.loads((self.heard("state") or ["{}"])[-1])

    def __enter__(self) -> Station:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._said.close()


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True, timeout=_COMMAND_DEADLINE_S)


def _unmount(path: Path) -> None:
    subprocess.run(["umount", "--lazy", path], check=True, timeout=_COMMAND_DEADLINE_S)
