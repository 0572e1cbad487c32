"""Everything in one command: recordings -> trained -> int8 -> calibrated -> measured -> packaged.

    python -m convert.build --recipe convert/recipes/cry-detector.yaml --data ../shared/data \\
        --out edgecry/models
"""

from __future__ import annotations

import fcntl
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convert.run import LOCK, RunError, default_run
from convert.step import parsed, step_parser

STEPS = (
    "dataset",
    "train",
    "quantize",
    "verify",
    "timeline",
    "calibrate_scores",
    "evaluate",
    "package",
)


def commands(recipe: Path, data: Path, out: Path, step: str) -> list[list[str]]:
    """What a step runs: `python -m` with each of these."""
    common = ["--recipe", str(recipe), "--data", str(data)]
    made_with = shlex.join(["python", "-m", "convert.build", *common, "--out", str(out)])
    own = {
        "timeline": [["--split", "val"], ["--split", "test"]],
        "calibrate_scores": [["--made-with", made_with]],
        "package": [["--out", str(out)]],
    }
    return [[f"convert.{step}", *common, *more] for more in own.get(step, [[]])]


@contextmanager
def alone(run: Path) -> Iterator[int]:
    """The only build in a run folder, for as long as anybody has the descriptor that it gives open:
    a step that survives its build has it too. Raises RunError if there is another."""
    run.mkdir(parents=True, exist_ok=True)
    with (run / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(f"{run}: another build is at work in it; wait for its end") from None
        yield lock.fileno()


def main() -> None:
    """Run the steps, each in a process of its own; stop at the first that fails."""
    parser = step_parser(__doc__)
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--out", type=Path, required=True, help="folder for the finished model")
    parser.add_argument(
        "--from", dest="first", choices=STEPS, default=STEPS[0], help="go on with an earlier run"
    )
    args = parsed(parser)
    args.out.mkdir(parents=True, exist_ok=True)
    with alone(default_run(args.recipe)) as lock:
        for step in STEPS[STEPS.index(args.first) :]:
            print(f"== {step}", flush=True)
            for command in commands(args.recipe, args.data, args.out, step):
                python = [sys.executable, "-m", *command]
                code = subprocess.run(python, check=False, pass_fds=[lock]).returncode
                if code:
                    raise SystemExit(code)


if __name__ == "__main__":
    main()
