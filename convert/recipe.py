"""One YAML file says everything that makes a model; unknown keys are errors.

A recipe may name a `base`, and say only what it has otherwise.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml
from msgspec import Meta

from edgecry.errors import EdgecryError
from edgecry.features.mel import FRAMES_PER_BATCH
from edgecry.inference.manifest import OperatingPointName

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Count = Annotated[int, Meta(ge=1)]
Range = tuple[float, float]
Positive = Annotated[float, Meta(gt=0.0)]
NotNegative = Annotated[float, Meta(ge=0.0)]


class RecipeError(EdgecryError, ValueError):
    """A recipe is wrong."""


class _Ordered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section whose ranges go from low to high."""

    def __post_init__(self) -> None:
        for name, kind in type(self).__annotations__.items():
            low, high = getattr(self, name) if kind == "Range" else (0.0, 0.0)
            if not (low <= high and math.isfinite(high - low)):
                raise ValueError(f"`{name}` is not [lowest, highest]")


class DataSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A data set as others publish it, in a folder of the data folder; `convert.data.layouts`.

    classes: what the classes whose names do not say it are. group: a regular expression on the
    file name; files for which it (its first bracket, if it has one) finds the same are of one
    group, such as a baby. split: the whole set goes there; without one, each group goes where the
    set's own folders or the hash of its name put it. licence: where the layout does not tell it.
    """

    layout: Literal["folders", "donateacry", "esc", "audioset"]
    path: str
    classes: dict[str, Literal["cry", "noncry", "leave out"]] = {}
    group: str | None = None
    split: Literal["train", "val", "test"] | None = None
    licence: str | None = None


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the recordings are, relative to the data folder.

    clips: manifests with a `split` column. sets: data sets in other layouts; split_seed decides
    where the groups of those without a split go. exclude: clips whose `source/path` or
    `source/original` matches one of these patterns neither train nor choose anything. streams:
    manifests of long non-cries without a split; a stream whose `source/path` matches a pattern of
    `held_out` tells when to stop the training, all others train. human_labels: clips of the test
    split with labels that owe nothing to a network.
    teacher: YAMNet as TFLite; without one, cry windows are labelled by their energy. laughs: CSV
    with path, reason, group and source; its laughs are heard in timelines and never train.
    """

    clips: list[str] = []
    sets: list[DataSet] = []
    split_seed: int = 0
    exclude: list[str] = []
    streams: list[str] = []
    held_out: list[str] = []
    rooms: str | None = None
    teacher: str | None = None
    human_labels: str | None = None
    laughs: str | None = None


class Variants(_Ordered, frozen=True, forbid_unknown_fields=True):
    """Versions of every clip made once, in the sample domain, beside the clean one.

    speed: how many times as fast, the pitch with it. pitch_tempo_share: how many versions also have
    their pitch moved by up to pitch_semitones, and their tempo by a factor, each for itself.
    room_share: in a room, one of the data's or of so many synthetic_rooms, a third of which are
    incubators. clip_share: how many are clipped. gliding_share: how many of the synthetic non-cries
    are harmonic and glide as a voice does.
    """

    per_cry: Annotated[int, Meta(ge=0)]
    per_noncry: Annotated[int, Meta(ge=0)]
    speed: Range
    pitch_tempo_share: Share
    pitch_semitones: NotNegative
    tempo: Range
    room_share: Share
    synthetic_rooms: Annotated[int, Meta(ge=0)]
    clip_share: Share
    codec_share: Share
    synthetic_noncries: Annotated[int, Meta(ge=0)]
    gliding_share: Share


class Augment(_Ordered, frozen=True, forbid_unknown_fields=True):
    """What happens to every training window on the fly, in the mel power domain.

    snr_db: of the sound to all of its background. layer_share: how many backgrounds get a second
    layer of voices, music or alarms, layer_db louder than the first. mixup_alpha: of the beta
    distribution that blends two windows and their targets.
    """

    gain_db: Range
    snr_db: Range
    background_share: Share
    layer_share: Share
    layer_db: Range
    band_limit_share: Share
    microphone_share: Share
    tilt_db: float
    self_noise_power: Range
    mask_share: Share
    mask_mels: Annotated[int, Meta(ge=0)]
    mask_frames: Annotated[int, Meta(ge=0)]
    mixup_share: Share
    mixup_alpha: Positive


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Depthwise-separable CNN: stem filters, then (filters, stride) of each block.

    squeeze_excite: how many of the last blocks have it. band_head: weigh the mel bands before the
    mean over time.
    """

    stem: Count
    blocks: Annotated[list[tuple[Count, Count]], Meta(min_length=1)]
    squeeze_excite: Annotated[int, Meta(ge=0)]
    residual: bool
    band_head: bool
    dropout: Share


class Train(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The schedule. One step is one batch.

    distillation: how far a label is moved towards what the teacher hears in the clean window.
    """

    steps: Count
    batch: Count
    learning_rate: Positive
    weight_decay: NotNegative
    ema: Share
    label_smoothing: Share
    distillation: Share
    cry_share: Share
    hard_share: Share
    mine_every: Count
    check_every: Count
    patience: Count


class Quantize(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """f1_loss_limit: how much F1 over windows of val int8 may lose against float."""

    f1_loss_limit: Share = 0.01


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an operating point is chosen: the lowest threshold at which val's scenes give at most so
    many false alarms an hour, and then a margin, in logits."""

    false_alarms_per_hour: NotNegative
    margin_logits: NotNegative


class Timelines(_Ordered, frozen=True, forbid_unknown_fields=True):
    """Long scenes built from the clips of val or test, in which cries are to be found.

    hours: of each split, in scenes with cries and in scenes without. snr_db: of the cries over all
    else, in equal parts. distractor_db: over the background. room_share: of the cries and of the
    distractors. synthetic_share: of the backgrounds and of the distractors. backgrounds: patterns
    of `fine`: non-cries that go on in the background; all others are distractors. leave_out:
    patterns of `source/path`: non-cries that are not heard, as they may hold cries.
    """

    scene_minutes: Positive
    hours: Annotated[
        dict[Literal["val", "test"], tuple[NotNegative, NotNegative]], Meta(min_length=2)
    ]
    snr_db: Annotated[list[float], Meta(min_length=1)]
    cries_per_minute: Positive
    distractors_per_minute: NotNegative
    background_dbfs: Range
    distractor_db: Range
    room_share: Share
    synthetic_share: Share
    backgrounds: list[str]
    leave_out: list[str]


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person must add to the measurements. limits: Markdown."""

    limits: str


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that makes one model. Name, version, window_frames and smoothing_windows are of
    the manifest, whose limits they have."""

    name: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$")]
    version: Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+$")]
    seed: Annotated[int, Meta(ge=0, lt=2**32)]
    window_frames: Annotated[int, Meta(ge=FRAMES_PER_BATCH, multiple_of=FRAMES_PER_BATCH)]
    smoothing_windows: Annotated[int, Meta(ge=1, le=20)]
    data: Data
    variants: Variants
    augment: Augment
    network: Network
    train: Train
    timelines: Timelines
    operating_points: Annotated[dict[OperatingPointName, Point], Meta(min_length=3)]
    card: Card
    quantize: Quantize = Quantize()


SHIPPED = Path(__file__).parent / "recipes"
WHOLE = "data"
"""Replaced as a whole by a recipe with a `base`: its paths are those of another folder."""


def load_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises RecipeError with the file and the key in the message."""
    return recipe_of(settings(path), str(path))


def recipe_of(whole: dict[str, Any], where: str) -> Recipe:
    """The recipe that settings make. Raises RecipeError, with `where` in the message."""
    try:
        return msgspec.convert(whole, Recipe)
    except msgspec.ValidationError as error:
        raise RecipeError(f"{where}: not a recipe: {error}") from None


def settings(path: Path, *above: Path) -> dict[str, Any]:
    """What a recipe's file says, over what its `base` says.

    Each section holds the keys of both, but for WHOLE. above: the recipes that stand on this one.
    Raises RecipeError.
    """
    if path.resolve() in above:
        raise RecipeError(f"{path}: stands on itself: mend its base")
    own = read_yaml(path, "recipe")
    if not isinstance(own, dict):
        raise RecipeError(f"{path}: not a recipe: it has no keys")
    name = own.pop("base", None)
    if name is None:
        return own
    merged = settings(base_of(path, name), path.resolve(), *above)
    for key, value in own.items():
        inherited = merged.get(key)
        both = isinstance(value, dict) and isinstance(inherited, dict) and key != WHOLE
        merged[key] = inherited | value if both else value
    return merged


def base_of(path: Path, name: object) -> Path:
    """The recipe that a file calls its `base`: one beside it, or a shipped one."""
    for folder in (path.parent, SHIPPED):
        if (folder / str(name)).is_file():
            return folder / str(name)
    raise RecipeError(f"{path}: its base {name!r} is neither beside it nor in {SHIPPED}")


def read_yaml(path: Path, what: str) -> Any:
    """What a file says, which ought to be a `what`. A key that is there twice is an error."""
    try:
        return yaml.load(path.read_text("utf-8"), _EachKeyOnce)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise RecipeError(f"{path}: not a {what}: {error}") from None


class _EachKeyOnce(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        counted = Counter(str(key.value) for key, _ in node.value)
        twice = [key for key, count in counted.items() if count > 1]
        if twice:
            line = node.start_mark.line + 1
            raise yaml.YAMLError(f"`{twice[0]}` is there twice in what begins in line {line}")
        return super().construct_mapping(node, deep)
