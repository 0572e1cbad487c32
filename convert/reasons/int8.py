"""A trained network of the benchmark to full int8, in a process of its own.

    python -m convert.reasons.int8 --job F/job.yaml --data D

Leaves INT8_MODEL in F, and FLOAT_LOGITS: what is judged there, or of a network that nobody judges
some of what trained it, with what float makes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from convert.reasons.job import Job, asked, clips_of
from convert.reasons.pieces import seen_of, stacked
from convert.reasons.plan import Piece, Plan
from convert.reasons.sounds import LabelledClip
from convert.run import FLOAT_LOGITS, FLOAT_MODEL, INT8_MODEL, needed
from convert.step import parsed, step_parser
from convert.training.int8 import convert
from convert.training.network import multiply_adds

VERIFIED_AT_MOST = 1000


def representative(plan: Plan, clips: Sequence[LabelledClip], seed: int) -> list[Piece]:
    """One piece of every group that trains, copies among them: a baby with many clips does not
    decide the range of a tensor."""
    rng = np.random.default_rng([seed, 8])
    of_group: dict[str, list[Piece]] = {}
    for piece in plan.fit:
        of_group.setdefault(clips[piece.clip].group, []).append(piece)
    return [own[rng.integers(len(own))] for own in of_group.values()]


def verified(plan: Plan) -> list[Piece]:
    """On which int8 is held against float: all that is judged, else some that trained, as they
    were recorded."""
    if plan.judge:
        return plan.judge
    recorded = [p for p in plan.fit if not p.version]
    return recorded[:: -(-len(recorded) // VERIFIED_AT_MOST)]


def with_logits(model: Any) -> Any:
    """The same network without its softmax, as the device has it."""
    import keras

    last = model.layers[-1]
    logits = keras.layers.Dense(last.units)
    bare = keras.Model(model.input, logits(last.input))
    logits.set_weights(last.get_weights())
    return bare


def quantize_training(job: Job, clips: Sequence[LabelledClip], data: Path, folder: Path) -> None:
    """Convert the FLOAT_MODEL of a training that is done."""
    import keras

    (folder / FLOAT_LOGITS).unlink(missing_ok=True)
    model = with_logits(keras.models.load_model(needed(folder / FLOAT_MODEL, "benchmark")))
    plan = job.plan(clips)
    ranges, shown = representative(plan, clips, job.seed), verified(plan)
    sees = seen_of(job.approach, clips, [*ranges, *shown], data)
    calibrating = np.asarray(stacked(ranges, sees), np.float32)
    (folder / INT8_MODEL).write_bytes(convert(model, calibrating))
    windows = stacked(shown, sees)
    np.savez(
        folder / FLOAT_LOGITS,
        windows=windows,
        logits=model.predict(windows, verbose=0),
        multiply_adds=multiply_adds(model),
    )


def main() -> None:
    """Convert the network of one job."""
    parser = step_parser(__doc__)
    parser.add_argument("--job", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    args = parsed(parser)
    job = asked(args.job)
    quantize_training(job, clips_of(job.approach, args.data, job.quick), args.data, args.job.parent)


if __name__ == "__main__":
    main()
