"""A recipe to start from: a person's own recordings, and all else as in the shipped detector's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from convert.data.esc import META
from convert.data.files import readable, recordings_in
from convert.data.folders import known_class, unknown_classes
from convert.data.layouts import detect
from convert.data.types import DataError
from convert.recipe import DataSet

HEAD = """\
# Every key is explained in convert/recipe.py; what is not said here is as in `base`.
# `base: quick.yaml` trains for a minute only, to see that everything fits.
"""
BASE = "cry-detector.yaml"
CARD = """\
card:
  limits: |
    - Trained and tested on the recordings named above and on nothing else; what it does elsewhere
      has not been measured.
    - An adjunct to nurses, not a medical device. It says that somebody cries, not why.
"""


def write_recipe(path: Path, data: Path) -> list[str]:
    """Write a recipe for what is in the data folder; what a person must look at in it comes back.

    Raises DataError if the recipe exists already, or the folder holds no recordings.
    """
    if path.exists():
        raise DataError(f"{path} exists; leave --new away to use it, or name another")
    if not data.is_dir():
        raise DataError(f"{data}: no such folder")
    found, remarks = _data_of(data)
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "detector"
    recipe = {"base": BASE, "name": name, "version": "0.1.0", "data": found}
    content = yaml.safe_dump(recipe, sort_keys=False, default_flow_style=None, width=100)
    path.write_text(f"{HEAD}{content}{CARD}")
    return remarks


def _data_of(data: Path) -> tuple[dict[str, Any], list[str]]:
    """The `data` block for a folder: one set, or sets in its subfolders."""
    folders = [Path()] if _is_one_set(data) else sorted(p.relative_to(data) for p in data.iterdir())
    manifests, sets, remarks = [], [], []
    for folder in folders:
        if (data / folder / "manifest.csv").is_file():
            manifests.append((folder / "manifest.csv").as_posix())
        elif (data / folder).is_dir() and (layout := detect(data / folder)):
            entry = DataSet(layout=layout, path=folder.as_posix())  # type: ignore[arg-type]
            unknown = _unknown_classes(data / folder, entry)
            if unknown:
                remarks.append(
                    f"{folder.as_posix()}: these were left out, because their names do not say "
                    f"whether they are cries; say it under `classes`: {', '.join(unknown)}"
                )
            classes = {"classes": dict.fromkeys(unknown, "leave out")} if unknown else {}
            sets.append({"layout": layout, "path": entry.path, **classes})
    if not manifests and not sets:
        raise DataError(f"{data}: no recordings in it")
    return {k: v for k, v in (("clips", manifests), ("sets", sets)) if v}, remarks


def _is_one_set(data: Path) -> bool:
    """Is the folder itself a set, and not a folder of sets?"""
    if (data / "manifest.csv").is_file() or (data / META).is_file() or detect(data) == "donateacry":
        return True
    children = [child for child in data.iterdir() if child.is_dir() and detect(child)]
    if all(known_class(child.name) for child in children):
        return True
    return not any((c / "manifest.csv").is_file() or detect(c) != "folders" for c in children)


def _unknown_classes(folder: Path, entry: DataSet) -> list[str]:
    if entry.layout != "folders":
        return []
    return unknown_classes(folder, readable(recordings_in(folder))[0], entry)
