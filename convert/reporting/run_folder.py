"""What the steps left in a run folder, for the card and the report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from convert.measuring.listening import manifest_of
from convert.reporting.evaluation import Evaluation, EvaluationError, read_evaluation
from convert.reporting.table import Table
from convert.run import (
    ORIGIN,
    QUANTIZATION,
    TRAINING,
    model_file,
    study_file,
    write_json,
    write_whole,
)
from edgecry.inference.manifest import Manifest

STUDIES = {
    "ablation": "What each part of the training brought",
    "leave_out": "Tested on sources that did not train",
}


class Study(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of a study, and the command that makes it again."""

    columns: list[str]
    rows: list[list[str]]
    notes: str
    command: str

    def table(self, title: str) -> Table:
        """For card and report."""
        return Table(title, self.columns, self.rows, self.notes)


@dataclass(frozen=True, slots=True)
class Measured:
    """chosen: the manifest with what val promised; studies: by what they tell."""

    evaluation: Evaluation
    chosen: Manifest
    size_bytes: int
    quantization: dict[str, Any]
    training: dict[str, Any]
    origin: dict[str, str]
    studies: dict[str, Study]


def read_run(run: Path, name: str) -> Measured:
    """Read a run folder whose model is called `name`.

    Raises EvaluationError or ModelError where a step has not been there.
    """
    model = model_file(run, name)
    return Measured(
        evaluation=read_evaluation(run),
        chosen=manifest_of(model),
        size_bytes=model.stat().st_size,
        quantization=_read(run / QUANTIZATION, "verify"),
        training=_read(run / TRAINING, "train"),
        origin=_read(run / ORIGIN, "train"),
        studies={
            title: read_study(run, step)
            for step, title in STUDIES.items()
            if study_file(run, step).exists()
        },
    )


def write_study(run: Path, step: str, table: Table, command: str) -> None:
    """`STEP.json`, which card and report show, and `STEP.md`, which people read at once."""
    rows = [list(row) for row in table.rows]
    path = study_file(run, step)
    write_json(path, msgspec.to_builtins(Study(list(table.columns), rows, table.note, command)))
    write_whole(path.with_suffix(".md"), table.markdown(2))


def read_study(run: Path, step: str) -> Study:
    """What `write_study` left. Raises EvaluationError with the file and what is wrong."""
    path = study_file(run, step)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Study)
    except (OSError, msgspec.DecodeError) as error:
        raise EvaluationError(f"{path}: {error}; run python -m convert.{step} again") from None


def _read(path: Path, step: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise EvaluationError(f"{path}: {error}; run python -m convert.{step} again") from None
    return content
