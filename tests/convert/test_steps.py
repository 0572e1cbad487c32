"""Steps in the wrong order, in folders that are half there: one line that says what to do."""

import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from support.mosquitto import eventually

from convert import ablation, calibrate_scores, evaluate, leave_out, package, verify
from convert.ablation import Judge
from convert.build import commands
from convert.measuring.events import Timeline
from convert.process import alone, run_module
from convert.run import RunError, write_whole
from edgecry.errors import EdgecryError

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("step", "more", "first"),
    [
        (verify.main, [], "quantize"),
        (calibrate_scores.main, [], "quantize"),
        (evaluate.main, [], "calibrate_scores"),
        (package.main, ["--out", "out"], "evaluate"),
    ],
    ids=["verify", "calibrate_scores", "evaluate", "package"],
)
def test_a_step_too_soon_names_the_one_before_it(
    step: Callable[[], None],
    more: list[str],
    first: str,
    tiny_data: Path,
    tiny_recipe: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    common = ["--recipe", str(tiny_recipe), "--data", str(tiny_data)]
    monkeypatch.setattr(sys, "argv", ["step", *common, *more, "--run", "runs/mistyped"])
    with pytest.raises(EdgecryError, match=rf"run python -m convert\.{first}\b"):
        step()
    assert not Path("runs/mistyped").exists()


@pytest.mark.parametrize("size", [0, 10, 300])
def test_a_quantization_that_was_stopped_is_not_verified(size: int, tmp_path: Path) -> None:
    (tmp_path / "int8.tflite").write_bytes(b"half")
    np.savez(tmp_path / "float_logits.npz", windows=np.zeros(99))
    with (tmp_path / "float_logits.npz").open("r+b") as file:
        file.truncate(size)
    with pytest.raises(RunError, match=r"run python -m convert\.quantize again"):
        verify.verify(tmp_path)


@pytest.fixture
def small_study(tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study on the command line; the folder of its trainings."""
    path = tmp_path / "study.yaml"
    path.write_text("base: quick.yaml\nseeds: [1]\nrows: {a: {}}\n")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    arguments = ["--study", str(path), "--data", str(tiny_data), "--run", str(tmp_path / "run")]
    monkeypatch.setattr(sys, "argv", ["study", *arguments])
    return tmp_path / "run" / "study"


@pytest.mark.usefixtures("small_study")
def test_an_ablation_without_scenes_says_so_before_it_trains() -> None:
    with pytest.raises(RunError, match=r"run python -m convert\.timeline"):
        ablation.main()


def test_scenes_without_a_cry_judge_nothing(tmp_path: Path) -> None:
    quiet = [Timeline("quiet-00", 60.0, ())]
    with pytest.raises(RunError, match="no scene with a cry"):
        Judge(tmp_path, quiet, 96)
    assert evaluate.listen_to_scenes(tmp_path, quiet, {}) is None


def test_two_do_not_share_a_folder(tmp_path: Path) -> None:
    another = pytest.raises(RunError, match="another build, study or benchmark is at work")
    with alone(tmp_path / "run"), another, alone(tmp_path / "run"):
        pass
    with alone(tmp_path / "run"):
        pass


def test_a_step_that_survives_whoever_started_it_keeps_others_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "waits.py").write_text(
        "import pathlib, time\npathlib.Path('begun').touch()\n"
        "while not pathlib.Path('end').exists(): time.sleep(0.01)\n"
    )
    monkeypatch.chdir(tmp_path)
    step = threading.Thread(target=run_module, args=["waits", [], tmp_path / "log"])
    try:
        with alone(tmp_path / "run"):
            step.start()
            eventually((tmp_path / "begun").exists, "the step has begun")
        with pytest.raises(RunError), alone(tmp_path / "run"):
            pass
    finally:
        (tmp_path / "end").touch()
        step.join()
    with alone(tmp_path / "run"):
        pass


def test_a_step_that_is_killed_leaves_nobody_who_holds_the_folder(tmp_path: Path) -> None:
    (tmp_path / "killed.py").write_text(
        "import os, time\nfrom pathlib import Path\n"
        "from convert.process import alone, pool\n"
        "with alone(Path('run')), pool(2) as workers:\n"
        "    workers.submit(os.getpid).result()\n"
        "    Path('begun').touch()\n"
        "    time.sleep(60)\n"
    )
    step = subprocess.Popen(
        [sys.executable, "killed.py"], cwd=tmp_path, env={"PYTHONPATH": str(REPOSITORY)}
    )
    eventually((tmp_path / "begun").exists, "its pool works")
    step.kill()
    step.wait()

    def is_free() -> bool:
        with suppress(RunError), alone(tmp_path / "run"):
            return True
        return False

    eventually(is_free, "the folder is free")


@pytest.mark.parametrize("study", [ablation, leave_out], ids=["ablation", "leave_out"])
def test_two_studies_do_not_train_in_one_folder(study: ModuleType, small_study: Path) -> None:
    with alone(small_study), pytest.raises(RunError, match="at work"):
        study.main()


def test_the_command_of_a_card_can_be_given_again() -> None:
    folder = Path("my recordings")
    ((*_, made_with),) = commands(Path("my.yaml"), folder, Path("out"), "calibrate_scores")
    assert str(folder) in shlex.split(made_with)


@pytest.mark.parametrize("run", ["taken", "taken/below"])
def test_a_folder_that_cannot_be_made_is_one_line(
    run: str, tiny_data: Path, tiny_recipe: Path, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")
    last = last_words(tmp_path, "verify", tiny_recipe, tiny_data, "--run", run)
    assert last[0].startswith("error: taken")
    assert len(last) == 1


def test_a_recording_that_cannot_be_decoded_is_named(
    tiny_data: Path, tiny_recipe: Path, tmp_path: Path
) -> None:
    torn = shutil.copytree(tiny_data, tmp_path / "data")
    for path in torn.rglob("*.wav"):
        path.write_bytes(path.read_bytes()[:20])
    said = last_words(tmp_path, "augment", tiny_recipe, torn)[-1]
    assert said.startswith(f"error: {torn}/")
    assert "not a recording that can be decoded" in said


def last_words(folder: Path, step: str, recipe: Path, data: Path, *more: str) -> list[str]:
    """The lines of a step that fails."""
    command = [sys.executable, "-m", f"convert.{step}", "--recipe", str(recipe)]
    done = subprocess.run(
        [*command, "--data", str(data), *more],
        cwd=folder,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr.splitlines()


def test_what_could_not_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "origin.json"
    path.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half\udcff")
    assert path.read_text() == "before"
