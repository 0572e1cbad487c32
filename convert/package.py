"""A measured run becomes a model that ships: `.tflite`, manifest and card, side by side."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from convert.measuring.metrics import METRICS
from convert.recipe import Recipe
from convert.reporting.card import card
from convert.reporting.evaluation import ClipPoint, Evaluation, SceneResult
from convert.reporting.page import write_page
from convert.reporting.run_folder import read_run
from convert.reporting.words import TEST
from convert.run import EVALUATION, RunError, model_file, write_model
from convert.step import step_arguments
from edgecry.inference.manifest import Manifest, OperatingPoint, check_model_bytes


def package(recipe: Recipe, run: Path, out: Path) -> None:
    """Write the model of a run, its manifest with the measured figures, and its card into `out`.

    The report is written anew, with studies that came after `evaluate`.
    """
    measured = read_run(run, recipe.name)
    content = model_file(run, recipe.name).read_bytes()
    check_model_bytes(content, measured.chosen, str(run))
    check_thresholds(measured.chosen, measured.evaluation)
    multiply_adds = float(measured.training["multiply_adds"])
    write_model(out, content, with_figures(measured.chosen, measured.evaluation, multiply_adds))
    (out / f"{recipe.name}.md").write_text(card(recipe.card, measured))
    write_page(recipe.card, measured, run)


def check_thresholds(chosen: Manifest, e: Evaluation) -> None:
    """Raise RunError if the figures are of thresholds that were chosen before the present ones."""
    measured = {p.point: p.on for p in e.clip_points if p.set == TEST}
    if measured != {name: point.on for name, point in chosen.operating_points.items()}:
        raise RunError(
            f"{EVALUATION} is of other thresholds than the model has; "
            "run python -m convert.evaluate first"
        )


def with_figures(chosen: Manifest, e: Evaluation, multiply_adds: float) -> Manifest:
    """The manifest with what was measured on the test split in place of what val promised."""
    in_scenes = {r.at: r for r in e.scene_results if r.detector == e.detector}
    points = {
        p.point: _measured(chosen.operating_points[p.point], p, in_scenes.get(p.point))  # type: ignore[index]
        for p in e.clip_points
        if p.set == TEST
    }
    metrics = {
        f"{row.set.removesuffix(' split').replace(' ', '_')}_{name}": round(getattr(row, name), 4)
        for row in e.ranking
        if row.detector == e.detector and "," not in row.set
        for name in METRICS
    }
    return replace(
        chosen, operating_points=points, metrics=metrics | {"multiply_adds": multiply_adds}
    )


def _measured(
    point: OperatingPoint, clips: ClipPoint, scenes: SceneResult | None
) -> OperatingPoint:
    """On the scenes, where there are some: they last hours."""
    if scenes:
        found, cries, what = (
            scenes.found,
            scenes.events,
            "cries in scenes built from the test split",
        )
        alarms, hours = scenes.false_alarms, scenes.hours
    else:
        found, cries, what = clips.found, clips.cries, "cry recordings of the test split"
        alarms, hours = clips.false_alarms, clips.noncry_hours
    return replace(
        point,
        recall=round(found / cries, 4),
        false_alarms_per_hour=round(alarms / hours, 2),
        measured_on=f"{cries} {what}, {alarms} false alarms in {hours:.1f} h; after the thresholds "
        "were chosen",
    )


def main() -> None:
    """Package an evaluated run."""
    args, recipe = step_arguments(
        __doc__, ("--out", {"type": Path, "required": True, "help": "folder of shipped models"})
    )
    package(recipe, args.run, args.out)


if __name__ == "__main__":
    main()
