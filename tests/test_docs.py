"""The docs say what the code does: commands, options, settings, exit codes, links."""

import argparse
import re
from pathlib import Path

import numpy as np
import pytest

from edgecry import cli, errors
from edgecry.app import build
from edgecry.arguments import parser
from edgecry.capture.playback import Playback, Samples
from edgecry.clock import SystemClock
from edgecry.commands.classify import Verdict, as_json
from edgecry.config.load import effective_yaml
from edgecry.config.schema import Panel, Settings
from edgecry.decision.cry import Cry
from edgecry.inference.classifier import load_classifier
from edgecry.types import Reason

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "convert" / "README.md", *(ROOT / "docs").glob("*.md")])
PARSER = parser()
[SUBPARSERS] = [a for a in PARSER._actions if isinstance(a, argparse._SubParsersAction)]
COMMANDS: dict[str, argparse.ArgumentParser] = SUBPARSERS.choices


def words(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    documented = set(re.findall(r"^\| `edgecry ([a-z-]+)`", words(ROOT / "docs/commands.md"), re.M))
    assert documented == set(COMMANDS) == set(cli.COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_docs_parse(page: Path) -> None:
    fenced = "\n".join(re.findall(r"^```\w*\n(.*?)^```", words(page), re.M | re.S))
    for line in re.findall(r"^(?:sudo )?(?:\S*/)?edgecry (.+)$", fenced, re.M):
        arguments = re.split(r"\s+#|\s*&&", line)[0].split()
        PARSER.parse_args(arguments)
    for name in re.findall(r"`(?:\S*/)?edgecry ([a-z][a-z-]+)", words(page)):
        assert name in COMMANDS, f"{page.name} names `edgecry {name}`"


def test_documented_options_exist() -> None:
    text = words(ROOT / "docs/commands.md")
    for name, rest in re.findall(r"^\| `edgecry ([a-z-]+)` \|(.*)\|$", text, re.M):
        for option in re.findall(r"`(--[a-z-]+)", rest):
            assert option in COMMANDS[name]._option_string_actions, f"{name} {option}"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str, capsys) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main([name, "--help"])
    assert exit_.value.code == 0
    assert f"example: edgecry {name}" in capsys.readouterr().out.replace("\n", " ")


def test_exit_codes_are_those_of_the_errors() -> None:
    documented = {
        int(code) for code in re.findall(r"^\| (\d+) \|", words(ROOT / "docs/commands.md"), re.M)
    }
    classes = [c for c in vars(errors).values() if isinstance(c, type)]
    assert documented == {0} | {c.exit_code for c in classes}


def test_every_field_of_classify_json_is_documented() -> None:
    detector = load_classifier("cry-detector")
    reason = Reason("uncertain", (("hungry", 0.5), ("tired", 0.5)), detector.manifest.model)
    cry = Cry(onset_s=0.5, detected_s=1.2, heard_s=2.0, p_cry=0.8, peak_p_cry=0.9)
    verdict = Verdict("a.wav", 1, 3.0, [cry], [(1.0, 0.9)], reason)
    told = as_json(verdict, detector, with_scores=True)
    text = words(ROOT / "docs/commands.md").split("edgecry classify --json`, times")[1]
    rows = re.findall(r"^\| (`[a-z_]+`(?:, `[a-z_]+`)*) \|(.*)\|$", text, re.M)
    assert re.findall(r"`([a-z_]+)`", " ".join(names for names, _ in rows)) == list(told)
    meaning = dict(rows)
    for name in ("reasons", "model"):
        assert [field for field in told[name] if f"`{field}`" not in meaning[f"`{name}`"]] == []
    [event] = told["events"]
    assert [field for field in event if f"`{field}`" not in meaning["`events`"]] == []


def test_defaults_in_the_readme_are_the_schema_s() -> None:
    effective = flatten(Settings())
    rows = re.findall(r"^\| (`[a-z_.`, ]+) \| (.+?) \| .+\|$", words(ROOT / "README.md"), re.M)
    checked = 0
    for names, defaults in rows:
        keys = re.findall(r"`([a-z_]+\.[a-z_.]+)`", names)
        values = [value.strip(" `") for value in defaults.split(",")]
        for key, value in zip(keys, values * len(keys), strict=False):
            assert str(effective[key]) == {"empty": "", "null": "None"}.get(value, value), key
            checked += 1
    assert checked >= 8


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "docs/alarms.md",
        "docs/install.md",
        "docs/mqtt.md",
        "docs/commands.md",
        "docs/operation.md",
        "docs/journal.md",
    ],
)
def test_settings_named_in_the_docs_exist(name: str) -> None:
    known = flatten(Settings())
    sections = {key.split(".")[0] for key in known if "." in key}
    for setting in re.findall(r"[`=\s]([a-z_]+(?:\.[a-z_]+)+)[`=]", words(ROOT / name)):
        if setting.split(".")[0] in sections and not setting.endswith((".yaml", ".md")):
            assert setting in known, f"{name}: {setting}"


def test_the_wiring_table_and_picture_are_the_default_pins() -> None:
    header = {17: 11, 27: 13, 22: 15}  # BCM to physical: Raspberry Pi's own pinout
    picture = words(ROOT / "docs/wiring.svg")
    for setting in ("led_pin", "buzzer_pin", "button_pin"):
        bcm = getattr(Panel(), setting)
        row = next(r for r in words(ROOT / "README.md").splitlines() if f"`panel.{setting}`" in r)
        assert f"| {header[bcm]} | {bcm} |" in row
        assert f"BCM {bcm}  {header[bcm]}" in picture


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", words(page)):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_make_targets_named_in_the_docs_exist() -> None:
    makefile = words(ROOT / "Makefile")
    for page in PAGES:
        for target in re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)`", words(page), re.M):
            name = "".join(target)
            assert re.search(rf"^{name}:", makefile, re.M), f"{page.name} names `make {name}`"


def test_every_technical_condition_is_in_the_table_with_its_priority(tmp_path) -> None:
    silence = Playback(Samples(np.zeros(0, np.float32)), 16_000, SystemClock())
    monitor = build(Settings(state_dir=str(tmp_path), panel=Panel(backend="none")), source=silence)
    checks = {(check.code, check.priority) for check in monitor._supervisor._checks}
    monitor._outbox.close()
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (low|medium) \|", words(ROOT / "docs/operation.md"), re.M
    )
    assert set(rows) == checks
    codes = next(
        line for line in words(ROOT / "docs/mqtt.md").splitlines() if "`technical`:" in line
    )
    assert all(f"`{code}`" in codes for code, _ in checks)


def flatten(settings: Settings) -> dict[str, object]:
    import msgspec
    import yaml

    assert yaml.safe_load(effective_yaml(settings))

    def leaves(tree: dict[str, object], prefix: str = ""):
        for key, value in tree.items():
            if isinstance(value, dict):
                yield from leaves(value, f"{prefix}{key}.")
            else:
                yield prefix + key, value

    return dict(leaves(msgspec.to_builtins(settings)))
