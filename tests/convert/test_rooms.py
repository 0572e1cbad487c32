"""The arrows of the workbench: steps stand on rooms, rooms never on steps."""

import ast
from pathlib import Path

import pytest

WORKBENCH = Path(__file__).resolve().parents[2] / "convert"

STANDS_ON = {
    "recipe": set(),
    "run": {"recipe"},
    "process": {"run"},
    "data": {"recipe", "sounds"},
    "sounds": {"recipe"},
    "measuring": {"recipe", "process", "data", "sounds"},
    "training": {"recipe", "process", "data", "sounds", "measuring"},
    "reporting": {"recipe", "run", "data", "sounds", "measuring"},
    "reasons": {
        *("recipe", "run", "process", "step"),
        *("data", "sounds", "measuring", "training", "reporting"),
    },
}
"""Each room, and what of the workbench it may import besides itself."""

NO_STEPS = {"recipe", "run", "process", "step", "study", "material"}
"""What steps share. What else lies at the top of the workbench is a step."""


def modules() -> dict[str, Path]:
    paths = [p for p in WORKBENCH.rglob("*.py") if p.name != "__init__.py"]
    return {".".join(p.relative_to(WORKBENCH).with_suffix("").parts): p for p in paths}


MODULES = modules()
STEPS = {name for name in MODULES if "." not in name} - NO_STEPS


def imports(path: Path) -> set[str]:
    """Modules of the workbench, without `convert.`, that a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    inside = {name.removeprefix("convert.") for name in names if name.startswith("convert.")}
    return {name for name in inside if name in MODULES}


def room(name: str) -> str:
    return name.split(".")[0]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_rooms_stand_on_rooms_below_them(name: str) -> None:
    if room(name) in STANDS_ON:
        used = {room(other) for other in imports(MODULES[name])} - {room(name)}
        assert used <= STANDS_ON[room(name)], f"{name} imports {sorted(imports(MODULES[name]))}"


def test_no_two_modules_import_each_other() -> None:
    reached: dict[str, set[str]] = {name: imports(path) for name, path in MODULES.items()}
    for _ in MODULES:
        reached = {n: used.union(*(reached[u] for u in used)) for n, used in reached.items()}
    assert not [name for name, used in reached.items() if name in used]


def test_every_step_is_a_program() -> None:
    """`python -m convert.STEP`: it has a main, and runs it."""
    for name in sorted(STEPS):
        assert 'if __name__ == "__main__":' in MODULES[name].read_text(), name


def test_no_step_imports_another() -> None:
    """They meet in the run folder, whose files `convert.run` names."""
    assert not [name for name, path in MODULES.items() if imports(path) & STEPS]
