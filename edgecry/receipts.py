"""Joins the receipt watch with events, stations and broker: `no-receipt`, and who may sound."""

from __future__ import annotations

import logging
import math
import threading
from typing import Protocol

from edgecry.clock import Clock
from edgecry.decision.audibility import BuzzerUse, is_audible
from edgecry.decision.receipt import ReceiptWatch, demands_receipt
from edgecry.types import AlarmEvent

log = logging.getLogger(__name__)

BROKER_QUIET_AFTER_S = 2.0
"""The sender moves its mark every half second while the broker takes all that it is told."""


class Link(Protocol):
    """What is asked of the MQTT sender."""

    @property
    def heard_mono_s(self) -> float: ...
    @property
    def connected_since_mono_s(self) -> float: ...


class Receipts:
    """Safe to call from any thread; every call returns at once.

    receipt_s: the setting `alarm.receipt_s`; None where no station is expected to confirm.
    """

    def __init__(
        self, receipt_s: float | None, buzzer: BuzzerUse, link: Link, clock: Clock
    ) -> None:
        self._expected = receipt_s is not None
        self._watch = ReceiptWatch(math.inf if receipt_s is None else receipt_s)
        self._buzzer = buzzer
        self._link = link
        self._clock = clock
        self._lock = threading.Lock()
        self._missing = False
        self._seen = False

    def raised(self, event: AlarmEvent, event_id: str) -> None:
        """An event goes out."""
        with self._lock:
            self._watch.raised(event_id, demands_receipt(event), self._clock.monotonic_s())

    def confirmed(self, event_id: str, station: str) -> None:
        """`station` has shown an event."""
        with self._lock:
            known = self._watch.confirmed(event_id)
            first, self._seen = known and not self._seen, self._seen or known
        if first and not self._expected:
            log.info(
                "%s confirms what it shows; set alarm.receipt_s to be told when it stops", station
            )

    def look(self, now_s: float) -> str | None:
        """What is wrong now and what to do; None if stations confirm, or none can be told.

        Once missing, it stays so until a receipt comes.
        """
        reachable = not self._broker_lost(now_s)
        since_s = self._link.connected_since_mono_s
        with self._lock:
            self._missing = self._watch.unconfirmed(now_s) and (
                self._missing or (reachable and self._watch.missing(now_s, since_s))
            )
            missing = self._missing
        if not missing:
            return None
        return (
            "no station has confirmed that it shows the alarms of this cot: look at the station's "
            "screen, whether it runs and is connected to the broker"
        )

    def audible(self) -> bool:
        """Whether alarms are to sound at the cot now."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            unconfirmed = self._watch.unconfirmed(now_s)
        return is_audible(
            self._buzzer, unconfirmed=unconfirmed, broker_lost=self._broker_lost(now_s)
        )

    def _broker_lost(self, now_s: float) -> bool:
        return now_s - self._link.heard_mono_s >= BROKER_QUIET_AFTER_S
