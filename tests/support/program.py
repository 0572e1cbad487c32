"""Another process of ours."""

import subprocess
import sys
import textwrap
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


class running:
    """A Python program that is killed at the end of the block, if it still runs."""

    def __init__(self, program: str, *arguments: Path | int) -> None:
        self._command = [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)]

    def __enter__(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, text=True, cwd=TESTS
        )
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(10)
        assert self._process.stdout
        self._process.stdout.close()
