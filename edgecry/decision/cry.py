"""Evidence -> is the baby crying, since when, until when. All times are audio time."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Hysteresis on the evidence: a cry starts at `on` and may end under `off` <= `on`."""

    on: float
    off: float

    def __post_init__(self) -> None:
        if not 0 < self.off <= self.on < 1:
            raise ValueError(f"need 0 < off <= on < 1, not on={self.on} and off={self.off}")


@dataclass(frozen=True, slots=True)
class Cry:
    """One episode of crying.

    onset_s: estimated beginning. detected_s: when the evidence reached `on`.
    heard_s: when it was last at `off` or above; the end of the episode once that is over.
    p_cry, peak_p_cry: evidence now, and at its highest.
    """

    onset_s: float
    detected_s: float
    heard_s: float
    p_cry: float
    peak_p_cry: float


class CryDetector:
    """Hysteresis, persistence and clear time.

    A cry starts when the evidence (already a mean over several windows: that is the persistence)
    reaches `on`. It ends when the evidence has stayed under `off` for `clear_after_s`, so the gasp
    between two breaths, or a short lull, does not end it. Time that says nothing (`skip`) neither
    counts as quiet nor begins the quiet anew.

    The onset is put one window before the end of the first window in the unbroken run of evidence
    at `off` or above: the window holds the onset, and the earliest moment in it is a safe claim.
    Lost sound breaks the run: windows that do not meet are no cry that goes on.
    """

    def __init__(self, thresholds: Thresholds, clear_after_s: float, window_s: float) -> None:
        self._thresholds = thresholds
        self._clear_after_s = clear_after_s
        self._window_s = window_s
        self._run_onset_s: float | None = None
        self._now_s = 0.0
        self._quiet_since_s = 0.0
        self._cry: Cry | None = None

    def step(self, evidence: float, now_s: float) -> Cry | None:
        """Take the evidence of the window that ends at `now_s`; the current cry, or None."""
        heard = evidence >= self._thresholds.off
        lost = now_s - self._window_s > self._now_s
        self._now_s = now_s
        if lost or not heard:
            self._run_onset_s = None
        if heard:
            self._quiet_since_s = now_s
            if self._run_onset_s is None:
                self._run_onset_s = max(0.0, now_s - self._window_s)

        if self._cry is None:
            if evidence >= self._thresholds.on and self._run_onset_s is not None:
                self._cry = Cry(self._run_onset_s, now_s, now_s, evidence, evidence)
        elif heard:
            peak = max(self._cry.peak_p_cry, evidence)
            self._cry = replace(self._cry, heard_s=now_s, p_cry=evidence, peak_p_cry=peak)
        elif now_s - self._quiet_since_s >= self._clear_after_s:
            self._cry = None
        else:
            self._cry = replace(self._cry, p_cry=evidence)
        return self._cry

    def skip(self, seconds: float) -> Cry | None:
        """Let `seconds` pass that say nothing of the baby; the current cry, as it was, or None."""
        self._now_s += seconds
        self._quiet_since_s += seconds
        return self._cry
