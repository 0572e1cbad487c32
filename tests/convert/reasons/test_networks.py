"""Networks normalise by what trains them, and answer with what they learnt in few steps."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from convert.reasons.approach import Cnn, Spectral, load_approaches

REPOSITORY = Path(__file__).parents[3]
NORMALISED = ("stft-cnn", "mfcc-cnn", "deep-spectral")
NORMALISE = """
    import sys
    import keras
    import numpy as np
    from convert.reasons.approach import load_approaches
    from convert.reasons.networks import build
    bands = np.linspace(-50, 50, 40)[:, None]
    fit = np.random.default_rng(0).normal(bands, 7, (16, 40, 40, 1)).astype(np.float32)
    for name in sys.argv[1:]:
        model = build(load_approaches()[name].network, fit, 2)
        [layer] = [of for of in model.layers if isinstance(of, keras.layers.Normalization)]
        out = keras.Model(model.input, layer.output)(fit).numpy()
        print(name, out.mean(), out.std(), np.ptp(out.mean(axis=(0, 1))))
"""
LEARN = """
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


def printed(program: str, *given: str) -> str:
    """By a process of its own, which TensorFlow needs."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *given],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_what_trains_is_normalised_to_mean_0_and_deviation_1() -> None:
    """Bands of very different levels, each by itself or all together."""
    lines = printed(NORMALISE, *NORMALISED).splitlines()
    assert len(lines) == len(NORMALISED)
    for line in lines:
        name, *found = line.split()
        mean, deviation, spread = map(float, found)
        assert mean == pytest.approx(0, abs=1e-3)
        assert deviation == pytest.approx(1, abs=1e-3)
        assert (spread > 1) == (name == "stft-cnn"), "its bands keep their levels"


def test_no_other_network_is_normalised() -> None:
    """So that the test above has them all."""
    networks = {name: approach.network for name, approach in load_approaches().items()}
    normalising = {
        name
        for name, network in networks.items()
        if isinstance(network, Spectral) or (isinstance(network, Cnn) and network.normalise)
    }
    assert normalising == set(NORMALISED)


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
    assert float(printed(LEARN, approach, shape).split()[-1]) >= 0.9
