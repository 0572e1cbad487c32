"""A web server that can break off, on a free port of the loopback."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class WebServer:
    """Serves `files`; breaks off after `breaks_after` bytes of an answer; notes what is asked."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = dict(files)
        self.breaks_after: int | None = None
        self.asked: list[str] = []
        self.ranges: list[str | None] = []
        self.knows_ranges = True
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name, wanted = unquote(self.path[1:]), self.headers["Range"]
                server.asked.append(name)
                server.ranges.append(wanted)
                if name not in server.files:
                    self.send_error(404)
                    return
                content, start = server.files[name], 0
                if wanted and server.knows_ranges:
                    start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])  # type: ignore[index]
                if start and start >= len(content):
                    self.send_error(416)
                    return
                body = content[start:]
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: server.breaks_after])

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self.address = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> WebServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Nobody answers any more."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
            self._http.server_close()
