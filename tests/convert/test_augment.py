"""The step that shows what a training hears."""

import subprocess
import sys
from pathlib import Path

import soundfile

from convert.sounds.synthetic import GLIDING, STEADY


def test_a_person_gets_sounds_to_hear_and_sheets_to_see(
    tiny_data: Path, tiny_recipe: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "convert.augment", "--recipe", str(tiny_recipe)]
    command += ["--data", str(tiny_data), "--run", str(tmp_path), "--windows", "6"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    folder = tmp_path / "augment"
    for sheet in ("variants", "synthetic", "windows"):
        assert (folder / f"{sheet}.png").read_bytes().startswith(b"\x89PNG")
    names = {path.stem for path in folder.glob("*.wav")}
    assert {make.__name__ for make in (*STEADY, *GLIDING)} <= names
    clean = [name for name in names if name.endswith("_clean")]
    assert {name.split("_")[0] for name in clean} == {"cry", "noncry"}
    for name in clean:
        before, _ = soundfile.read(folder / f"{name}.wav")
        after, _ = soundfile.read(folder / f"{name.removesuffix('_clean')}_1.wav")
        assert len(before) != len(after) or (before != after).any()
