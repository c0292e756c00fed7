"""Beats that nobody passes: since when, as far as is known, and what late facts make of what was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import sqlalchemy as sa

from fleet.main.alarm_reading import Frame
from fleet.main.alarm_tracks import Cells
from fleet.units import moment_of, ms_of
from tracking import alarms, alert_books, alert_store
from tracking.alarm_day import Episode, VanDay
from tracking.alarm_rules import Rules
from tracking.alarms import Waiting
from tracking.alert_books import Told
from tracking.alert_store import Stored
from tracking.track import LONGEST_GAP_S, Track

_CODE = "beat_unseen"


def waiting(
    frame: Frame, cells: Mapping[int, tuple[int, Cells]], days: Mapping[int, VanDay], now: datetime
) -> dict[int, Waiting]:
    """How long each beat, by number, whose van is on shift has waited for anybody to pass any of it."""
    found = {}
    for beat_id, (van_id, area) in cells.items():
        shift = frame.shifts.get(van_id)
        if shift is None or not shift.starts <= now < shift.ends:
            continue
        passed = [area.last_passed_ms(day.track) for day in days.values()]
        last_ms = max([each for each in passed if each is not None], default=0)
        since = max(shift.starts, moment_of(last_ms))
        found[beat_id] = Waiting(van_id, since, _silent_s(days[van_id].track, since, now))
    return found


def _silent_s(track: Track, since: datetime, now: datetime) -> float:
    """Seconds of a span in which nobody knows where the van was."""
    starts_ms, ends_ms = ms_of(since), ms_of(now)
    known = track.t_ms[(track.t_ms > starts_ms) & (track.t_ms < ends_ms)]
    steps_s = np.diff(np.concatenate([[starts_ms], known, [ends_ms]])) / 1000
    return float(steps_s[steps_s > LONGEST_GAP_S].sum())


def restate(
    conn: sa.Connection, frame: Frame, cells: Mapping[int, tuple[int, Cells]], tracks: Sequence[Track],
    rules: Rules, now: datetime,
) -> list[Told]:  # fmt: skip
    """Correct or withdraw what was told of a day's beats, by all that is known now of some vans' ways."""
    given = {"district": frame.district_id, "from": frame.starts, "to": frame.ends}
    told = []
    for stored in alert_store.rows(conn, "of_code_between", code=_CODE, **given):
        beat_id = int(stored.body["beat"])
        if beat_id not in cells:
            continue
        span = ms_of(stored.began), ms_of(stored.ended or _known_until(frame, stored, now))
        passed = [cells[beat_id][1].passed_ms(each, *span) for each in tracks]
        passes = np.unique(np.concatenate([np.empty(0, np.int64), *passed]))
        found = alarms.unseen(passes, span, _limit_s(stored, rules))
        if found != span:
            told += alert_books.restate(conn, stored, _as_found(stored, found, span[1]), now)
    return told


def _known_until(frame: Frame, stored: Stored, now: datetime) -> datetime:
    """Until when a beat that is still unseen has waited: no longer than the shift of its van."""
    shift = frame.shifts.get(stored.van_id or 0)
    return max(stored.began, min(now, frame.ends if shift is None else shift.ends))


def _limit_s(stored: Stored, rules: Rules) -> float:
    """How long nobody must have passed: as long as had gone by when it was told, if that was less."""
    return min(rules[_CODE].threshold, (stored.raised_at - stored.began).total_seconds())


def _as_found(stored: Stored, found: tuple[int, int] | None, until_ms: int) -> Episode | None:
    if found is None or stored.van_id is None:
        return None
    ended_ms = None if stored.ended is None and found[1] == until_ms else found[1]
    return Episode(stored.code, stored.subject, stored.van_id, found[0], ended_ms, stored.body)
