"""One YAML file says everything about one approach of the benchmark; unknown keys are errors.

An approach may name a `base`, and say only what it has otherwise, as any recipe.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from convert.recipe import (
    SHIPPED,
    Count,
    Network,
    NotNegative,
    Positive,
    Range,
    RecipeError,
    Share,
    settings,
)

APPROACHES = SHIPPED / "benchmark"
Filters = Annotated[list[Count], Meta(min_length=1)]


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the authors published. accuracy: lowest and highest, where there is a figure that a
    random split can be held against. said: what they said it is, and what they left open."""

    said: str
    accuracy: Range | None = None


class Items(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is classified: the first `seconds` of a clip, or with hop_s all its pieces of `seconds`,
    so far apart. A clip that is shorter is repeated: silence at the end would tell the class."""

    seconds: Positive
    hop_s: Positive | None = None

    def count(self, duration_s: float) -> int:
        """How many items a clip holds, at least one."""
        if self.hop_s is None:
            return 1
        # Resampling may take a sample away.
        return 1 + max(0, int((duration_s - self.seconds) / self.hop_s + 1e-3))


class MelDb(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="mel"):
    """Mel spectrogram in dB under its loudest point, 80 dB of it, scaled to 0..1."""

    rate_hz: Count
    fft_samples: Count
    hop_samples: Count
    mels: Count


class Picture(MelDb, frozen=True, forbid_unknown_fields=True, tag="picture"):
    """A mel spectrogram in dB as a picture of pixels x pixels x 3; colours: a map of matplotlib."""

    pixels: Annotated[int, Meta(ge=32)]
    colours: str = "magma"


class MfccChroma(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="mfcc_chroma"
):
    """So many mel-frequency cepstral coefficients and the 12 pitch classes of each frame."""

    rate_hz: Count
    fft_samples: Count
    hop_samples: Count
    coefficients: Count


class Stft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="stft"):
    """Magnitudes of the short-time Fourier transform, as tf.signal.stft makes them."""

    rate_hz: Count
    frame_samples: Count
    step_samples: Count


class DeviceMel(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="device_mel"
):
    """The log-mel spectrogram of the monitor, `edgecry.features`."""


class Yamnet(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="yamnet"
):
    """YAMNet's embedding of each piece, 1024 values. model: a TFLite file in the data folder."""

    model: str


Features = Picture | MelDb | MfccChroma | Stft | DeviceMel | Yamnet


class Copies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changed copies of what trains: noise, pitch and tempo are drawn for each.

    each: so many of every piece. per_class: then each class is brought to so many pieces, by
    further copies or by leaving pieces out; by baby, and in training only, to the training's share
    of them. before_split: the authors made them before they split, which the leaky protocol does
    too.
    """

    noise_snr_db: Range
    semitones: NotNegative
    tempo: Range
    before_split: bool
    each: Annotated[int, Meta(ge=0)] = 0
    per_class: Count | None = None


class Cnn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="cnn"):
    """Stages of 3 x 3 convolutions, a max pooling behind each, then a dense layer.

    resize: both sides, before all else. normalise: by mean and deviation of the training's whole
    spectrograms, or of each of their bands. dropout: behind the stages, behind the dense layer.
    """

    stages: Annotated[list[Filters], Meta(min_length=1)]
    dense: Count
    dropout: tuple[Share, Share]
    resize: Count | None = None
    normalise: Literal["whole", "bands"] | None = None
    l2: NotNegative = 0.0


class CnnLstm(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="cnn_lstm"
):
    """Convolutions and poolings, flattened, the vector repeated, LSTMs, a dense layer, dropout."""

    filters: Filters
    repeat: Count
    lstm: Filters
    dense: Count
    dropout: Share


class Spectral(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="spectral"
):
    """Bands normalised one by one, convolutions and poolings along time, LSTMs in both directions,
    a dense layer, dropout."""

    filters: Filters
    lstm: Filters
    dense: Count
    dropout: Share


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="known"):
    """A well-known network without pretrained weights; dropout and L2 at its last layer."""

    architecture: Literal["ResNet18", "ResNet50", "MobileNetV3Small", "EfficientNetB0"]
    dropout: Share
    l2: NotNegative


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="head"):
    """One dense layer on embeddings, with dropout and L2."""

    dense: Count
    dropout: Share
    l2: NotNegative


class DepthwiseSeparable(
    Network, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="depthwise_separable"
):
    """Our detector's network, with as many outputs as there are classes."""


Networks = Cnn | CnnLstm | Spectral | Known | Head | DepthwiseSeparable


class Svm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="svm"):
    """Support vectors with a radial kernel; c: what an error costs."""

    c: Positive


class Xgboost(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="xgboost"
):
    """Boosted trees."""

    trees: Count
    depth: Count
    learning_rate: Positive


class Train(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Adam. patience: epochs without a lower loss on a fifth of the training that is kept back, by
    the protocol's own split; null: no fifth, all epochs. class_weights: rare classes weigh more."""

    epochs: Count
    batch: Count
    learning_rate: Positive
    patience: Count | None
    class_weights: bool = False


class Approach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the benchmark.

    data: `reasons` are the rows of reasons.csv; `cries` are train and val of pack/manifest.csv,
    whose labels are cry and noncry. classes: each with the labels that it takes; clips of other
    labels are left out. threshold: the first of two classes is the answer from this probability on,
    instead of the likelier one. pretraining: what the network had learned before, here and there.
    embeddings_of: the approach whose trained networks give what `classifier` learns from; the two
    differ in nothing else.
    """

    name: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$")]
    title: str
    published: Published
    pretraining: str
    data: Literal["reasons", "cries"]
    classes: Annotated[dict[str, Annotated[list[str], Meta(min_length=1)]], Meta(min_length=2)]
    items: Items
    features: Features
    network: Networks
    train: Train
    copies: Copies | None = None
    threshold: Share | None = None
    classifier: Svm | Xgboost | None = None
    embeddings_of: str | None = None

    def __post_init__(self) -> None:
        labels = [label for taken in self.classes.values() for label in taken]
        if len(labels) != len(set(labels)):
            raise ValueError("`classes`: a label is in two classes")
        if self.threshold is not None and len(self.classes) != 2:
            raise ValueError("`threshold`: only where there are two classes")
        if (self.classifier is None) != (self.embeddings_of is None):
            raise ValueError("`classifier` and `embeddings_of` need each other")


NOT_TRAINED = ("name", "title", "published", "pretraining", "threshold")
"""What an approach says that does not change the trained network."""
OF_CLASSIFIERS = ("classifier", "embeddings_of")


def load_approach(path: Path) -> Approach:
    """Read an approach. Raises RecipeError with the file and the key in the message."""
    try:
        approach = msgspec.convert(settings(path), Approach)
    except msgspec.ValidationError as error:
        raise RecipeError(f"{path}: not an approach: {error}") from None
    if approach.name != path.stem:
        raise RecipeError(f"{path}: its name is {approach.name!r}: name both alike")
    return approach


def load_approaches(folder: Path = APPROACHES) -> dict[str, Approach]:
    """All approaches of a folder by name, those that others stand on before them.

    Raises RecipeError, also where `embeddings_of` names one that is not there or that is trained
    otherwise.
    """
    approaches = {path.stem: load_approach(path) for path in sorted(folder.glob("*.yaml"))}
    for name, approach in approaches.items():
        if (other := approach.embeddings_of) is None:
            continue
        if other not in approaches:
            raise RecipeError(f"{folder / name}.yaml: embeddings_of: there is no {other}.yaml")
        left_out = (*NOT_TRAINED, *OF_CLASSIFIERS)
        if trained(approach, left_out) != trained(approaches[other], left_out):
            raise RecipeError(
                f"{folder / name}.yaml: embeddings_of: {other} is trained otherwise; say "
                f"`base: {other}.yaml` and change nothing that trains"
            )
    return dict(sorted(approaches.items(), key=lambda item: item[1].embeddings_of is not None))


def chosen(approaches: dict[str, Approach], names: Iterable[str]) -> dict[str, Approach]:
    """Those of these names, and what they stand on. Raises RecipeError for an unknown name."""
    wanted: set[str] = set()
    for name in names:
        if name not in approaches:
            raise RecipeError(f"there is no approach {name!r}; there are {', '.join(approaches)}")
        wanted |= {name, approaches[name].embeddings_of or name}
    return {name: approach for name, approach in approaches.items() if name in wanted}


def trained(approach: Approach, left_out: Iterable[str] = NOT_TRAINED) -> dict[str, Any]:
    """What of an approach decides the trained network."""
    whole: dict[str, Any] = msgspec.to_builtins(approach)
    return {key: value for key, value in whole.items() if key not in left_out}


def quick(approach: Approach) -> Approach:
    """The same in miniature: it shows that all parts fit, and nothing else; what was published is
    no measure for it."""
    replace = msgspec.structs.replace
    copies, features = approach.copies, approach.features
    if copies and copies.per_class:
        copies = replace(copies, per_class=6)
    if isinstance(features, Picture):
        features = replace(features, pixels=32)
        if isinstance(approach.network, CnnLstm):
            features = replace(features, pixels=64)
    return replace(
        approach,
        published=replace(approach.published, accuracy=None),
        copies=copies,
        features=features,
        train=replace(approach.train, epochs=1),
    )
