"""Is int8 what float was? The `.tflite` against Keras on windows of val, on every run time here.

Fails if the model is too large for the device, or loses more F1 than the recipe allows.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from convert.measuring import runtimes
from convert.measuring.differences import compare
from convert.recipe import Recipe
from convert.run import FLOAT_LOGITS, INT8_MODEL, QUANTIZATION, RunError, needed, write_json
from convert.step import step_arguments
from edgecry.errors import ModelError
from edgecry.inference.manifest import MAX_MODEL_BYTES


def verify(run: Path) -> dict[str, Any]:
    """Compare a quantized run's two models: the content of QUANTIZATION.

    The figures are those of the run time that loses most F1; `runtimes` tells of each, and
    `runtimes_differ` how many windows two of them answer with other integers.
    """
    content = needed(run / INT8_MODEL, "quantize").read_bytes()
    path = needed(run / FLOAT_LOGITS, "quantize")
    try:
        with np.load(path) as kept:
            windows, labels, float_logits = kept["windows"], kept["labels"], kept["logits"]
    except (ValueError, EOFError, BadZipFile):
        raise RunError(f"{path} is not whole; run python -m convert.quantize again") from None
    outputs, reports = {}, {}
    for runtime in runtimes.installed():
        outputs[runtime], output = runtimes.run_on(runtime, content, windows)
        reports[runtime] = compare(
            float_logits, runtimes.logits(outputs[runtime], output)[:, 0], labels
        )
    worst = max(reports, key=lambda runtime: reports[runtime]["f1_loss"])
    return {
        "bytes": len(content),
        **reports[worst],
        "runtimes": {name: report["f1_loss"] for name, report in reports.items()},
        "runtimes_differ": {
            f"{a}, {b}": int((outputs[a] != outputs[b]).sum()) for a, b in combinations(outputs, 2)
        },
    }


def check(report: dict[str, Any], recipe: Recipe) -> None:
    """Raise ModelError if a verified model must not go on."""
    if report["bytes"] > MAX_MODEL_BYTES:
        raise ModelError(
            f"{INT8_MODEL}: {report['bytes']} bytes, a detector has at most {MAX_MODEL_BYTES}; "
            "make network.blocks of the recipe smaller"
        )
    limit = recipe.quantize.f1_loss_limit
    if report["f1_loss"] > limit:
        raise ModelError(
            f"{INT8_MODEL}: F1 {report['int8_f1']:.4f}, in float {report['float_f1']:.4f}: more "
            f"than quantize.f1_loss_limit {limit:g} is lost; train longer or with another network "
            "(quantization-aware training is not built)"
        )


def main() -> None:
    """Verify a quantized run."""
    args, recipe = step_arguments(__doc__)
    report = verify(args.run)
    write_json(args.run / QUANTIZATION, report)
    for name, value in report.items():
        if not name.endswith("_differences"):
            print(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}")
    check(report, recipe)


if __name__ == "__main__":
    main()
