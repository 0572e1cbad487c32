"""Is int8 what float was? The `.tflite` on the device's run time against Keras, on val windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score
from tqdm import tqdm

from convert.quantize import FLOAT_LOGITS, INT8_MODEL
from convert.run import step_arguments, write_json
from edgecry.inference.classifier import quantize
from edgecry.inference.interpreter import Int8Interpreter
from edgecry.types import Float32Array


def int8_logits(model: bytes, windows: Float32Array) -> Float32Array:
    """Dequantized output (n,) of a .tflite on the device's run time."""
    runtime = Int8Interpreter(model, INT8_MODEL)
    scale, zero_point = runtime.output.scale, runtime.output.zero_point
    raw = [runtime.run(quantize(w, runtime.input))[0, 0] for w in tqdm(windows, "verifying")]
    return (np.array(raw, np.float32) - zero_point) * np.float32(scale)


def compare(keras: Float32Array, int8: Float32Array, labels: Float32Array) -> dict[str, float]:
    """How far int8 is from float on the same windows: logits, and what it costs."""
    difference = np.abs(keras - int8)
    return {
        "windows": len(keras),
        "logit_difference_median": float(np.median(difference)),
        "logit_difference_p99": float(np.percentile(difference, 99)),
        "logit_difference_max": float(difference.max()),
        "float_average_precision": float(average_precision_score(labels, keras)),
        "int8_average_precision": float(average_precision_score(labels, int8)),
    }


def verify(run: Path) -> dict[str, float]:
    """Compare a quantized run's two models and write quantization.json."""
    content = (run / INT8_MODEL).read_bytes()
    with np.load(run / FLOAT_LOGITS) as kept:
        windows, labels, keras = kept["windows"], kept["labels"], kept["logits"]
    report = compare(keras, int8_logits(content, windows), labels)
    report["bytes"] = len(content)
    write_json(run / "quantization.json", report)
    return report


def main() -> None:
    """Verify a quantized run."""
    args, _ = step_arguments(__doc__)
    for name, value in verify(args.run).items():
        print(f"{name} {value:g}")


if __name__ == "__main__":
    main()
