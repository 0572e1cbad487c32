"""Arrays that are computed once."""

from pathlib import Path

import numpy as np

from convert.training.cached import Arrays, cached


def squared(number: int) -> Arrays:
    return {"square": np.array(number * number), "drawn": np.random.default_rng().random(1000)}


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    first = list(cached(tmp_path, [2, 3], ["two", "three"], squared, "squares"))
    second = list(cached(tmp_path, [3, 4, 2], ["three", "four", "two"], squared, "squares"))
    assert [int(a["square"]) for a in second] == [9, 16, 4]
    assert np.array_equal(first[0]["drawn"], second[2]["drawn"])
    assert {p.name for p in tmp_path.iterdir()} == {"two.npz", "three.npz", "four.npz"}


def test_one_recording_under_many_names_is_made_by_many_at_once(tmp_path: Path) -> None:
    made = list(cached(tmp_path, [5] * 64, ["five"] * 64, squared, "squares"))
    assert {int(a["square"]) for a in made} == {25}
    assert [p.name for p in tmp_path.iterdir()] == ["five.npz"]
