"""edgecry installed by docs/install.md and run by a real systemd (`make test-systemd`)."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from support import boot, virtual_microphone
from support.boot import Machine, Service, Station
from support.mosquitto import eventually
from support.virtual_microphone import VirtualMicrophone

from edgecry.demo.scene import build_scene

pytestmark = [pytest.mark.boot, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
CHECKOUT = "/usr/src/edgecry"
CONFIG = "etc/edgecry/config.yaml"
DROP_IN = "etc/systemd/system/edgecry.service.d/test.conf"
CRY = "/usr/share/edgecry/cry.wav"
MIC = "/srv/microphone"
WATCHDOG_S = 10
"""Instead of the unit's minute, so that a hang is found within the patience of a test."""
INSTALL_DEADLINE_S = 240.0

WARNING, INFO = "4", "6"


def commands(heading: str) -> str:
    """The first block of commands under a heading of the install page, as root and unattended."""
    page = (ROOT / "docs" / "install.md").read_text()
    block = re.search(rf"^## {re.escape(heading)}\n.*?^```sh\n(.*?)^```", page, re.M | re.S)
    assert block is not None, heading
    return f'sudo() {{ "$@"; }}\nnano() {{ :; }}\ncd {CHECKOUT}\n{block[1]}'


def copy_checkout(to: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, to / name)


@pytest.fixture(scope="module")
def cry() -> np.ndarray:
    """The first cry of the demo's scene with some quiet on both sides; float32, at 16 kHz."""
    scene = build_scene(60.0, seed=0)
    first = scene.cries[0]
    rate = scene.sample_rate_hz
    assert rate == 16_000
    return scene.samples[int((first.onset_s - 3) * rate) : int((first.end_s + 7) * rate)]


@pytest.fixture(scope="module")
def microphone() -> Iterator[tuple[VirtualMicrophone, Path]]:
    """A microphone that can be plugged in, and the folder through which it is seen."""
    if (reason := virtual_microphone.why_not()) is not None:
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="mic-") as name:
        folder = Path(name)
        microphone = VirtualMicrophone(folder)
        try:
            yield microphone, folder
        finally:
            microphone.close()


@pytest.fixture(scope="module")
def machine(cry, microphone) -> Iterator[Machine]:
    """Booted, a broker on it, and edgecry installed and enabled but for its configuration."""
    if (reason := boot.why_not()) is not None:
        pytest.skip(reason)
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    with boot.copy_on_write_root() as root:
        copy_checkout(root / CHECKOUT.lstrip("/"))
        for heading in ("1. Packages and program", "2. Account", "3. Configuration"):
            boot.run_in(root, commands(heading), pip, INSTALL_DEADLINE_S)
        recording = root / CRY.lstrip("/")
        recording.parent.mkdir(parents=True)
        soundfile.write(recording, cry, 16_000, subtype="PCM_16")
        # One by one, since PulseAudio keeps the folder itself to its own user.
        seen = {microphone[1] / name: f"{MIC}/{name}" for name in ("native", "asound.conf")}
        machine = Machine(root, seen)
        try:
            machine.run("systemctl", "start", "mosquitto")
            machine.run("bash", "-ec", commands("4. Service"))
            yield machine
        finally:
            machine.power_off()


@pytest.fixture
def service(machine) -> Iterator[Service]:
    """edgecry.service as installed, but for a shorter watchdog, in its default configuration."""
    service = Service(machine, "edgecry.service")
    shutil.copyfile(ROOT / "config.yaml", machine.root / CONFIG)
    drop_in(machine, f"WatchdogSec={WATCHDOG_S}")
    yield service
    service.do("stop")
    # Shown by pytest if the test has failed.
    sys.stdout.write(machine.run("journalctl", "--unit=edgecry", "--lines=600", "--no-pager"))
    machine.run("systemctl", "reset-failed")


def drop_in(machine: Machine, *lines: str) -> None:
    path = machine.root / DROP_IN
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["[Service]", *lines, ""]))
    machine.run("systemctl", "daemon-reload")


def configure(machine: Machine, setting: str, value: str) -> None:
    """Change one line of the commented configuration, as a technician does."""
    path = machine.root / CONFIG
    changed, count = re.subn(rf"(?m)^(\s*{setting}:) .*$", rf"\1 {value}", path.read_text())
    assert count == 1, setting
    path.write_text(changed)


def wait_running(service: Service, *, after_restarts: int = 0) -> None:
    eventually(
        lambda: (
            service.show("SubState") == "running"
            and int(service.show("NRestarts")) >= after_restarts
        ),
        f"running again after {after_restarts} restarts",
        90.0,
    )


def test_installed_by_the_page_it_runs_as_its_own_user_in_the_sandbox(machine):
    service = Service(machine, "edgecry.service")
    assert service.show("UnitFileState") == "enabled"
    assert service.show("SubState") == "running"
    assert service.show("WatchdogUSec") == "1min"
    status = machine.run("cat", f"/proc/{service.show('MainPID')}/status")
    process = dict(line.split(":	") for line in status.splitlines() if ":	" in line)
    edgecry = machine.run("id", "--user", "edgecry").strip()
    assert set(process["Uid"].split()) == {edgecry}
    groups = machine.run("id", "--groups", "--name", "edgecry").split()
    assert {"audio", "gpio"} <= set(groups)
    assert (process["NoNewPrivs"], process["Seccomp"]) == ("1", "2")
    assert int(process["CapEff"], 16) == 0
    assert machine.run("stat", "--format=%U %a", "/var/lib/edgecry/outbox.db") == "edgecry 600\n"


def test_a_technician_of_the_group_reads_status_and_journal_and_others_do_not(machine, service):
    page = (ROOT / "docs" / "journal.md").read_text()
    [join] = re.findall(r"^sudo (usermod .* technician)$", page, re.M)
    machine.run("useradd", "technician")
    machine.run("useradd", "visitor")
    machine.run(*join.split())
    start = time.time()
    service.do("restart")
    service.wait_for("mic-lost start", start)
    program = "/opt/edgecry/bin/edgecry"
    as_technician = ("runuser", "-u", "technician", "--", program)
    as_visitor = ("runuser", "-u", "visitor", "--", program)
    eventually(lambda: "status.json" in machine.run("ls", "/run/edgecry"), "it is published")
    assert "edgecry: FAULT" in machine.run(*as_technician, "status")
    assert "mic-lost start, medium" in machine.run(*as_technician, "log")
    for command in ("status", "log"):
        assert "group edgecry" in machine.run(*as_visitor, command, fails=True)


def test_without_a_microphone_it_is_ready_says_so_and_stays_up(machine, service):
    start = time.time()
    service.do("restart")
    entry = service.wait_for("mic-lost start, medium", start)
    assert entry["PRIORITY"] == WARNING
    assert service.wait_for("listening as edgecry", start)["PRIORITY"] == INFO
    with Station(machine) as station:
        eventually(lambda: station.state().get("mode") == "fault", "the state says fault")
        assert [active["code"] for active in station.state()["active"]] == ["mic-lost"]
        assert station.heard("availability") == ["online"]
    began_us = int(service.show("ActiveEnterTimestampMonotonic"))
    eventually(
        lambda: int(service.show("WatchdogTimestampMonotonic")) - began_us > 1.5 * WATCHDOG_S * 1e6,
        "fed for longer than the watchdog would wait",
        60.0,
    )
    assert service.show("NRestarts") == "0"
    assert "mic-lost medium" in service.show("StatusText")
    assert "broker connected" in service.show("StatusText")


def test_a_cry_on_a_recording_reaches_the_broker(machine, service):
    configure(machine, "source", CRY)
    with Station(machine) as station:
        service.do("restart")
        phases = eventually(
            lambda: [e["phase"] for e in station.events() if e["code"] == "cry"][:2],
            "the cry as an event",
        )
        assert phases[0] == "start"
        eventually(
            lambda: "end" in [e["phase"] for e in station.events() if e["code"] == "cry"],
            "its end",
            60.0,
        )


def test_a_real_microphone_is_heard_in_the_sandbox_lost_and_found(
    machine, service, microphone, cry
):
    """PortAudio's callback is made in executable memory by cffi: seccomp has to let it."""
    virtual, folder = microphone
    there = {name: value.replace(str(folder), MIC) for name, value in virtual.environment.items()}
    drop_in(machine, *(f"Environment={name}={value}" for name, value in there.items()))
    configure(machine, "device", virtual_microphone.NAME)
    with Station(machine) as station:
        service.do("restart")
        eventually(lambda: "p_cry" in service.show("StatusText"), "sound is scored", 60.0)
        loud = soxr.resample(cry, 16_000, virtual_microphone.RATE_HZ)
        virtual.play((np.clip(loud, -1, 1) * 32_767).astype(np.int16))
        eventually(lambda: "cry" in [e["code"] for e in station.events()], "the cry", 60.0)
        virtual.unplug()
        eventually(lambda: station.state()["mode"] == "fault", "the loss", 60.0)
        virtual.plug()
        eventually(lambda: station.state()["mode"] == "monitoring", "heard again", 60.0)
    assert service.show("NRestarts") == "0"


def test_killed_it_is_silenced_and_started_again(machine, service):
    service.do("restart")
    start = time.time()
    machine.run("systemctl", "log-level", "debug")  # for what systemd runs, and how it ended
    try:
        service.signal(signal.SIGKILL)
        service.wait_for("code=killed, status=9/KILL", start)
        service.wait_for("Executing: /opt/edgecry/bin/edgecry silence", start)
        service.wait_for("Control process exited, code=exited, status=0/SUCCESS", start)
    finally:
        machine.run("systemctl", "log-level", "info")
    wait_running(service, after_restarts=1)


def test_frozen_it_is_killed_by_the_watchdog_and_started_again(machine, service):
    with Station(machine) as station:
        service.do("restart")
        eventually(lambda: station.heard("availability")[-1:] == ["online"], "online")
        start, before = time.time(), len(station.heard("availability"))
        service.signal(signal.SIGSTOP)
        service.wait_for("Watchdog timeout", start)
        wait_running(service, after_restarts=1)
        eventually(
            lambda: station.heard("availability")[before:] == ["offline", "online"],
            "the will, and a new beginning",
        )


def test_a_wrong_configuration_is_said_and_not_tried_again(machine, service):
    configure(machine, "port", "99999")
    start = time.time()
    service.do("restart", fails=True)
    assert service.show("SubState") == "failed"
    assert service.show("ExecMainStatus") == "78"
    assert service.show("NRestarts") == "0"
    service.wait_for("mqtt.port: 99999 is too large", start)
    assert "status=0" in service.show("ExecStopPost"), "silence works all the same"


def test_the_password_of_the_broker_comes_as_a_credential(machine, service):
    """Root's file, which the service's user may not read, in the way of the install page."""
    secret = machine.root / "etc/edgecry/mqtt-password"
    secret.write_text("secret\n")
    secret.chmod(0o600)
    drop_in(machine, "LoadCredential=mqtt-password:/etc/edgecry/mqtt-password")
    configure(machine, "username", "edgecry")
    configure(machine, "password_file", "/run/credentials/edgecry.service/mqtt-password")
    service.do("restart")
    eventually(lambda: "broker connected" in service.show("StatusText"), "logged in")


def test_reload_takes_what_can_change_and_refuses_a_mistake(machine, service):
    service.do("restart")
    pid, start = service.show("MainPID"), time.time()
    configure(machine, "level", "loud")
    service.do("reload")
    assert service.wait_for("logging.level", start)["PRIORITY"] == "3"
    configure(machine, "level", "debug")
    service.do("reload")
    service.wait_for("the configuration was read again", start)
    assert service.show("MainPID") == pid


def test_stopped_it_is_clean_and_leaves_offline(machine, service):
    service.do("restart")
    with Station(machine) as station:
        eventually(lambda: station.heard("availability")[-1:] == ["online"], "online")
    start = time.time()
    service.do("stop")
    assert (service.show("Result"), service.show("ExecMainStatus")) == ("success", "0")
    assert service.wait_for("stopped", start)["PRIORITY"] == INFO
    assert not [e for e in service.journal(start) if "timed out" in str(e["MESSAGE"])]
    with Station(machine) as station:
        eventually(lambda: station.heard("availability") == ["offline"], "offline is retained")
