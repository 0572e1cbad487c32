"""Somebody with a folder of recordings follows the three commands of convert/README.md."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgecry.inference.manifest import decode_manifest

pytestmark = [pytest.mark.trains, pytest.mark.timeout(1800)]
REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "convert" / "README.md").read_text()
TRY = ("base: cry-detector.yaml", "base: quick.yaml")


def three_commands() -> list[str]:
    """The first code block."""
    block = re.search(r"(?:^    .*\n)+", README, re.M)
    assert block
    return [line.strip() for line in block[0].splitlines()]


def environment(home: Path) -> dict[str, str]:
    """The commands of this virtual environment, and nothing of the machine's own configuration."""
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
    return {"PATH": path, "PYTHONPATH": str(REPOSITORY), "HOME": str(home)}


@pytest.fixture(scope="module")
def installed(own_recordings: Path) -> Path:
    """The folder around my-recordings, with a configuration, after the three commands."""
    place = own_recordings.parent
    shutil.copy(REPOSITORY / "config.yaml", place)
    for command in three_commands():
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=place,
            env=environment(place),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, command + done.stdout[-2000:] + done.stderr[-4000:]
        # As the README says, for a try in a minute.
        recipe = place / "my-detector.yaml"
        recipe.write_text(recipe.read_text().replace(*TRY))
    return place


def test_three_commands_are_enough() -> None:
    assert len(three_commands()) == 3
    assert all(f"`{base}`" in README for base in TRY)


def test_the_own_model_is_the_one_that_classifies(installed: Path) -> None:
    done = subprocess.run(
        ["edgecry", "classify", "--json", "my-recordings/cry", "my-recordings/other"],
        cwd=installed,
        env=environment(installed),
        capture_output=True,
        text=True,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    model = decode_manifest((installed / "my-models" / "my-detector.json").read_bytes(), "")
    assert {line["model"]["sha256"] for line in found} == {model.sha256}
    scores: dict[str, list[float]] = {"cry": [], "other": []}
    for line in found:
        scores[Path(line["file"]).parent.name].append(line["p_cry"])
    assert len(scores["cry"]) == len(scores["other"]) == 12
    assert min(scores["cry"]) > max(scores["other"])
