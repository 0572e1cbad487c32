"""config.yaml and docs/configuration.md say what the schema says."""

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from edgecry.config import document
from edgecry.config.catalogue import sections, settings, show
from edgecry.config.load import json_schema, load_settings
from edgecry.config.reference import settings_table
from edgecry.config.schema import Settings

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config.yaml"
PAGE = ROOT / "docs" / "configuration.md"


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2 as editors read it: only true and false are booleans."""


CoreLoader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith(":bool") or first in "tTfF"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def written(node: document.Mapping, prefix: str = "") -> dict[str, document.Scalar]:
    """Every scalar in the tree by its dotted name."""
    found = {}
    for key, value in node.entries:
        name = f"{prefix}{key.text}"
        if isinstance(value, document.Mapping):
            found |= written(value, f"{name}.")
        elif isinstance(value, document.Scalar) and name not in sections():
            found[name] = value
    return found


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return CONFIG.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def scalars() -> dict[str, document.Scalar]:
    return written(document.read_document(CONFIG.read_text(encoding="utf-8")).root)


def test_config_yaml_is_valid_and_equal_to_the_defaults():
    assert load_settings(CONFIG) == Settings()


def test_config_yaml_has_every_setting_in_the_order_of_the_schema(scalars):
    assert list(scalars) == list(settings())


@pytest.mark.parametrize("name", sorted(settings()))
def test_each_default_in_config_yaml_is_the_schemas(scalars, name):
    assert scalars[name].text == show(settings()[name].default).strip('"')


@pytest.mark.parametrize("name", sorted(settings()))
def test_each_comment_in_config_yaml_says_what_may_be_written(lines, scalars, name):
    index = scalars[name].place.line - 2
    comment = []
    while lines[index].strip().startswith("#"):
        comment.insert(0, lines[index].strip(" #"))
        index -= 1
    text = " ".join(comment)
    assert text.endswith(f" [{settings()[name].takes}]")
    assert ". " in text, "a sentence comes before the brackets"


def test_config_yaml_satisfies_its_json_schema():
    raw = yaml.load(CONFIG.read_text(encoding="utf-8"), Loader=CoreLoader)
    filled = {key: {} if value is None else value for key, value in raw.items()}
    Draft202012Validator(json_schema()).validate(filled)


def test_config_yaml_fits_a_terminal(lines):
    assert max(map(len, lines)) <= 100


def test_the_table_in_the_docs_is_the_schemas():
    assert settings_table() in PAGE.read_text(encoding="utf-8"), (
        "replace the table by the output of: python -m edgecry.config.reference"
    )


def test_every_example_in_the_docs_loads(tmp_path):
    examples = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert examples
    for example in examples:
        path = tmp_path / "example.yaml"
        path.write_text(example, encoding="utf-8")
        load_settings(path)
