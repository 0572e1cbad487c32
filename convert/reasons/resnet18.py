"""ResNet-18 (K. He et al., Deep residual learning for image recognition, 2016), which
keras.applications lacks; strides and paddings as in torchvision."""

from __future__ import annotations

from typing import Any

STAGES = (64, 128, 256, 512)
BLOCKS_PER_STAGE = 2


def resnet18(pictures: Any) -> Any:
    """(batch, rows, columns, channels) -> (batch, 512), Keras tensors."""
    from keras import layers

    def convolved(x: Any, filters: int, size: int, stride: int) -> Any:
        x = layers.ZeroPadding2D(size // 2)(x)
        x = layers.Conv2D(filters, size, strides=stride, use_bias=False)(x)
        return layers.BatchNormalization()(x)

    x = layers.ReLU()(convolved(pictures, STAGES[0], 7, 2))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, filters in enumerate(STAGES):
        for block in range(BLOCKS_PER_STAGE):
            stride = 2 if stage and not block else 1
            straight = x
            if stride == 2:
                straight = convolved(x, filters, 1, stride)
            x = layers.ReLU()(convolved(x, filters, 3, stride))
            x = layers.ReLU()(layers.Add()([convolved(x, filters, 3, 1), straight]))
    return layers.GlobalAveragePooling2D()(x)
