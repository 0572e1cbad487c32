"""The unit is one that systemd accepts, keeps the sandbox, and agrees with the program."""

import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from edgecry.config.catalogue import settings
from edgecry.config.load import SYSTEM_CONFIG
from edgecry.config.schema import Settings
from edgecry.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "systemd" / "edgecry.service"
ACCOUNT = ROOT / "systemd" / "sysusers.d" / "edgecry.conf"
RULES = ROOT / "systemd" / "udev" / "60-edgecry.rules"
INSTALL = ROOT / "docs" / "install.md"
MAX_EXPOSURE = 25  # tenths, of 100; systemd calls up to 40 "OK"


class Unit(ConfigParser):
    """A unit file; of a key given twice the last value counts."""

    optionxform = staticmethod(str)

    def __init__(self, path: Path) -> None:
        super().__init__(interpolation=None, delimiters=["="], strict=False)
        self.read_string(path.read_text())


@pytest.fixture(scope="module")
def unit() -> Unit:
    return Unit(UNIT)


def need(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


@pytest.fixture
def installed(tmp_path) -> Path:
    """The unit with a program that exists, since verify looks for it."""
    program = tmp_path / "edgecry"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/edgecry/bin/edgecry", str(program)))
    return copy


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [need("systemd-analyze"), *map(str, arguments)]
    return subprocess.run(
        command,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )


def test_systemd_has_nothing_to_say_about_the_unit(installed):
    result = analyze("verify", "--man=no", installed)
    assert (result.returncode, result.stdout) == (0, "")


def test_verify_would_speak_up_about_an_unknown_key(installed):
    installed.write_text(installed.read_text().replace("TasksMax=", "TaskMax="))
    assert "TaskMax" in analyze("verify", "--man=no", installed).stdout


def test_the_sandbox_stays_as_tight_as_it_is(installed):
    arguments = ("security", "--offline=yes", "--no-pager", f"--threshold={MAX_EXPOSURE}")
    result = analyze(*arguments, installed)
    assert result.returncode == 0, result.stdout


def test_a_wrong_configuration_is_not_restarted_and_everything_else_is(unit):
    service = unit["Service"]
    assert service["RestartPreventExitStatus"] == str(ConfigError.exit_code)
    assert service["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


def test_the_commands_of_the_unit_exist_in_the_program(unit, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("mqtt: {port: 0}\n")
    for key in ("ExecStart", "ExecStopPost"):
        program, verb, *options = unit["Service"][key].lstrip("-").split()
        assert program == "/opt/edgecry/bin/edgecry"
        assert options == ["--config", str(SYSTEM_CONFIG)]
        command = [sys.executable, "-m", "edgecry", verb, "--config", str(wrong)]
        result = subprocess.run(command, text=True, capture_output=True, timeout=60, check=False)
        if verb == "silence":
            assert (result.returncode, "defaults are silenced" in result.stderr) == (0, True)
        else:
            assert result.returncode == ConfigError.exit_code
            assert f"{wrong}:1:14: mqtt.port: 0 is too small, at least 1" in result.stderr


def test_the_folders_are_those_that_systemd_makes(unit):
    assert Settings().state_dir == f"/var/lib/{unit['Service']['StateDirectory']}"
    assert Settings().runtime_dir == f"/run/{unit['Service']['RuntimeDirectory']}"


def test_the_watchdog_is_slower_than_blindness(unit):
    blind_after = settings()["health.blind_after_s"].shape(float)
    assert blind_after is not None
    assert int(unit["Service"]["WatchdogSec"]) > blind_after.le


def test_a_crash_leaves_no_sound_on_the_card(unit):
    """A core dump would hold the ring buffer."""
    assert unit["Service"]["LimitCORE"] == "0"


def test_the_account_of_the_unit_is_created_with_its_groups(unit, tmp_path):
    service = unit["Service"]
    (tmp_path / "etc").mkdir()
    command = [need("systemd-sysusers"), f"--root={tmp_path}", str(ACCOUNT)]
    subprocess.run(command, check=True, timeout=30, capture_output=True)
    users = (tmp_path / "etc" / "passwd").read_text()
    assert re.search(rf"^{service['User']}:.*:/var/lib/edgecry:.*nologin$", users, re.MULTILINE)
    groups = (tmp_path / "etc" / "group").read_text()
    assert {"audio", "gpio"} <= set(re.findall(r"^(\w+):x:\d+:edgecry$", groups, re.MULTILINE))
    assert f"{service['Group']}:x:" in groups


def test_the_install_page_installs_what_is_here():
    page = INSTALL.read_text()
    for source in re.findall(r"sudo install -D -m 644 (\S+) ", page):
        assert (ROOT / source).is_file(), source
    for path in (UNIT, ACCOUNT, RULES, ROOT / "config.yaml"):
        assert str(path.relative_to(ROOT)) in page
    assert str(SYSTEM_CONFIG) in page
