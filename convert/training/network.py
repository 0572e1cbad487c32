"""The network: a residual depthwise-separable CNN with one logit.

Depthwise-separable blocks after A. Howard et al. (MobileNets, 2017), residual where shapes allow
(K. He et al., 2016), squeeze-and-excitation after J. Hu et al. (2018). The head weighs the bands
that are left before it averages over time: where in the spectrum a sound sits says what it is.
"""

from __future__ import annotations

from typing import Any

from convert.recipe import Network


def build_network(settings: Network, frames: int, mels: int) -> Any:
    """A Keras model (batch, frames, mels, 1) -> (batch, 1), the logit of a cry."""
    import keras
    from keras import layers

    def normal(x: Any) -> Any:
        return layers.BatchNormalization(momentum=0.98)(x)

    def activated(x: Any) -> Any:
        return layers.ReLU(6.0)(normal(x))

    def excited(x: Any) -> Any:
        channels = x.shape[-1]
        share = layers.GlobalAveragePooling2D(keepdims=True)(x)
        share = layers.Conv2D(max(4, channels // 8), 1, activation="relu")(share)
        share = layers.Conv2D(channels, 1, activation="sigmoid")(share)
        return layers.Multiply()([x, share])

    features = keras.Input((frames, mels, 1))
    x = layers.Conv2D(settings.stem, 3, strides=2, padding="same", use_bias=False)(features)
    x = activated(x)
    for number, (filters, stride) in enumerate(settings.blocks):
        before = x
        x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
        x = activated(x)
        if number >= len(settings.blocks) - settings.squeeze_excite:
            x = excited(x)
        x = layers.Conv2D(filters, 1, use_bias=False)(x)
        if settings.residual and before.shape == x.shape:
            x = layers.Add()([before, activated(x)])
        else:
            x = activated(x)
    if settings.band_head:
        x = activated(layers.DepthwiseConv2D((1, x.shape[2]), use_bias=False)(x))
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
