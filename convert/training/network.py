"""The network: a depthwise-separable CNN (A. Howard et al., MobileNets, 2017) with one logit."""

from __future__ import annotations

from typing import Any

from convert.recipe import Network


def build_network(settings: Network, frames: int, mels: int) -> Any:
    """A Keras model (batch, frames, mels, 1) -> (batch, 1), the logit of a cry."""
    import keras
    from keras import layers

    def activated(x: Any) -> Any:
        return layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.98)(x))

    features = keras.Input((frames, mels, 1))
    x = layers.Conv2D(settings.stem, 3, strides=2, padding="same", use_bias=False)(features)
    x = activated(x)
    for filters, stride in settings.blocks:
        x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
        x = activated(x)
        x = layers.Conv2D(filters, 1, use_bias=False)(x)
        x = activated(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(settings.dropout)(x)
    return keras.Model(features, layers.Dense(1)(x))


def multiply_adds(model: Any) -> int:
    """Multiply-adds of one inference, counted over convolutions and dense layers."""
    import keras

    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.DepthwiseConv2D | keras.layers.Conv2D):
            _, rows, columns, filters = layer.output.shape
            inputs = 1 if isinstance(layer, keras.layers.DepthwiseConv2D) else layer.input.shape[-1]
            total += rows * columns * filters * inputs * layer.kernel_size[0] * layer.kernel_size[1]
        elif isinstance(layer, keras.layers.Dense):
            total += layer.input.shape[-1] * layer.units
    return int(total)
