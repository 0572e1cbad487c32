"""A training of the benchmark, in a process of its own.

    python -m convert.reasons.fold --job F/job.yaml --data D

Leaves its result in F. On a processor the same job gives the same weights again: TensorFlow runs on
one thread there. A graphics card adds up in another order each time.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.reasons.classifiers import Classifier
from convert.reasons.features import Seen
from convert.reasons.hardware import hardware
from convert.reasons.job import EMBEDDINGS, JOB, Job, Result, asked, clips_of, write_result
from convert.reasons.job import result as result_of
from convert.reasons.networks import build
from convert.reasons.pieces import labels_of, seen_of, stacked
from convert.reasons.plan import Piece, Plan
from convert.reasons.sounds import LabelledClip
from convert.run import CURVES, FLOAT_MODEL, needed
from convert.step import parsed, step_parser

TIMED_CLIPS = 5

Probabilities = NDArray[np.float32]


def train_network(
    job: Job, clips: Sequence[LabelledClip], plan: Plan, data: Path, folder: Path
) -> Result:
    """Train and judge; FLOAT_MODEL and EMBEDDINGS where others need them."""
    import keras
    import tensorflow as tf

    _set_up(tf)
    keras.utils.set_random_seed(job.seed * job.folds + (job.fold or 0))
    settings, classes = job.approach.train, len(job.approach.classes)
    sees = seen_of(job.approach, clips, [*plan.fit, *plan.watch, *plan.judge], data)
    x, y = stacked(plan.fit, sees), labels_of(plan.fit, clips)
    watched = (stacked(plan.watch, sees), labels_of(plan.watch, clips)) if plan.watch else None
    model = build(job.approach.network, x, classes)
    model.compile(
        keras.optimizers.Adam(settings.learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        # A few hundred small batches are not worth a compilation, nor those of --quick a graph.
        jit_compile=False,
        run_eagerly=job.quick is not None,
    )
    stop = keras.callbacks.EarlyStopping(patience=settings.patience or 0, restore_best_weights=True)
    curves = model.fit(
        x,
        y,
        batch_size=settings.batch,
        epochs=settings.epochs,
        sample_weight=class_weights(y) if settings.class_weights else None,
        validation_data=watched,
        callbacks=[stop] if plan.watch else [],
        verbose=2,
    ).history
    _write_curves(folder / CURVES, curves)
    if FLOAT_MODEL in job.left:
        model.save(folder / FLOAT_MODEL)
    probabilities = np.empty((0, classes), np.float32)
    if plan.judge:
        judge = stacked(plan.judge, sees)
        probabilities = model.predict(judge, batch_size=settings.batch, verbose=0)
    if job.embedded:
        embedding = keras.Model(model.input, model.layers[-1].input)
        inferred = {
            "fit": embedding.predict(x, verbose=0),
            "judge": embedding.predict(judge, verbose=0),
        }
        np.savez(folder / EMBEDDINGS, **inferred)
    timed = [p.clip for p in plan.judge if not p.version and not p.number][:TIMED_CLIPS]
    return judged(
        plan.judge,
        clips,
        probabilities,
        whole_clips=job.protocol == "by_baby",
        majority=majority(plan, clips),
        parameters=int(model.count_params()),
        size_bytes=sum(4 * int(np.prod(weights.shape)) for weights in model.weights),
        network_ms=_network_ms(tf, job, [sees[c, 0] for c in timed]) if job.timed else None,
        hardware=hardware(tf),
    )


def train_classifier(job: Job, clips: Sequence[LabelledClip], plan: Plan, run: Path) -> Result:
    """Fit on the embeddings of the network that was trained with the same plan, and judge."""
    assert job.approach.classifier is not None and job.approach.embeddings_of is not None
    below = job.folder(run, job.approach.embeddings_of)
    network = result_of(asked(below / JOB), run)
    with np.load(needed(below / EMBEDDINGS, "benchmark")) as arrays:
        fit, judge = arrays["fit"], arrays["judge"]
    y = labels_of(plan.fit, clips)
    classifier = Classifier(job.approach.classifier, fit, y, job.seed)
    classes = len(job.approach.classes)
    begin = process_time()
    probabilities = np.concatenate([classifier.probabilities(one[None], classes) for one in judge])
    own_ms = 1000 * (process_time() - begin) / len(judge)
    return judged(
        plan.judge,
        clips,
        probabilities,
        whole_clips=job.protocol == "by_baby",
        majority=majority(plan, clips),
        parameters=network.parameters,
        size_bytes=network.size_bytes + classifier.size_bytes,
        network_ms=None if network.network_ms is None else network.network_ms + own_ms,
        hardware=hardware() | {"gpu": network.hardware["gpu"]},
    )


def judged(
    pieces: Sequence[Piece],
    clips: Sequence[LabelledClip],
    probabilities: Probabilities,
    *,
    whole_clips: bool,
    **about: Any,
) -> Result:
    """whole_clips: a clip has the mean of its pieces' probabilities; else each piece its own."""
    places: dict[Any, list[int]] = {}
    for place, piece in enumerate(pieces):
        places.setdefault(piece.clip if whole_clips else piece, []).append(place)
    members = [clips[pieces[at[0]].clip] for at in places.values()]
    return Result(
        groups=[c.group for c in members],
        labels=[c.label for c in members],
        probabilities=[
            [round(float(p), 6) for p in probabilities[at].mean(axis=0)] for at in places.values()
        ],
        **about,
    )


def majority(plan: Plan, clips: Sequence[LabelledClip]) -> int:
    """The most frequent class of the clips that train."""
    members = sorted({piece.clip for piece in (*plan.fit, *plan.watch)})
    return int(np.bincount([clips[c].label for c in members]).argmax())


def class_weights(labels: NDArray[np.intp]) -> NDArray[np.float32]:
    """(pieces,) so that all classes weigh the same and the mean is 1."""
    counts = np.bincount(labels)
    present = np.count_nonzero(counts)
    return np.asarray(len(labels) / (present * counts[labels]), np.float32)


def _write_curves(path: Path, curves: Mapping[str, Sequence[float]]) -> None:
    """A row for each epoch, as `convert.plot curves` draws them."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *curves])
        rows = enumerate(zip(*curves.values(), strict=True), start=1)
        writer.writerows([epoch, *values] for epoch, values in rows)


def _network_ms(tf: Any, job: Job, sees: Sequence[Seen]) -> float:
    """The network built once more, on the processor; its weights make it neither slow nor fast."""
    with tf.device("/CPU:0"):
        model = build(job.approach.network, sees[0], len(job.approach.classes))
        infer = tf.function(lambda pieces: model(pieces, training=False))
        taken = []
        for pieces in [sees[0], *sees]:
            given = tf.constant(pieces)
            begin = process_time()
            infer(given).numpy()
            taken.append(1000 * (process_time() - begin))
    return float(median(taken[1:]))


def _set_up(tf: Any) -> None:
    """Before TensorFlow's first operation. Others train beside us."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    if not gpus:
        tf.config.experimental.enable_op_determinism()


def main() -> None:
    """Do one job."""
    parser = step_parser(__doc__)
    parser.add_argument("--job", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    args = parsed(parser)
    job, folder = asked(args.job), args.job.parent
    clips = clips_of(job.approach, args.data, job.quick)
    plan = job.plan(clips)
    if job.approach.classifier:
        result = train_classifier(job, clips, plan, folder.parents[2])
    else:
        result = train_network(job, clips, plan, args.data, folder)
    write_result(folder, result)


if __name__ == "__main__":
    main()
