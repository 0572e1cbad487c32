"""An int8 network on a desk: ai-edge-litert with XNNPACK, for studies that listen to days of sound.

On x86 twenty times as fast as the kernels that the device runs, and often one to three of the 256
steps of the output apart: what is said of a shipped model is measured with
`edgecry.inference.interpreter` instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgecry.inference.manifest import Quantization


class FastInterpreter:
    """Runs a full-int8 model with one input and one output, on one thread."""

    def __init__(self, model: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter: Any = Interpreter(str(model), num_threads=1)
        self._interpreter.allocate_tensors()
        [self._input] = self._interpreter.get_input_details()
        [self._output] = self._interpreter.get_output_details()
        self.input, self.output = _quantization(self._input), _quantization(self._output)

    def run(self, quantized: NDArray[np.int8]) -> NDArray[np.int8]:
        """One inference: int8 of the input's shape in, int8 of the output's shape out."""
        self._interpreter.set_tensor(self._input["index"], quantized)
        self._interpreter.invoke()
        output: NDArray[np.int8] = self._interpreter.get_tensor(self._output["index"])
        return output


def _quantization(details: dict[str, Any]) -> Quantization:
    scale, zero_point = details["quantization"]
    return Quantization(tuple(int(n) for n in details["shape"]), float(scale), int(zero_point))
