"""What the steps left in a run folder, for the card and the report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.measuring.listening import manifest_of
from convert.reporting.evaluation import Evaluation, EvaluationError, read_evaluation
from convert.reporting.table import Table
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
    model = run / f"{name}.tflite"
    return Measured(
        evaluation=read_evaluation(run),
        chosen=manifest_of(model),
        size_bytes=model.stat().st_size,
        quantization=_read(run / "quantization.json", "verify"),
        training=_read(run / "training.json", "train"),
        origin=_read(run / "origin.json", "train"),
        studies={
            name: read_study(run / f"{name}.json", title)
            for name, title in STUDIES.items()
            if (run / f"{name}.json").exists()
        },
    )


def write_study(run: Path, name: str, table: Table) -> None:
    """`NAME.json`, which card and report show, and `NAME.md`, which people read at once."""
    content = {"columns": table.columns, "rows": table.rows, "notes": table.note}
    (run / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")
    (run / f"{name}.md").write_text(table.markdown(2))


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
