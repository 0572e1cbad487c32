"""The TFLite run time. The only module that knows which one is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgecry.errors import ModelError
from edgecry.inference.flatbuffer import check_whole
from edgecry.inference.manifest import Quantization


class Int8Interpreter:
    """Runs a full-int8 model with one input and one output, on one thread.

    `tflite-runtime` is taken where it is installed (wheels up to Python 3.11), else
    `ai-edge-litert`.
    Raises ModelError if there is no run time, or if it cannot run the model.
    """

    def __init__(self, model: bytes, where: str) -> None:
        check_whole(model, where)
        library, self.runtime = _load_runtime()
        try:
            self._interpreter = library.Interpreter(
                model_content=model,
                num_threads=1,
                # XNNPACK would save 0.2 ms a window, and write a line to stderr at every start.
                experimental_op_resolver_type=(
                    library.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
                ),
            )
            self._interpreter.allocate_tensors()
            [self._input] = self._interpreter.get_input_details()
            [self._output] = self._interpreter.get_output_details()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{where}: {self.runtime} cannot run it: {error}") from None
        self.input = _quantization(self._input, where)
        self.output = _quantization(self._output, where)

    def run(self, quantized: NDArray[np.int8]) -> NDArray[np.int8]:
        """One inference: int8 of the input's shape in, int8 of the output's shape out.

        Raises ModelError if the run time fails.
        """
        try:
            self._interpreter.set_tensor(self._input["index"], quantized)
            self._interpreter.invoke()
            output: NDArray[np.int8] = self._interpreter.get_tensor(self._output["index"])
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{self.runtime} fails: {error}") from None
        return output


def _load_runtime() -> tuple[Any, str]:
    try:
        from tflite_runtime import interpreter

        return interpreter, "tflite-runtime"
    except ImportError:
        pass
    try:
        from ai_edge_litert import interpreter

        return interpreter, "ai-edge-litert"
    except ImportError as error:
        raise ModelError(
            f"no TFLite run time ({error}): "
            "pip install tflite-runtime (Python 3.11) or ai-edge-litert"
        ) from None


def _quantization(details: dict[str, Any], where: str) -> Quantization:
    if details["dtype"] is not np.int8:
        raise ModelError(f"{where}: tensor {details['name']} is not int8; convert it to full int8")
    scale, zero_point = details["quantization"]
    return Quantization(tuple(int(n) for n in details["shape"]), float(scale), int(zero_point))
