"""What a model says of itself: `<name>.json` beside `<name>.tflite`. Pure; see docs/models.md.

The manifest is the contract between `convert/`, which writes it, and the device, which refuses a
model that does not keep it. Here is what every model says, and what the detector says besides;
`reasons_manifest` has the other kind.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from edgecry.errors import ModelError
from edgecry.features.mel import FRAMES_PER_BATCH, MelParams
from edgecry.types import ModelName

MAX_MODEL_BYTES = 100_000

Probability = Annotated[float, Meta(gt=0.0, lt=1.0)]
OperatingPointName = Literal["sensitive", "balanced", "specific"]


class Quantization(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An int8 tensor: real = scale * (q - zero_point)."""

    shape: tuple[int, ...]
    scale: Annotated[float, Meta(gt=0.0)]
    zero_point: Annotated[int, Meta(ge=-128, le=127)]


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Platt scaling, fitted after int8 conversion: p = 1 / (1 + exp(-(slope * logit + intercept))).

    J. Platt, Probabilistic outputs for support vector machines, 1999.
    """

    slope: Annotated[float, Meta(gt=0.0)]
    intercept: float

    def probability(self, logit: float) -> float:
        """Calibrated probability, 0..1, of a dequantized output of the model."""
        x = self.slope * logit + self.intercept
        if x >= 0:
            return 1.0 / (1.0 + math.exp(-x))
        return math.exp(x) / (1.0 + math.exp(x))


class OperatingPoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two thresholds on the evidence, and what was measured with them.

    on: evidence at which a cry starts. off: evidence under which it may end; off <= on.
    recall: share of cries found. false_alarms_per_hour: over audio without a cry. `measured_on`
    says which data, None for a figure means that it was not measured.
    """

    on: Probability
    off: Probability
    recall: float | None = None
    false_alarms_per_hour: float | None = None
    measured_on: str = ""


class TrainingData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One source of training audio: where it came from, how much of it, under which licence."""

    source: str
    licence: str
    clips: int
    minutes: float


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model's input: log-mel parameters, frames in a window, and frames between two windows."""

    log_mel: MelParams
    window_frames: Annotated[int, Meta(gt=0)]
    hop_frames: Annotated[int, Meta(gt=0)]


class Features(Window, frozen=True, forbid_unknown_fields=True):
    """The detector's input, and how many windows make its evidence."""

    smoothing_windows: Annotated[int, Meta(ge=1, le=20)]


class ModelManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every model says of itself."""

    schema: str
    name: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$")]
    version: Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+$")]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    labels: tuple[str, ...]
    features: Window
    input: Quantization
    output: Quantization
    training_data: list[TrainingData]
    metrics: dict[str, float]
    made_with: str
    """The command that made the model."""

    @property
    def model(self) -> ModelName:
        """What is told of the model with everything that it says."""
        return ModelName(name=self.name, version=self.version, sha256=self.sha256)


class Manifest(ModelManifest, frozen=True, forbid_unknown_fields=True):
    """Everything that the device must know of a detector.

    self_check: its int8 outputs for the known sounds (`edgecry.inference.self_check`).
    """

    schema: Literal["edgecry.model/1"]
    features: Features
    calibration: Calibration
    operating_points: dict[OperatingPointName, OperatingPoint]
    self_check: tuple[int, int, int] | None = None


AnyManifest = TypeVar("AnyManifest", bound=ModelManifest)
Problem = tuple[bool, str]
"""Whether something is wrong with a manifest, and what."""


def decode_manifest(data: bytes, where: str) -> Manifest:
    """Parse and check a detector's manifest.

    Raises ModelError, with `where` in the message, if it is not a manifest that this version can
    keep: unknown or missing fields, impossible values, thresholds in the wrong order.
    """
    return decode_as(Manifest, _detector_problems, data, where)


def decode_as(
    kind: type[AnyManifest],
    problems_of: Callable[[AnyManifest], list[Problem]],
    data: bytes,
    where: str,
) -> AnyManifest:
    """Parse a manifest of one kind and check what is true of all, then what `problems_of` says.

    Raises ModelError, with `where` in the message.
    """
    try:
        manifest = msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ModelError(f"{where}: not a model manifest: {error}") from None
    for wrong, what in _common_problems(manifest) + problems_of(manifest):
        if wrong:
            raise ModelError(f"{where}: {what}")
    return manifest


def _common_problems(manifest: ModelManifest) -> list[Problem]:
    features = manifest.features
    return [
        (features.hop_frames != FRAMES_PER_BATCH, f"hop_frames must be {FRAMES_PER_BATCH}"),
        (
            features.window_frames % FRAMES_PER_BATCH != 0,
            f"window_frames must be a multiple of {FRAMES_PER_BATCH}",
        ),
        (
            manifest.input.shape != (1, features.window_frames, features.log_mel.mels, 1),
            "input.shape does not fit window_frames and mels",
        ),
    ]


def _detector_problems(manifest: Manifest) -> list[Problem]:
    return [
        (manifest.output.shape != (1, 1), "output.shape must be (1, 1), the logit of a cry"),
        (len(manifest.operating_points) != 3, "needs the three operating points"),
        (
            any(point.off > point.on for point in manifest.operating_points.values()),
            "an operating point has off above on",
        ),
    ]


def check_model_bytes(model: bytes, manifest: ModelManifest, where: str) -> None:
    """Raise ModelError unless `model` is the file that the manifest was written for."""
    if len(model) > MAX_MODEL_BYTES:
        raise ModelError(f"{where}: {len(model)} bytes, a model has at most {MAX_MODEL_BYTES}")
    if hashlib.sha256(model).hexdigest() != manifest.sha256:
        raise ModelError(
            f"{where}: the file is not the one its manifest describes (sha256 differs); "
            "copy the .tflite and the .json again, together"
        )
