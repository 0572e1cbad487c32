"""A measured run becomes a model that ships: `.tflite`, manifest and card, side by side."""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import replace

from convert.calibrate_scores import write_model
from convert.recipe import Recipe
from convert.reporting.card import card
from convert.run import step_arguments
from edgecry.inference.manifest import check_model_bytes, decode_manifest

MEASURED_ON = (
    "test split ({false_alarms:.0f} in {minutes:.0f} min without a cry), "
    "after the thresholds were chosen on val and held-out streams"
)


def package(recipe: Recipe, run: Path, out: Path) -> None:
    """Write the model of a run, its manifest with the measured figures, and its card into `out`."""
    content = (run / f"{recipe.name}.tflite").read_bytes()
    chosen = decode_manifest((run / f"{recipe.name}.json").read_bytes(), str(run))
    check_model_bytes(content, chosen, str(run))
    measured, quantization, training, origin = (
        json.loads((run / f"{name}.json").read_text())
        for name in ("evaluation", "quantization", "training", "origin")
    )
    points = {
        name: replace(
            point,
            recall=round(measured["operating_points"][name]["recall"], 4),
            false_alarms_per_hour=round(
                measured["operating_points"][name]["false_alarms_per_hour"], 2
            ),
            measured_on=MEASURED_ON.format(
                false_alarms=measured["operating_points"][name]["false_alarms"],
                minutes=measured["operating_points"][name]["noncry_hours"] * 60,
            ),
        )
        for name, point in chosen.operating_points.items()
    }
    metrics = {
        f"test_{k}": round(v, 4) for k, v in measured["test"].items() if isinstance(v, float)
    }
    if "human_labels" in measured:
        human = measured["human_labels"]
        metrics |= {
            f"human_labels_{k}": round(v, 4) for k, v in human.items() if isinstance(v, float)
        }
    metrics["multiply_adds"] = float(training["multiply_adds"])
    manifest = replace(chosen, operating_points=points, metrics=metrics)
    write_model(out, content, manifest)
    text = card(
        recipe.card, manifest, chosen, len(content), measured, quantization, training, origin
    )
    (out / f"{recipe.name}.md").write_text(text)


def main() -> None:
    """Package an evaluated run."""
    args, recipe = step_arguments(
        __doc__, ("--out", {"type": Path, "required": True, "help": "folder of shipped models"})
    )
    package(recipe, args.run, args.out)


if __name__ == "__main__":
    main()
