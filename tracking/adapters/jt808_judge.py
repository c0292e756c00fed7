"""JT/T 808: what the locations of one message amount to: fixes, alarms that are new, refusals. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fleet import geo
from tracking import fix as fixes
from tracking.adapters.jt808_alarms import SOS_BIT, Alarms, Step, event_id, name_of
from tracking.adapters.jt808_body import Report, read_report
from tracking.event import Event
from tracking.fix import FLAG_NO_FIX, ZERO_ISLAND_DEG, Fix
from tracking.source import Source


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the terminal that speaks.

    Parameters
    ----------
    alarms : its alarm bits over time; judging adds to them
    """

    source: Source
    alarms: Alarms


@dataclass(frozen=True, slots=True)
class Piece:
    """An alarm that is new, and what is to be remembered once it is stored: committed in this order."""

    event: Event | None = None
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """One location that cannot be kept; `index` is its place in the message."""

    index: int
    why: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Locations:
    """What is to be committed of one message.

    Parameters
    ----------
    fixes : the good ones, each with its place in the message and the flags that it earns by its status
    """

    fixes: tuple[tuple[int, Fix, int], ...]
    pieces: tuple[Piece, ...]
    refused: tuple[Refused, ...]


def judge(bodies: Sequence[bytes], known: Known, now_ms: int, *, is_2019: bool) -> Locations:
    """Judge the locations of one message; their alarms in the order of their times."""
    good: list[tuple[int, Fix, int]] = []
    refused: list[Refused] = []
    dated: list[tuple[Report, bool]] = []
    for index, raw in enumerate(bodies):
        report = read_report(raw)
        if isinstance(report, str):
            refused.append(Refused(index, report, raw))
            continue
        fix = report.fix()
        why = fixes.refusal(fix, now_ms)
        if why is None:
            good.append((index, fix, 0 if report.is_fixed else FLAG_NO_FIX))
        else:
            refused.append(Refused(index, why, raw))
        if fixes.is_timely(report.t, now_ms):
            # A call for help counts even where the place that came with it cannot be right. Where there is no
            # position of now, the device's last one is where to look first.
            dated.append((report, why is None and not _is_nowhere(fix)))
    dated.sort(key=lambda each: each[0].t)
    pieces = [
        piece for report, placed in dated for piece in _pieces(report, known, placed=placed, is_2019=is_2019)
    ]
    return Locations(tuple(good), tuple(pieces), tuple(refused))


def _is_nowhere(fix: Fix) -> bool:
    """Whether its place is 0, 0: what receivers tell that never had one."""
    return abs(fix.lon) < ZERO_ISLAND_DEG and abs(fix.lat) < ZERO_ISLAND_DEG


def _pieces(report: Report, known: Known, *, placed: bool, is_2019: bool) -> list[Piece]:
    judged = known.alarms.judge(report.t, report.alarm)
    place = geo.to_wgs84((report.lon, report.lat), known.source.datum) if placed else (None, None)
    pieces = [
        Piece(
            Event(
                id=event_id(known.source.terminal_id, bit, report.t),
                t=report.t,
                kind="sos" if bit == SOS_BIT else "alarm",
                lon=place[0],
                lat=place[1],
                alarm=None if bit == SOS_BIT else name_of(bit, is_2019=is_2019),
            )
        )
        for bit in judged.rising
    ]
    # A step must not be stored earlier than the events that lead to it.
    return [*pieces, *(Piece(step=step) for step in judged.steps)]
