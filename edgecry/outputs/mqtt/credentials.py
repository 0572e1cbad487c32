"""What the broker has to see of us, and we of it: the password and the certificates."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from edgecry.config.schema import Tls
from edgecry.errors import ConfigError


def read_password(password_file: str) -> str:
    """The first line of the file; a relative path is a systemd credential if there are any."""
    path = Path(os.environ.get("CREDENTIALS_DIRECTORY", ""), password_file)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"mqtt.password_file: {path} cannot be read ({error}): "
            "create it, readable by edgecry, with the password on its first line"
        ) from error
    if not lines or not lines[0]:
        raise ConfigError(f"mqtt.password_file: {path}: the first line is empty")
    return lines[0]


def tls_context(tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except OSError as error:
        raise ConfigError(
            f"mqtt.tls.ca_file: {tls.ca_file} cannot be used ({error}): give a PEM certificate"
        ) from error
    if tls.cert_file:
        try:
            context.load_cert_chain(tls.cert_file, tls.key_file)
        except OSError as error:
            raise ConfigError(
                f"mqtt.tls.cert_file, key_file: {tls.cert_file} and {tls.key_file or 'no key'} "
                f"cannot be used ({error}): give a PEM certificate and its private key"
            ) from error
    return context
