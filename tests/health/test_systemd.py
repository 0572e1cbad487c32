"""sd_notify over a real datagram socket."""

import socket

from edgecry.health.systemd import ServiceManager


def listen(address: str) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(address)
    server.settimeout(5.0)
    return server


def test_messages_arrive_as_systemd_reads_them(tmp_path) -> None:
    path = str(tmp_path / "notify")
    server = listen(path)
    manager = ServiceManager({"NOTIFY_SOCKET": path})
    manager.ready()
    manager.status("listening")
    manager.watchdog()
    manager.stopping()
    received = [server.recv(256).decode() for _ in range(4)]
    assert received == ["READY=1", "STATUS=listening", "WATCHDOG=1", "STOPPING=1"]


def test_abstract_sockets_work() -> None:
    server = listen("\0edgecry-test-notify")
    ServiceManager({"NOTIFY_SOCKET": "@edgecry-test-notify"}).ready()
    assert server.recv(256) == b"READY=1"


def test_without_systemd_nothing_happens() -> None:
    ServiceManager({}).ready()


def test_a_dead_systemd_does_not_take_the_daemon_down(tmp_path) -> None:
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).watchdog()
