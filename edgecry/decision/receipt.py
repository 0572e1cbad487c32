"""Events and receipts -> has a station shown what it must? Pure: monotonic seconds are handed in.

A station shows events in the order in which they were raised, so a receipt stands for its event and
for all before it. A receipt for an event that this run has not raised proves nothing.
"""

from __future__ import annotations

from collections import OrderedDict

from edgecry.types import AlarmEvent

LATE_AFTER_S = 5.0
"""An event sent later than this after it was raised is history: shown, and not sounded."""
_ANNOUNCING = {"start", "update", "escalate"}
_FAULTS_OF_DELIVERY = {"broker-lost", "no-receipt"}


def demands_receipt(event: AlarmEvent) -> bool:
    """Whether a station has to confirm `event`: all that is announced, self-tests apart.

    Of the faults of delivery itself no confirmation can be asked.
    """
    return event.phase in _ANNOUNCING and event.code not in _FAULTS_OF_DELIVERY and not event.test


class ReceiptWatch:
    """What of the newest `capacity` events a station has confirmed.

    within_s: how long it may take from the raising of an event to its receipt.
    """

    def __init__(self, within_s: float, capacity: int = 512) -> None:
        self._within_s = within_s
        self._capacity = capacity
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._raised = 0
        self._open: dict[int, float] = {}

    def raised(self, event_id: str, demands: bool, now_s: float) -> None:
        """An event goes out. `demands`: a station has to confirm it."""
        self._raised += 1
        self._numbers[event_id] = self._raised
        if len(self._numbers) > self._capacity:
            self._numbers.popitem(last=False)
        if demands:
            if len(self._open) == self._capacity:
                _, now_s = self._open.popitem()  # the newest two are one from now on
            self._open[self._raised] = now_s

    def confirmed(self, event_id: str) -> bool:
        """A station has shown the event. False if it is none of this run's newest."""
        number = self._numbers.get(event_id)
        if number is None:
            return False
        self._open = {each: at_s for each, at_s in self._open.items() if each > number}
        return True

    def unconfirmed(self, now_s: float) -> bool:
        """Whether an event has waited too long for its receipt, whatever the reason."""
        return any(now_s - at_s >= self._within_s for at_s in self._open.values())

    def missing(self, now_s: float, connected_since_s: float) -> bool:
        """Whether an event that the broker got in time has waited too long.

        connected_since_s: start of the present connection to the broker. What was raised more than
        LATE_AFTER_S before it went out late: no station owes a receipt for it. What was raised a
        little before it could not be shown sooner.
        """
        return any(
            now_s - max(at_s, connected_since_s) >= self._within_s
            for at_s in self._open.values()
            if connected_since_s - at_s <= LATE_AFTER_S
        )
