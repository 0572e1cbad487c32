"""Which approach of the benchmark becomes a model of the device."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from convert.recipe import Card, RecipeError, settings


class ModelRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name and version are of the manifest, whose limits they have. approach: one on the device's
    features, by its name."""

    name: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$")]
    version: Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+$")]
    approach: str
    card: Card


def load_model_recipe(path: Path) -> ModelRecipe:
    """Read a recipe. Raises RecipeError with the file and the key in the message."""
    try:
        return msgspec.convert(settings(path), ModelRecipe)
    except msgspec.ValidationError as error:
        raise RecipeError(f"{path}: not a recipe of a reasons model: {error}") from None
