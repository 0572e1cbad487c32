"""Certificates of a broker."""

import shutil
import subprocess
from pathlib import Path

import pytest


class Authority:
    """A certificate authority with one certificate, for 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed (apt install openssl)")
        folder.mkdir()
        self.certificate = folder / "ca.crt"
        self._folder = folder
        new_key = "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        # RFC 5280, 4.2.1: Python 3.13 refuses certificates without these.
        (folder / "names").write_text(
            "subjectAltName = IP:127.0.0.1\nauthorityKeyIdentifier = keyid\n"
        )
        for command in (
            f"{new_key} -x509 -days 2 -subj /CN=test-authority "
            "-addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt",
            f"{new_key} -subj /CN=broker -keyout broker.key -out broker.csr",
            "x509 -req -in broker.csr -CA ca.crt -CAkey ca.key -CAcreateserial "
            "-days 2 -extfile names -out broker.crt",
        ):
            subprocess.run(
                ["openssl", *command.split()], check=True, capture_output=True, cwd=folder
            )

    def listener(self) -> list[str]:
        return [
            f"cafile {self.certificate}",
            f"certfile {self._folder / 'broker.crt'}",
            f"keyfile {self._folder / 'broker.key'}",
        ]
