"""What holds for every setting of the schema, whatever its value."""

from types import NoneType
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from edgecry.config.catalogue import Setting, Shape, show
from edgecry.config.catalogue import settings as all_settings
from edgecry.config.load import effective_yaml, json_schema, load_settings
from edgecry.config.rules import conflicts
from edgecry.config.schema import Settings
from edgecry.errors import ConfigError

one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
one_line = st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"])
FORMS = {
    "device.id": st.from_regex(r"[a-z0-9][a-z0-9_-]{0,62}", fullmatch=True),
    "mqtt.host": st.sampled_from(["broker.ward", "10.0.0.1", "::1", "fe80::1%eth0"]),
    "mqtt.base_topic": st.from_regex(
        r"[A-Za-z0-9_-]{1,9}(/[A-Za-z0-9_-]{1,9}){0,3}", fullmatch=True
    ),
}
WRONG = {bool: "maybe", int: "many", float: "often", str: '"a\\nb"', NoneType: "[]"}


def fitting(setting: Setting) -> st.SearchStrategy[Any]:
    """Every value that the setting takes."""
    return st.one_of([_fitting(setting.name, shape) for shape in setting.shapes])


def _fitting(name: str, shape: Shape) -> st.SearchStrategy[Any]:
    if shape.choices:
        return st.sampled_from(shape.choices)
    if shape.kind is NoneType:
        return st.none()
    if shape.kind is bool:
        return st.booleans()
    if shape.kind is str:
        text = st.text(one_line, min_size=shape.min_length or 0, max_size=shape.max_length or 40)
        return FORMS.get(name, text)
    if shape.kind is int:
        return st.integers(shape.ge, shape.le if shape.le is not None else 10**9)
    return st.floats(
        shape.ge if shape.ge is not None else shape.gt,
        shape.le if shape.le is not None else shape.lt,
        exclude_min=shape.gt is not None,
        exclude_max=shape.lt is not None,
    )


def nested(values: dict[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *parents, key = name.split(".")
        branch = tree
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[key] = value
    return tree


any_settings = st.fixed_dictionaries(
    {name: fitting(setting) for name, setting in all_settings().items()}
).map(lambda values: msgspec.convert(nested(values), Settings))


def without_conflicts(values: Settings) -> Settings:
    """`values` with the parts that do not go together put back to their defaults."""
    while sections := {conflict.between[0].split(".")[0] for conflict in conflicts(values)}:
        defaults = {section: getattr(Settings(), section) for section in sections}
        values = msgspec.structs.replace(values, **defaults)
    return values


@one_folder
@given(any_settings)
def test_effective_yaml_loads_to_the_same_settings(tmp_path, values):
    values = without_conflicts(values)
    path = tmp_path / "effective.yaml"
    path.write_text(effective_yaml(values), encoding="utf-8")
    assert load_settings(path) == values


@given(any_settings)
def test_every_conflict_names_settings_that_exist_and_lets_the_defaults_pass(values):
    assert list(conflicts(Settings())) == []
    for conflict in conflicts(values):
        assert set(conflict.between) <= set(all_settings())


@one_folder
@given(any_settings, st.sampled_from(sorted(all_settings())))
def test_a_corrupted_line_is_reported_on_its_line(tmp_path, values, name):
    values = without_conflicts(values)
    shapes = all_settings()[name].shapes
    wrong = "[1]" if any(s.kind is str for s in shapes) else WRONG[shapes[0].kind]
    lines = effective_yaml(values).splitlines()
    number = _line_of(name, lines)
    lines[number] = f"{lines[number].split(':')[0]}: {wrong}"
    path = tmp_path / "corrupted.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{path}:{number + 1}:")
    assert f": {name}: " in line


def _line_of(name: str, lines: list[str]) -> int:
    """Index of the line that sets `name`, following the indentation."""
    number = -1
    for depth, key in enumerate(name.split(".")):
        starts = tuple(f"{'  ' * depth}{quote}{key}{quote}:" for quote in ("", "'"))
        number = next(n for n in range(number + 1, len(lines)) if lines[n].startswith(starts))
    return number


@pytest.mark.parametrize("name", [n for n, s in all_settings().items() if s.shape(int, float)])
def test_each_limit_holds_and_its_message_names_the_limit(name):
    setting = all_settings()[name]
    shape = setting.shape(int, float)
    assert shape is not None
    for limit, step, words in (
        (shape.ge, -1, "too small, at least"),
        (shape.gt, -1, "too small, above"),
        (shape.le, 1, "too large, at most"),
        (shape.lt, 1, "too large, below"),
    ):
        if limit is None or shape.choices:
            continue
        with pytest.raises(
            ConfigError, match=f"{name}={show(limit + step)}: .* {words} {show(limit)}$"
        ):
            load_settings(None, [f"{name}={show(limit + step)}"])


@pytest.mark.parametrize("name", sorted(all_settings()))
def test_every_setting_has_a_sentence_and_a_default_that_it_takes(name):
    setting = all_settings()[name]
    assert setting.description.endswith(".")
    assert msgspec.convert(setting.default, setting.annotation) == setting.default


@given(any_settings)
def test_the_json_schema_takes_what_the_loader_takes(values):
    Draft202012Validator(json_schema()).validate(msgspec.to_builtins(values))


@pytest.mark.parametrize(
    "wrong", [{"mqtt": {"port": 0}}, {"mqqt": {}}, {"device": {"id": "Bed 7"}}]
)
def test_the_json_schema_refuses_what_the_loader_refuses(wrong):
    Draft202012Validator.check_schema(json_schema())
    assert not Draft202012Validator(json_schema()).is_valid(wrong)
