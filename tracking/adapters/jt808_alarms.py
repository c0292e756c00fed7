"""JT/T 808: which alarm is new. No I/O.

A device repeats an alarm's bit in every report while the alarm lasts. Told to the office is the rising edge:
once, however often the device sends its reports again, over whichever connections, and whatever was restarted
in between. Two things make it so: an edge's event has an id that follows from terminal, bit and time, so that
judging the same edge twice gives the same event; and what was known of the bits over time is kept in the
database, in the commit of the report that told it, so that a repeated report is not taken for an edge.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

SOS_BIT: Final = 0
MOST_STEPS: Final = 256
"""So many steps of one terminal are remembered; older ones matter only to backfill from before them."""
_SILENCE_MS = 60_000
"""After so long a silence a lasting alarm is noted again, so that backfill of the silence lies before it."""
_SPACE = UUID("5d1f7a52-6d5e-5f0c-9a53-1f6f1c9f0808")
_NAMES: Final = {
    1: "overspeed", 2: "fatigue", 3: "danger", 4: "receiver_fault", 5: "antenna_open", 6: "antenna_short",
    7: "power_low", 8: "power_off", 9: "display_fault", 10: "speech_fault", 11: "camera_fault",
    12: "card_reader_fault", 13: "overspeed_warning", 14: "fatigue_warning", 18: "driving_too_long_today",
    19: "parked_too_long", 20: "area_crossed", 21: "route_crossed", 22: "section_time", 23: "off_route",
    24: "speed_sensor_fault", 25: "fuel_abnormal", 26: "stolen", 27: "ignition_unlawful",
    28: "moved_unlawfully", 29: "collision_warning", 30: "rollover_warning", 31: "door_opened_unlawfully",
}  # fmt: skip
_NAMES_2019: Final = _NAMES | {
    15: "driving_unlawful", 16: "tyre_pressure", 17: "blind_spot", 29: "collision_or_rollover", 31: "bit_31",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """The bits as they were from `t` on (epoch milliseconds)."""

    t: int
    bits: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What one report's bits mean.

    Parameters
    ----------
    rising : the bits that were not set before
    steps : what is to be remembered with it
    """

    rising: tuple[int, ...]
    steps: tuple[Step, ...]


class Alarms:
    """What is known of one terminal's alarm bits over time.

    Parameters
    ----------
    steps : as remembered, in any order
    newest_t : time of the newest report known, epoch milliseconds; None before the first
    """

    def __init__(self, steps: Iterable[Step] = (), newest_t: int | None = None) -> None:
        self._bits = {step.t: step.bits for step in steps}
        self._times = sorted(self._bits)
        known = [t for t in (newest_t, self._times[-1] if self._times else None) if t is not None]
        self._newest_t = max(known, default=None)

    def judge(self, t: int, bits: int) -> Judged:
        """Judge one report's bits, and remember them.

        A report older than the newest is backfill, or a repeat: what was known of its time tells which.
        """
        before = self._at(t)
        rising = tuple(_set_in(bits & ~before))
        steps = list(self._steps(t, bits, before))
        for step in steps:
            self._remember(step)
        if self._newest_t is None or t > self._newest_t:
            self._newest_t = t
        return Judged(rising, tuple(steps))

    def _at(self, t: int) -> int:
        """The bits as they were known at `t`; none are where nothing was known."""
        place = bisect_right(self._times, t)
        return self._bits[self._times[place - 1]] if place else 0

    def _steps(self, t: int, bits: int, before: int) -> Iterator[Step]:
        newest_t = self._newest_t
        if bits != before:
            place = bisect_right(self._times, t)
            if newest_t is not None and t < newest_t and place == len(self._times):
                # What was known of the time between here and the newest report still holds there.
                yield Step(newest_t, before)
            yield Step(t, bits)
        elif bits and newest_t is not None and t - newest_t > _SILENCE_MS:
            yield Step(t, bits)

    def _remember(self, step: Step) -> None:
        if step.t not in self._bits:
            insort(self._times, step.t)
        self._bits[step.t] = step.bits
        if len(self._times) > MOST_STEPS:
            del self._bits[self._times.pop(0)]


def event_id(terminal_id: int, bit: int, t: int) -> UUID:
    """The id of the event of this edge, always the same."""
    return uuid5(_SPACE, f"{terminal_id}/{bit}/{t}")


def name_of(bit: int, *, is_2019: bool) -> str:
    """What an alarm is called; a bit that the edition leaves to makers by its number."""
    return (_NAMES_2019 if is_2019 else _NAMES).get(bit, f"bit_{bit}")


def _set_in(bits: int) -> Iterator[int]:
    return (bit for bit in range(32) if bits >> bit & 1)
