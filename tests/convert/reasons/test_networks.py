"""What a network has learnt in the few steps of a small data set, it answers with."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
PROGRAM = """
    import sys
    import keras
    import numpy as np
    from convert.reasons.approach import load_approaches
    from convert.reasons.networks import build
    keras.utils.set_random_seed(1)
    approach = load_approaches()[sys.argv[1]]
    shape = tuple(map(int, sys.argv[2].split("x")))
    rng = np.random.default_rng(0)
    labels = np.arange(64) % 2
    sounds = rng.uniform(0, 100, (64, *shape)) + 100 * labels.reshape(-1, *[1] * len(shape))
    sounds = sounds.astype(np.uint8 if shape[-1] == 3 else np.float32)
    model = build(approach.network, sounds, 2)
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(sounds, labels, batch_size=16, epochs=24, verbose=0)
    print((model.predict(sounds, verbose=0).argmax(axis=1) == labels).mean())
"""


@pytest.mark.trains
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("approach", "shape"),
    [
        ("mobilenetv3", "32x32x3"),
        ("efficientnet-b0", "32x32x3"),
    ],
)
def test_it_answers_with_what_it_learnt(approach: str, shape: str) -> None:
    """Moving averages that are still where they began would spoil every answer."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), approach, shape],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout.split()[-1]) >= 0.9
