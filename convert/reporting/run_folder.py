"""What the steps left in a run folder, for the card and the report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Measured:
    """chosen: the manifest with what val promised; studies: step -> the table it left."""

    evaluation: Evaluation
    chosen: Manifest
    size_bytes: int
    quantization: dict[str, Any]
    training: dict[str, Any]
    origin: dict[str, str]
    studies: dict[str, Table]


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
            study: read_study(study_file(run, study), title)
            for study, title in STUDIES.items()
            if study_file(run, study).exists()
        },
    )


def write_study(run: Path, name: str, table: Table) -> None:
    """`NAME.json`, which card and report show, and `NAME.md`, which people read at once."""
    content = {"columns": table.columns, "rows": table.rows, "notes": table.note}
    path = study_file(run, name)
    write_json(path, content)
    write_whole(path.with_suffix(".md"), table.markdown(2))


def read_study(path: Path, title: str) -> Table:
    """A table that `write_study` left."""
    content = json.loads(path.read_text())
    rows = [[str(cell) for cell in row] for row in content["rows"]]
    return Table(title, [str(c) for c in content["columns"]], rows, content["notes"])


def _read(path: Path, step: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise EvaluationError(f"{path}: {error}; run python -m convert.{step} again") from None
    return content
