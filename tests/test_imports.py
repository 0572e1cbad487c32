"""The arrows of docs/architecture.md: imports point one way."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "edgecry"
WORKBENCH = PACKAGE.parent / "convert"

GROUND = {"edgecry", "edgecry.types", "edgecry.clock", "edgecry.errors", "edgecry.config.schema"}
PURE = {
    "edgecry.features",
    "edgecry.decision",
    "edgecry.inference.manifest",
    "edgecry.capture.ring",
    "edgecry.health.liveness",
    "edgecry.outputs.messages",
}
ADAPTERS = {
    "edgecry.capture.microphone",
    "edgecry.capture.recording",
    "edgecry.inference.interpreter",
    "edgecry.outputs.panel",
    "edgecry.outputs.mqtt",
    "edgecry.outputs.outbox",
    "edgecry.health.systemd",
    "edgecry.config.load",
}
ONLY_IMPORTER = {
    "sounddevice": {"edgecry.capture.microphone"},
    "soundfile": {"edgecry.capture"},
    "soxr": {"edgecry.capture.resample"},
    "gpiozero": {"edgecry.outputs.panel"},
    "paho": {"edgecry.outputs.mqtt", "edgecry.demo"},
    "sqlite3": {"edgecry.outputs.outbox"},
    "tflite_runtime": {"edgecry.inference.interpreter"},
    "ai_edge_litert": {"edgecry.inference.interpreter"},
    "yaml": {"edgecry.config"},
    "amqtt": {"edgecry.demo"},
}
NOT_IN_PURE = {"threading", "time", "os", "io", "socket", "sqlite3", "logging", "random", "pathlib"}


def modules(root: Path) -> dict[str, Path]:
    names = {}
    for path in root.rglob("*.py"):
        parts = path.relative_to(root.parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def within(name: str, rooms: set[str]) -> bool:
    return any(name == room or name.startswith(room + ".") for room in rooms)


DEVICE = modules(PACKAGE)


@pytest.mark.parametrize("name", sorted(DEVICE))
def test_arrows(name: str) -> None:
    imported = imports(DEVICE[name])
    ours = {other for other in imported if other.split(".")[0] in ("edgecry", "convert")}

    assert not within_any(ours, {"convert"}), "the device never imports the workbench"
    if name in GROUND:
        assert not {o for o in ours if o in DEVICE} - GROUND
    if within(name, PURE):
        assert not ours & ADAPTERS
        assert not imported & NOT_IN_PURE - allowed_in_pure(name)
    if name in ADAPTERS:
        assert not ours & (ADAPTERS - {name}), "adapters never import each other"
    if name not in {"edgecry.cli", "edgecry.__main__"} and not within(name, {"edgecry.commands"}):
        assert "edgecry.cli" not in ours
        assert not within_any(ours, {"edgecry.commands"})
    if not within(name, {"edgecry.cli", "edgecry.demo", "edgecry.commands", "edgecry.__main__"}):
        assert "edgecry.app" not in ours - {name}
        assert not within_any(ours, {"edgecry.demo"})


@pytest.mark.parametrize("package", sorted(ONLY_IMPORTER))
def test_each_package_is_known_in_one_room(package: str) -> None:
    importers = {
        name
        for name, path in DEVICE.items()
        if any(module.split(".")[0] == package for module in imports(path))
    }
    assert importers, f"nothing imports {package}: is it still a dependency?"
    assert all(within(name, ONLY_IMPORTER[package]) for name in importers)


def test_the_workbench_uses_the_devices_features_and_inference_only() -> None:
    rooms = {"edgecry.features", "edgecry.inference", "edgecry.capture", "edgecry.decision"}
    ground = GROUND | {"edgecry.detection"}
    for name, path in modules(WORKBENCH).items():
        ours = {other for other in imports(path) if other in DEVICE}
        assert all(within(other, rooms) or other in ground for other in ours), name


def within_any(names: set[str], rooms: set[str]) -> bool:
    return any(within(name, rooms) for name in names)


def allowed_in_pure(name: str) -> set[str]:
    # A lock makes a value safe to read from two threads; it starts none.
    return {"threading"} if name == "edgecry.health.liveness" else set()
