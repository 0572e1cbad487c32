"""Approaches: those that are shipped, and what is wrong with others."""

from pathlib import Path

import msgspec
import pytest
import yaml

from convert.reasons.approach import (
    APPROACHES,
    Approach,
    chosen,
    load_approach,
    load_approaches,
    quick,
    trained,
)
from convert.recipe import RecipeError, settings

SHIPPED = load_approaches()


def write(folder: Path, name: str, **changes: object) -> Path:
    """The STFT CNN under another name and with other settings."""
    whole = settings(APPROACHES / "stft-cnn.yaml") | {"name": name} | changes
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(whole))
    return path


def test_every_published_approach_is_there_with_its_classes() -> None:
    assert {name: len(a.classes) for name, a in SHIPPED.items()} == {
        "binary-22khz": 2,
        "binary-16khz": 2,
        "cnn-lstm": 7,
        "base-cnn": 9,
        "resnet18": 9,
        "resnet50": 9,
        "mobilenetv3": 9,
        "efficientnet-b0": 9,
        "yamnet-head": 9,
        "resnet18-svm": 9,
        "resnet18-xgboost": 9,
        "mfcc-cnn": 5,
        "deep-spectral": 5,
        "stft-cnn": 6,
        "ours": 5,
    }
    assert list(SHIPPED).index("resnet18") < list(SHIPPED).index("resnet18-svm")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_miniature_is_an_approach_that_a_job_can_carry(name: str) -> None:
    small = quick(SHIPPED[name])
    assert small.train.epochs == 1
    assert small.published.accuracy is None, "nothing is held against a toy"
    assert msgspec.convert(msgspec.to_builtins(small), Approach) == small


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"epochs": 3}, "unknown field `epochs`"),
        ({"features": {"kind": "stft", "rate_hz": 16000, "frames": 3}}, "field `frames`"),
        ({"features": {"kind": "wavelets"}}, "Invalid value 'wavelets'"),
        ({"classes": {"a": ["hungry"], "b": ["hungry"]}}, "a label is in two classes"),
        ({"classes": {"a": ["hungry"]}}, "length >= 2"),
        ({"threshold": 0.5}, "only where there are two classes"),
        ({"embeddings_of": "resnet18"}, "need each other"),
        ({"items": {"seconds": 0}}, "items.seconds"),
    ],
)
def test_what_is_wrong_is_said_with_the_file_and_the_key(
    changes: dict[str, object], said: str, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=said) as error:
        load_approach(write(tmp_path, "mine", **changes))
    assert str(tmp_path / "mine.yaml") in str(error.value)


def test_a_file_is_called_what_its_approach_is_called(tmp_path: Path) -> None:
    path = write(tmp_path, "mine").rename(tmp_path / "yours.yaml")
    with pytest.raises(RecipeError, match="name both alike"):
        load_approach(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({}, None), ({"train": {"epochs": 2}}, "is trained otherwise"), (None, "there is no below")],
)
def test_embeddings_come_from_a_network_that_is_trained_alike(
    changes: dict[str, dict[str, object]] | None, said: str | None, tmp_path: Path
) -> None:
    if changes is not None:
        write(tmp_path, "below")
    above = {"embeddings_of": "below", "classifier": {"kind": "svm", "c": 1.0}}
    whole = settings(APPROACHES / "stft-cnn.yaml")
    for section, keys in (changes or {}).items():
        above[section] = whole[section] | keys
    write(tmp_path, "above", **above)
    if said is None:
        assert list(load_approaches(tmp_path)) == ["below", "above"]
    else:
        with pytest.raises(RecipeError, match=said):
            load_approaches(tmp_path)


def test_an_approach_brings_what_it_stands_on() -> None:
    assert list(chosen(SHIPPED, ["resnet18-svm"])) == ["resnet18", "resnet18-svm"]
    with pytest.raises(RecipeError, match=r"there is no approach 'resnet'; there are .*resnet18"):
        chosen(SHIPPED, ["resnet"])


def test_words_train_nothing_and_numbers_do() -> None:
    approach = SHIPPED["stft-cnn"]
    assert trained(msgspec.structs.replace(approach, title="Another")) == trained(approach)
    longer = msgspec.structs.replace(approach.train, epochs=99)
    assert trained(msgspec.structs.replace(approach, train=longer)) != trained(approach)
