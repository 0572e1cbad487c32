"""Everything in one command: recordings -> trained -> int8 -> calibrated -> measured -> packaged.

    python -m convert.build --recipe convert/recipes/cry-detector.yaml --data ../shared/data \\
        --out edgecry/models
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

STEPS = ("train", "quantize", "verify", "calibrate_scores", "evaluate", "package")


def main() -> None:
    """Run the steps, each in a process of its own; stop at the first that fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder for the finished model")
    parser.add_argument("--from", dest="first", choices=STEPS, default=STEPS[0])
    args = parser.parse_args()
    common = ["--recipe", str(args.recipe), "--data", str(args.data)]
    made_with = " ".join(["python -m convert.build", *common, "--out", str(args.out)])
    own = {
        "calibrate_scores": ["--made-with", made_with],
        "package": ["--out", str(args.out)],
    }
    for step in STEPS[STEPS.index(args.first) :]:
        print(f"== {step}", flush=True)
        command = [sys.executable, "-m", f"convert.{step}", *common, *own.get(step, [])]
        code = subprocess.run(command, check=False).returncode
        if code:
            raise SystemExit(code)


if __name__ == "__main__":
    main()
