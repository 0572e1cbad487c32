"""A Keras model -> full int8, input and output."""

from __future__ import annotations

from typing import Any

from edgecry.types import Float32Array


def convert(model: Any, representative: Float32Array) -> bytes:
    """A full-int8 .tflite of a Keras model, for one window at a time."""
    import keras
    import tensorflow as tf

    one_window = keras.Input(batch_shape=(1, *model.input_shape[1:]))
    converter = tf.lite.TFLiteConverter.from_keras_model(
        keras.Model(one_window, model(one_window, training=False))
    )
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([window[None]] for window in representative)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return without_names(converter.convert())


def without_names(content: bytes) -> bytes:
    """The same model without the names of tensors, which no run time needs: a seventh smaller."""
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    flatbuffer_utils.strip_strings(model)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
