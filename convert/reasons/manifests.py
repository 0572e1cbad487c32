"""The manifest of a network, before anything is known of it and afterwards."""

from __future__ import annotations

import hashlib

import msgspec

from convert.reasons.approach import Approach
from convert.reasons.model_recipe import ModelRecipe
from convert.reasons.trained import window_of
from convert.reasons.worth import DEVICE, Worth
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.inference.manifest import TrainingData
from edgecry.inference.reasons import NAME
from edgecry.inference.reasons_manifest import ReasonsCalibration, ReasonsManifest


def uncalibrated(content: bytes, approach: Approach) -> ReasonsManifest:
    """With it a device tells the mean over the windows of the cries, and answers nothing."""
    tensors, labels = Int8Interpreter(content, approach.name), tuple(approach.classes)
    return ReasonsManifest(
        schema="edgecry.reasons/1",
        name=NAME,
        version="0.0.0",
        sha256=hashlib.sha256(content).hexdigest(),
        labels=labels,
        features=window_of(approach),
        input=tensors.input,
        output=tensors.output,
        calibration=ReasonsCalibration(1.0, (0.0,) * len(labels)),
        answer_from=dict.fromkeys(labels),
        training_data=[],
        metrics={},
        made_with="",
    )


def finished(
    raw: ReasonsManifest,
    recipe: ModelRecipe,
    found: Worth,
    learned_from: list[TrainingData],
    multiply_adds: int,
    made_with: str,
) -> ReasonsManifest:
    """Of the network that ships."""
    own = found.answering[DEVICE]
    figures = {f"by_baby_{name}": figure.value for name, figure in own.figures.items()}
    figures |= {
        f"by_baby_{name}_above_majority": figure.value
        for name, figure in own.above_majority.items()
    }
    figures |= {"by_baby_aurc": found.coverage.aurc.value, "multiply_adds": float(multiply_adds)}
    return msgspec.structs.replace(
        raw,
        name=recipe.name,
        version=recipe.version,
        calibration=found.calibration,
        answer_from={label.name: label.answer_from for label in found.labels},
        training_data=learned_from,
        metrics={name: round(value, 4) for name, value in figures.items()},
        made_with=made_with,
    )
