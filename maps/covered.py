"""What of a district's beats was passed on a day, from the stored tracks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import sqlalchemy as sa

from fleet import registry
from fleet.registry import Beat
from fleet.units import ms_of
from tracking import history, outliers
from tracking.coverage import Coverage, cover
from tracking.ledger import Stretch, columns_of
from tracking.track import Track, choose

Span = tuple[datetime, datetime]


def read_tracks(conn: sa.Connection, van_ids: Iterable[int], span: Span) -> dict[int, tuple[Track, int]]:
    """The sound track of each van that has one, and how many of its fixes were left out."""
    vans = list(van_ids)
    primary = history.primary_terminals(conn, vans)
    stored = history.fixes_of_vans(conn, vans, *span)
    found = {}
    for van_id in vans:
        fixes = stored.get(van_id)
        if fixes is not None and len(fixes):
            track = outliers.sound(choose(fixes, primary.get(van_id)))
            found[van_id] = (track, len(fixes) - len(track))
    return found


def read_coverage(
    conn: sa.Connection, district_id: int, day: date, span: Span, tracks: Mapping[int, Track]
) -> list[tuple[Beat, Coverage]]:
    """How each beat's cells were passed by the vans that it is assigned to, while they were on shift."""
    within = worked(conn, district_id, day, span)
    vans_of: dict[int, list[int]] = {}
    for van_id, beat_ids in registry.beats_of(conn, district_id, day).items():
        for beat_id in beat_ids:
            vans_of.setdefault(beat_id, []).append(van_id)
    found = []
    for beat in registry.beats(conn, district_id):
        own = {van_id: tracks[van_id] for van_id in vans_of.get(beat.id, ()) if van_id in tracks}
        found.append((beat, cover(columns_of([(cell.lon, cell.lat) for cell in beat.cells]), own, within)))
    return found


def worked(conn: sa.Connection, district_id: int, day: date, span: Span) -> Stretch:
    """From the first shift's start to the last one's end, within the span; the span without shifts."""
    start, end = span
    shifts = registry.shifts(conn, district_id, day)
    starts = min(min((shift.starts for shift in shifts), default=start), end)
    ends = max((shift.ends for shift in shifts), default=end)
    return Stretch(ms_of(starts), ms_of(max(starts, min(ends, end))))
