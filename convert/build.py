"""Everything in one command: recordings -> trained -> int8 -> calibrated -> measured -> packaged.

    python -m convert.build --recipe convert/recipes/cry-detector.yaml --data ../shared/data \\
        --out edgecry/models
"""

from __future__ import annotations

import shlex
from pathlib import Path

from convert.process import alone, run_module
from convert.run import default_run
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
    with alone(default_run(args.recipe)):
        for step in STEPS[STEPS.index(args.first) :]:
            print(f"== {step}", flush=True)
            for module, *arguments in commands(args.recipe, args.data, args.out, step):
                code = run_module(module, arguments)
                if code:
                    raise SystemExit(code)


if __name__ == "__main__":
    main()
