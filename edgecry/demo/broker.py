"""A real MQTT broker for the demo, on a free port of this machine alone, gone afterwards.

mosquitto if it is installed, else amqtt (the extra `demo`), which is pure Python.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from edgecry.errors import EdgecryError

HOST = "127.0.0.1"
START_S = 10.0
STOP_S = 5.0
SHUTDOWN_S = 1.0
_POLL_S = 0.02
_SYSTEM_FOLDERS = "/usr/sbin:/usr/local/sbin"


class BrokerError(EdgecryError, OSError):
    """The demo's own broker cannot be started."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker listens, and which program it is."""

    host: str
    port: int
    program: str


@contextlib.contextmanager
def embedded_broker() -> Iterator[BrokerAddress]:
    """A broker that runs inside the `with` block.

    Raises BrokerError if there is no broker to run or it does not come up in START_S.
    """
    # Debian puts mosquitto where only root's PATH has it.
    mosquitto = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:{_SYSTEM_FOLDERS}")
    broker = amqtt_broker() if mosquitto is None else mosquitto_broker(mosquitto)
    with broker as address:
        yield address


@contextlib.contextmanager
def mosquitto_broker(program: str) -> Iterator[BrokerAddress]:
    """mosquitto as a child process, without persistence, in a folder of its own."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="edgecry-demo-") as folder:
        config = Path(folder, "mosquitto.conf")
        config.write_text(
            f"listener {port} {HOST}\nallow_anonymous true\npersistence false\nlog_type error\n"
        )
        # mosquitto started by root drops its rights and must still be able to read its config.
        Path(folder).chmod(0o755)
        with Path(folder, "log").open("w+") as log:
            process = subprocess.Popen(
                [program, "-c", str(config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
            try:
                if not _answers(port, process):
                    log.seek(0)
                    reason = log.read().strip() or f"no answer in {START_S:g} s"
                    raise BrokerError(f"{program} did not start: {reason}")
                yield BrokerAddress(HOST, port, "mosquitto")
            finally:
                _end(process)


@contextlib.contextmanager
def amqtt_broker() -> Iterator[BrokerAddress]:
    """amqtt on an event loop in a thread of its own. It speaks MQTT 3.1.1 and not 5."""
    if importlib.util.find_spec("amqtt") is None:
        raise BrokerError(
            "no MQTT broker for the demo: install mosquitto, or pip install 'edgecry[demo]'"
        )
    for noisy in ("amqtt", "transitions"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    port = _free_port()
    stop: Future[None] = Future()
    started: Future[None] = Future()
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve_amqtt(port, started, stop)),
        name="demo-broker",
        daemon=True,
    )
    thread.start()
    try:
        started.result(START_S)
        yield BrokerAddress(HOST, port, "amqtt")
    except TimeoutError:
        raise BrokerError(f"amqtt did not start in {START_S:g} s") from None
    finally:
        stop.set_result(None)
        thread.join(STOP_S)


async def _serve_amqtt(port: int, started: Future[None], stop: Future[None]) -> None:
    from amqtt.broker import Broker

    try:
        broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{port}"}},
                "plugins": {
                    "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
                },
            }
        )
        await broker.start()
    except Exception as error:
        started.set_exception(BrokerError(f"amqtt did not start: {error}"))
        return
    started.set_result(None)
    await asyncio.wrap_future(stop)
    # From Python 3.12 on it waits for clients to leave; what is left then ends with the loop.
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(broker.shutdown(), SHUTDOWN_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Whether the broker accepts a connection before it ends or START_S are over."""
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1.0):
            return True
        time.sleep(_POLL_S)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)
