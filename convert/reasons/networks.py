"""The networks of the approaches. None has pretrained weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.reasons.approach import (
    Cnn,
    CnnLstm,
    DepthwiseSeparable,
    Head,
    Known,
    Networks,
    Spectral,
)
from convert.reasons.resnet18 import resnet18
from convert.training.network import build_network

MOVING_AVERAGE = 0.9
"""Momentum of batch normalisation, as PyTorch's; our own network keeps its own. A training here has
a few hundred steps; with 0.99 (Keras) or 0.999 (its MobileNetV3) the averages that a network
answers with are then still near where they began, and it answers one class whatever it learnt."""


def build(network: Networks, fit: NDArray[Any], classes: int) -> Any:
    """A Keras model (batch, ...) -> (batch, classes), probabilities.

    fit: (pieces, ...), what trains: its shape, and mean and deviation where the network normalises.
    Pictures are of 0..255. The last layer stands on the embedding of a piece.
    """
    import keras
    from keras import layers

    if isinstance(network, DepthwiseSeparable):
        whole = build_network(network, *fit.shape[1:3])
        inputs, x, l2 = whole.input, whole.layers[-1].input, 0.0
    else:
        inputs = keras.Input(fit.shape[1:])
        l2 = network.l2 if isinstance(network, Cnn | Known | Head) else 0.0
        x = _embedding(network, fit, inputs)
    out = layers.Dense(classes, activation="softmax", kernel_regularizer=_l2(l2))(x)
    model = keras.Model(inputs, out)
    if not isinstance(network, DepthwiseSeparable):
        for layer in model.layers:
            if isinstance(layer, layers.BatchNormalization):
                layer.momentum = MOVING_AVERAGE
    return model


def _embedding(network: Networks, fit: NDArray[Any], inputs: Any) -> Any:
    from keras import layers

    if isinstance(network, Known):
        return layers.Dropout(network.dropout)(_known(network, inputs))
    x = layers.Rescaling(1 / 255)(inputs) if fit.dtype == np.uint8 else inputs
    if isinstance(network, Head):
        x = layers.Dense(network.dense, activation="relu", kernel_regularizer=_l2(network.l2))(x)
        return layers.Dropout(network.dropout)(x)
    if isinstance(network, Cnn):
        return _cnn(network, fit, x)
    if isinstance(network, CnnLstm):
        return _cnn_lstm(network, x)
    assert isinstance(network, Spectral)
    return _spectral(network, fit, x)


def _cnn(network: Cnn, fit: NDArray[Any], x: Any) -> Any:
    from keras import layers

    if network.resize:
        resized = layers.Resizing(network.resize, network.resize)
        x, fit = resized(x), resized(fit)
    if network.normalise:
        normal = layers.Normalization(axis=2 if network.normalise == "bands" else None)
        normal.adapt(np.asarray(fit))
        x = normal(x)
    for stage in network.stages:
        for filters in stage:
            x = layers.Conv2D(filters, 3, activation="relu", kernel_regularizer=_l2(network.l2))(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(layers.Dropout(network.dropout[0])(x))
    x = layers.Dense(network.dense, activation="relu", kernel_regularizer=_l2(network.l2))(x)
    return layers.Dropout(network.dropout[1])(x)


def _cnn_lstm(network: CnnLstm, x: Any) -> Any:
    from keras import layers

    for filters in network.filters:
        x = layers.MaxPooling2D()(layers.Conv2D(filters, 3, activation="relu")(x))
    x = layers.RepeatVector(network.repeat)(layers.Flatten()(x))
    x = _lstms(network.lstm, x, lambda layer: layer)
    x = layers.Dense(network.dense, activation="relu")(x)
    return layers.Dropout(network.dropout)(x)


def _spectral(network: Spectral, fit: NDArray[Any], x: Any) -> Any:
    from keras import layers

    normal = layers.Normalization(axis=2)
    normal.adapt(fit)
    x = layers.Reshape(fit.shape[1:3])(normal(x))
    for filters in network.filters:
        x = layers.Conv1D(filters, 5, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.MaxPooling1D()(x)
    x = _lstms(network.lstm, x, layers.Bidirectional)
    x = layers.Dense(network.dense, activation="relu")(x)
    return layers.Dropout(network.dropout)(x)


def _lstms(units: list[int], x: Any, wrapped: Any) -> Any:
    """One on the other; the last one's last state."""
    from keras import layers

    for number, count in enumerate(units):
        x = wrapped(layers.LSTM(count, return_sequences=number < len(units) - 1))(x)
    return x


def _known(network: Known, pictures: Any) -> Any:
    """(batch, pixels, pixels, 3) of 0..255 -> (batch, values), each scaled as its authors did."""
    from keras import applications, layers

    without_weights = {"weights": None, "include_top": False, "pooling": "avg"}
    if network.architecture == "MobileNetV3Small":
        return applications.MobileNetV3Small(input_tensor=pictures, **without_weights).output
    if network.architecture == "EfficientNetB0":
        return applications.EfficientNetB0(input_tensor=pictures, **without_weights).output
    scaled = layers.Rescaling(1 / 127.5, offset=-1.0)(pictures)
    if network.architecture == "ResNet50":
        return applications.ResNet50(input_tensor=scaled, **without_weights).output
    return resnet18(scaled)


def _l2(strength: float) -> Any:
    import keras

    return keras.regularizers.L2(strength) if strength else None
