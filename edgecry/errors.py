"""The errors that edgecry raises on purpose.

Each one also inherits the built-in that it refines, so that callers who know nothing of edgecry
still catch it. The message says what is wrong, where, and what to do; the command line prints it as
it is and exits with ``exit_code``.
"""


class EdgecryError(Exception):
    """Base of every error that edgecry raises on purpose."""

    exit_code = 1


class UsageError(EdgecryError, ValueError):
    """The command line asks for what cannot be done."""

    exit_code = 2


class ConfigError(EdgecryError, ValueError):
    """The configuration is wrong. One line of the message for each mistake."""

    exit_code = 78


class RecordingError(EdgecryError, ValueError):
    """A recording cannot be decoded."""

    exit_code = 65


class CaptureError(EdgecryError, OSError):
    """The microphone cannot be opened or has been lost."""


class SilentError(CaptureError):
    """The microphone is there and gives digital silence."""


class ModelError(EdgecryError, ValueError):
    """A model, its manifest or the run time for it cannot be used."""


class PanelError(EdgecryError, OSError):
    """The LED, buzzer or button cannot be driven."""


class RefusedError(EdgecryError, ValueError):
    """The monitor cannot do now what an operator asks of it."""


class EndOfAudio(EdgecryError, EOFError):
    """A recording is over: no more audio will come."""
