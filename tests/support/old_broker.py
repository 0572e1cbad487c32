"""A broker that knows no MQTT 5."""

import socket
import threading


class OldBroker:
    """Speaks just enough of MQTT 3.1.1 to let a client in.

    refusal: what it answers to another version before it hangs up; None: it says nothing for ever.
    """

    def __init__(self, refusal: bytes | None) -> None:
        self._refusal = refusal
        self.versions_asked: list[int] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "OldBroker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            with client:
                self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        connect = client.recv(4096)
        version = connect[connect.index(b"MQTT") + 4]
        self.versions_asked.append(version)
        if version == 4:
            client.sendall(b"\x20\x02\x00\x00")
        elif self._refusal is not None:
            client.sendall(self._refusal)
            return
        while client.recv(4096):
            pass
