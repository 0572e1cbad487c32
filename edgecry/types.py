"""The values that travel: capture -> features -> inference -> decision -> outputs.

All are frozen, with their arrays. The suffix of a name is its unit. `end_sample` and `first_sample`
count samples at the model's rate since the source was first opened; lost samples are counted too,
so that `sample / sample_rate_hz` is audio time whatever was lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

Kind = Literal["patient", "technical"]
Phase = Literal["start", "update", "escalate", "acknowledge", "end"]
Priority = Literal["low", "medium"]
Code = Literal[
    "cry",
    "mic-lost",
    "mic-silent",
    "mic-clipping",
    "overload",
    "model-fault",
    "broker-lost",
    "no-receipt",
    "over-temperature",
    "storage",
    "clock",
    "button-stuck",
]
AudioState = Literal["on", "paused", "off"]
Change = Literal[
    "audio-paused",
    "audio-off",
    "audio-on",
    "audio-off-reminder",
    "standby",
    "monitoring",
    "standby-reminder",
    "missed-acknowledged",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the monitor. detail: for people, what is wrong and what to do."""

    code: Code
    detail: str


@dataclass(frozen=True, slots=True, eq=False)
class AudioBlock:
    """Mono audio at the model's rate, as it came from a source.

    samples: (n,) float32, full scale is 1.0, read-only; n may be 0.
    first_sample: absolute index of samples[0]; a jump from the block before means loss.
    captured_mono_s: monotonic time at which the last sample was captured.
    overflowed: samples were lost before this block.
    clipped: share of the sound that was cut off by the converter or before it, 0..1; None where
        there was no converter, as in a recording.
    """

    samples: Float32Array
    sample_rate_hz: int
    first_sample: int
    captured_mono_s: float
    overflowed: bool = False
    clipped: float | None = None

    def __post_init__(self) -> None:
        self.samples.flags.writeable = False

    @property
    def end_sample(self) -> int:
        """Absolute index one past the last sample."""
        return self.first_sample + len(self.samples)


@dataclass(frozen=True, slots=True, eq=False)
class FeatureWindow:
    """One input of the model.

    log_mel: (frames, mels) float32, read-only.
    end_sample: absolute index one past the last sample that the window has seen.
    level_dbfs: RMS level of the window's newest hop re full scale; None in digital silence.
    """

    log_mel: Float32Array
    end_sample: int
    level_dbfs: float | None

    def __post_init__(self) -> None:
        self.log_mel.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Score:
    """What the model says of one window.

    p_cry: calibrated probability of a cry, 0..1.
    level_dbfs: as in FeatureWindow.
    inference_ms: time that the model took.
    """

    p_cry: float
    end_sample: int
    level_dbfs: float | None
    inference_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelName:
    """Which model says something."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a baby may be crying: a guess, experimental, and never part of a priority.

    label: the answer, or `uncertain`.
    probabilities: (label, calibrated probability) for every label of the model; they sum to 1.
    model: the reasons model that guessed, which is not the detector.
    """

    label: str
    probabilities: tuple[tuple[str, float], ...]
    model: ModelName

    def __str__(self) -> str:
        """For people, who must read that it is experimental wherever they read it."""
        return f"reason (experimental): {self.label}"


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """What changed in one alarm condition, and why. All times are audio time in seconds.

    alarm: number of the condition's episode since start, the same from `start` to `end`.
    at_s: when the change was decided.
    onset_s: when the condition is estimated to have begun.
    detected_s: when it was first raised.
    ended_s: when it ended; None before.
    acknowledged_by: who has seen it; None again once the acknowledgement has run out.
    acknowledged_for_s: of an `acknowledge`: how long it keeps the sound away at most.
    p_cry, threshold, level_dbfs: the numbers behind the decision; None for technical conditions.
    detail: for people: what is wrong and what to do; empty for a cry, and at the end.
    reason: of a cry, where reasons are guessed; None else.
    test: it is about no condition: somebody tries the way to the station.
    """

    alarm: int
    kind: Kind
    code: Code
    phase: Phase
    priority: Priority
    at_s: float
    onset_s: float
    detected_s: float
    ended_s: float | None = None
    p_cry: float | None = None
    threshold: float | None = None
    level_dbfs: float | None = None
    acknowledged_by: str | None = None
    acknowledged_for_s: float | None = None
    detail: str = ""
    reason: Reason | None = None
    test: bool = False

    @property
    def duration_s(self) -> float:
        """From onset to the end, or so far."""
        return (self.at_s if self.ended_s is None else self.ended_s) - self.onset_s

    def __str__(self) -> str:
        """For people: the change in one line."""
        name = "self-test" if self.test else "alarm"
        words = [f"{name} {self.alarm}: {self.code} {self.phase}, {self.priority}"]
        if self.p_cry is not None and self.phase != "end":
            words.append(f"p_cry {self.p_cry:.2f}")
        if self.duration_s > 0:
            words.append(f"{self.duration_s:.1f} s")
        if self.acknowledged_by:
            words.append(f"acknowledged by {self.acknowledged_by}")
        if self.acknowledged_for_s is not None:
            words.append(f"for {self.acknowledged_for_s:.0f} s at most")
        if self.reason is not None:
            words.append(str(self.reason))
        if self.detail:
            words.append(self.detail)
        return ", ".join(words)


_CHANGE_WORDS: dict[Change, str] = {
    "audio-paused": "sound paused",
    "audio-off": "sound switched off",
    "audio-on": "sound on again",
    "audio-off-reminder": "reminder: the sound is still switched off",
    "standby": "standby (cries are no alarms)",
    "monitoring": "monitoring again",
    "standby-reminder": "reminder: still in standby, cries are no alarms",
    "missed-acknowledged": "missed cries acknowledged",
}


@dataclass(frozen=True, slots=True)
class ControlEvent:
    """What somebody did to the alarm system as a whole, or what then ended or reminded by itself.

    Times are monotonic, in seconds.

    by: who; None when it came by itself.
    until_mono_s: when it will end by itself; None if it will not, or is over at once.
    detail: for people: what else there is to say.
    """

    change: Change
    by: str | None
    at_mono_s: float
    until_mono_s: float | None = None
    detail: str = ""

    def __str__(self) -> str:
        """For people: what, who, for how long."""
        words = _CHANGE_WORDS[self.change]
        if self.by is not None:
            words += f" by {self.by}"
        if self.until_mono_s is not None:
            words += f", for {self.until_mono_s - self.at_mono_s:.0f} s"
        return f"{words}, {self.detail}" if self.detail else words


Event = AlarmEvent | ControlEvent
"""What the log, the journal and the station hear."""


@dataclass(frozen=True, slots=True)
class BuzzerPulse:
    """The buzzer sounded from `begin_mono_s` to `end_mono_s` (None: it still does)."""

    begin_mono_s: float
    end_mono_s: float | None = None
