"""Makes tiny-reasons.tflite beside this file: `python tests/support/models/make_tiny_reasons.py`.

A stand-in for a trained model, run by the real run time. Its three logits are 4 x the mean of the
lower half of the mel bands, 4 x that of the upper half, and 0.
"""

from pathlib import Path

import keras
import numpy as np

from convert.quantize import convert

FRAMES, MELS = 96, 64

if __name__ == "__main__":
    model = keras.Sequential(
        [
            keras.Input((FRAMES, MELS, 1)),
            keras.layers.AveragePooling2D((FRAMES, MELS // 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    )
    weights = np.array([[4.0, 0.0, 0.0], [0.0, 4.0, 0.0]], np.float32)
    model.layers[-1].set_weights([weights, np.zeros(3, np.float32)])
    rng = np.random.default_rng(0)
    halves = rng.uniform(-2.0, 3.0, (64, 1, 2, 1)).astype(np.float32)
    windows = np.repeat(np.repeat(halves, FRAMES, axis=1), MELS // 2, axis=2)
    Path(__file__).with_name("tiny-reasons.tflite").write_bytes(convert(model, windows))
