"""The arrows of docs/architecture.md: imports point one way."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "edgecry"
WORKBENCH = PACKAGE.parent / "convert"

GROUND = {"edgecry", "edgecry.types", "edgecry.clock", "edgecry.errors", "edgecry.config.schema"}
PURE = {
    "edgecry.features",
    "edgecry.inference.flatbuffer",
    "edgecry.inference.manifest",
    "edgecry.inference.reasons_manifest",
    "edgecry.decision",
    "edgecry.detection",
    "edgecry.reasoning",
    "edgecry.capture.flat_tops",
    "edgecry.capture.ring",
    "edgecry.capture.resample",
    "edgecry.health.check",
    "edgecry.health.clipping",
    "edgecry.health.delivery",
    "edgecry.health.heat",
    "edgecry.health.liveness",
    "edgecry.health.microphone",
    "edgecry.health.model",
    "edgecry.health.overload",
    "edgecry.health.silence",
    "edgecry.health.status_line",
    "edgecry.health.storage",
    "edgecry.health.timekeeping",
    "edgecry.outputs.messages",
    "edgecry.outputs.journal.entries",
    "edgecry.outputs.journal.line",
    "edgecry.outputs.status",
    "edgecry.remote.answers",
    "edgecry.remote.rate",
    "edgecry.remote.requests",
    "edgecry.config.catalogue",
    "edgecry.config.changes",
    "edgecry.config.document",
    "edgecry.config.rules",
    "edgecry.config.values",
}
ADAPTERS = {
    "edgecry.capture.microphone",
    "edgecry.capture.recording",
    "edgecry.capture.reopening",
    "edgecry.inference.interpreter",
    "edgecry.outputs.panel",
    "edgecry.outputs.annunciator",
    "edgecry.outputs.event_log",
    "edgecry.outputs.journal",
    "edgecry.outputs.status_file",
    "edgecry.outputs.mqtt",
    "edgecry.outputs.outbox",
    "edgecry.health.systemd",
    "edgecry.health.metrics",
    "edgecry.config.load",
    "edgecry.config.reference",
    "edgecry.console",
    "edgecry.log_lines",
    "edgecry.signals",
}
JOINING = {
    "edgecry.pipeline",
    "edgecry.alarm_desk",
    "edgecry.button_desk",
    "edgecry.receipts",
    "edgecry.reloading",
    "edgecry.remote",
    "edgecry.report",
    "edgecry.chronicle",
    "edgecry.local_status",
    "edgecry.monitor",
    "edgecry.health.supervisor",
}
TOP = {
    "edgecry.app",
    "edgecry.arguments",
    "edgecry.cli",
    "edgecry.__main__",
    "edgecry.commands",
    "edgecry.demo",
}

OWN_PARTS = {
    "edgecry.console": {"edgecry.log_lines"},
    "edgecry.capture.microphone": {"edgecry.capture.guard"},
    "edgecry.capture.recording": {
        "edgecry.capture.ending",
        "edgecry.capture.ffmpeg",
        "edgecry.capture.mp3",
        "edgecry.capture.sndfile",
        "edgecry.capture.playback",
    },
    "edgecry.inference.interpreter": {
        "edgecry.inference.classifier",
        "edgecry.inference.reasons",
        "edgecry.inference.self_check",
    },
}
"""Modules behind an adapter, which belong to it alone."""

SENSES = {
    "edgecry.report": {"edgecry.health.metrics"},
}
"""What a joining module asks of the machine directly: plain readings, nothing that is opened."""

FLOW = ("capture", "features", "inference", "decision", "outputs")
ONLY_IMPORTER = {
    "sounddevice": {"edgecry.capture.microphone"},
    "soundfile": {"edgecry.capture.sndfile"},
    "soxr": {"edgecry.capture.resample"},
    "gpiozero": {"edgecry.outputs.panel"},
    "paho": {"edgecry.outputs.mqtt", "edgecry.demo.watcher"},
    "sqlite3": {"edgecry.outputs.outbox"},
    "subprocess": {"edgecry.capture.ffmpeg", "edgecry.demo.broker"},
    "tflite_runtime": {"edgecry.inference.interpreter"},
    "ai_edge_litert": {"edgecry.inference.interpreter"},
    "yaml": {"edgecry.config"},
    "amqtt": {"edgecry.demo.broker"},
}
NOT_IN_PURE = {
    *("asyncio", "ctypes", "io", "logging", "os", "pathlib", "queue", "random", "selectors"),
    *("shutil", "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading"),
    "time",
}
ALLOWED_IN_PURE = {"edgecry.health.liveness": {"threading"}}
"""A lock makes a value safe to read from two threads; it starts none."""


def modules(root: Path) -> dict[str, Path]:
    names = {}
    for path in root.rglob("*.py"):
        parts = path.relative_to(root.parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


DEVICE = modules(PACKAGE)
LAYERS = {
    "ground": GROUND,
    "pure": PURE,
    "adapter": ADAPTERS | {part for parts in OWN_PARTS.values() for part in parts},
    "joining": JOINING,
    "top": TOP,
}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions and for type checks."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (names & set(DEVICE)) or {node.module}
    return found


def within(name: str, rooms: set[str]) -> bool:
    return any(name == room or name.startswith(room + ".") for room in rooms)


def layer(name: str) -> str | None:
    """Where a module stands; None for a package that only holds others."""
    if name in GROUND:
        return "ground"
    return next((layer for layer, rooms in LAYERS.items() if within(name, rooms - GROUND)), None)


def adapter(name: str) -> str:
    """The adapter that a module is, or is a part of."""
    for owner, parts in OWN_PARTS.items():
        if within(name, parts):
            return owner
    return next(owner for owner in ADAPTERS if within(name, {owner}))


@pytest.mark.parametrize("name", sorted(DEVICE))
def test_every_module_has_its_place(name: str) -> None:
    is_empty_room = DEVICE[name].name == "__init__.py" and not imports(DEVICE[name])
    assert layer(name) or is_empty_room, f"{name} stands nowhere in docs/architecture.md"


@pytest.mark.parametrize("name", sorted(DEVICE))
def test_arrows(name: str) -> None:
    imported = imports(DEVICE[name])
    ours = imported & set(DEVICE)
    assert not any(within(other, {"convert", "tests"}) for other in imported)
    allowed = {
        "ground": {"ground"},
        "pure": {"ground", "pure"},
        "adapter": {"ground", "pure", "adapter"},
        "joining": {"ground", "pure", "joining"},
        "top": {"ground", "pure", "adapter", "joining", "top"},
        None: set(),
    }[layer(name)]
    asked = SENSES.get(name, set())
    wrong = {other for other in ours - asked if layer(other) not in allowed}
    assert not wrong, f"{name} may import {sorted(allowed)} only"

    if layer(name) == "pure":
        assert not imported & NOT_IN_PURE - ALLOWED_IN_PURE.get(name, set())
    if layer(name) == "adapter":
        others = {other for other in ours if layer(other) == "adapter"}
        assert {adapter(other) for other in others} <= {adapter(name)}, "adapters never meet"
    if name == "edgecry.app":
        assert not any(within(other, TOP) for other in ours), "nothing stands under the root"


@pytest.mark.parametrize("room", FLOW)
def test_no_room_looks_downstream(room: str) -> None:
    downstream = {f"edgecry.{later}" for later in FLOW[FLOW.index(room) + 1 :]}
    for name, path in DEVICE.items():
        if within(name, {f"edgecry.{room}"}):
            assert not any(within(other, downstream) for other in imports(path)), name


@pytest.mark.parametrize("package", sorted(ONLY_IMPORTER))
def test_each_package_is_known_in_one_room(package: str) -> None:
    importers = {
        name
        for name, path in DEVICE.items()
        if any(module.split(".")[0] == package for module in imports(path))
    }
    assert importers, f"nothing imports {package}: is it still a dependency?"
    assert all(within(name, ONLY_IMPORTER[package]) for name in importers)


def test_the_workbench_uses_the_devices_own_path_only() -> None:
    rooms = {"edgecry.features", "edgecry.inference", "edgecry.capture", "edgecry.decision"}
    ground = GROUND | {"edgecry.detection", "edgecry.reasoning"}
    for name, path in modules(WORKBENCH).items():
        ours = imports(path) & set(DEVICE)
        assert all(within(other, rooms) or other in ground for other in ours), name
