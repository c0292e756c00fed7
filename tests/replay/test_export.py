"""A track on its way out: which fix was chosen, what is odd, and that memory stays flat."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from fleet import registry, tables
from fleet.db import make_engine
from fleet.errors import InvalidInput
from replay import export, export_csv, export_geojson, export_gpx, export_parquet
from replay.export import Leaf, Order, Parts
from tests.replay.seeding import DAY, LAT, LON, MORNING, Seeded, add_fixes, point, seed
from tests.replay.taking import leaf, order, put_fixes
from tracking.fix import FLAG_INACCURATE
from tracking.outliers import FLAG_JUMP
from tracking.track import Ints, Track

MB = 1 << 20


def ordered(engine: sa.Engine, here: Seeded, days: int = 1) -> Order:
    with engine.connect() as conn:
        district = registry.district(conn, here.district_id)
        van = next(each for each in registry.vans(conn, here.district_id) if each.id == here.vans[0])
    return Order(district, van, DAY, DAY + timedelta(days=days - 1), "zh")


def test_every_stored_fix_leaves_with_its_flags_and_the_chosen_one_marked(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(database)
    with engine.begin() as conn:
        here = seed(conn)
        drive = [(MORNING + timedelta(seconds=10 * n), LON + n / 1e4, LAT) for n in range(5)]
        add_fixes(conn, here.vans[0], here.terminals[0], drive)
        again = {"van_id": here.vans[0], "geom": point(LON, LAT), "received_at": MORNING}
        # The same instant twice more: one that says it is worse, one that is flagged.
        conn.execute(
            tables.fix.insert(),
            [
                {**again, "t": drive[2][0], "terminal_id": 9999, "digest": 1, "flags": 0, "accuracy_m": 50.0},
                {
                    **again, "t": drive[3][0], "terminal_id": 9999, "digest": 2, "flags": FLAG_INACCURATE,
                    "accuracy_m": 900.0,
                },
            ],
        )  # fmt: skip
        add_fixes(conn, here.vans[1], here.terminals[1], drive[:1])

    def odd(track: Track) -> Ints:
        flags = np.zeros(len(track), np.int64)
        flags[1] = FLAG_JUMP
        return flags

    monkeypatch.setattr(export, "flags_of", odd)
    (day,) = export.leaves(engine, ordered(engine, here, days=2))
    assert day.day == DAY and len(day) == 7
    assert day.fixes.t_ms.tolist() == sorted(day.fixes.t_ms.tolist())
    assert day.chosen.sum() == 5, "one an instant"
    assert not day.chosen[day.fixes.terminal_id == 9999].any()
    assert "9999" in day.codes, "a terminal that is gone is told by its number"
    assert sorted(day.fixes.flags.tolist()) == [0, 0, 0, 0, 0, FLAG_INACCURATE, FLAG_JUMP]
    assert day.sound.sum() == 4
    engine.dispose()


def test_pieces_make_the_whole() -> None:
    whole = leaf()
    assert [len(part) for part in whole.parts(3)] == [3, 3, 1]
    assert [stretch.fixes.t_ms.tolist() for stretch in whole.stretches()] == [
        whole.fixes.t_ms[:3].tolist(),
        whole.fixes.t_ms[5:].tolist(),
    ]
    nothing = whole.take(slice(0, 0))
    assert list(nothing.parts(3)) == [] and list(nothing.stretches()) == []


def test_flags_have_names_and_files_too() -> None:
    assert export.flag_words(0) == ""
    assert export.flag_words(1 | 16) == "ahead jump"
    assert export.file_name(order(), "gpx") == "V<1>_2026-07-22.gpx"
    assert export.file_name(order(days=3), "csv") == "V<1>_2026-07-22_2026-07-24.csv"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (DAY, DAY - timedelta(days=1), "Swap"),
        (DAY, DAY + timedelta(days=31), "32 days are too many"),
        (date(1, 1, 1), date(1, 1, 2), "Choose one that has been"),
        (date(9999, 12, 30), date(9999, 12, 31), "Choose one that has been"),
    ],
)
def test_spans_that_cannot_be_asked_for(first: date, last: date, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        export.check_days(first, last)


def test_a_whole_month_can() -> None:
    export.check_days(DAY, DAY + timedelta(days=30))


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_half_a_million_fixes_leave_in_the_memory_of_two_days(database: str) -> None:
    engine = make_engine(database)
    with engine.begin() as conn:
        here = seed(conn)
        count = put_fixes(conn, here.vans[0], days=6)
    assert count > 500_000
    asked = ordered(engine, here, days=6)
    writers: tuple[Callable[[Order, Iterable[Leaf]], Parts], ...] = (
        export_parquet.write,
        export_csv.write,
        export_gpx.write,
        export_geojson.write,
    )
    few = replace(asked, last=DAY + timedelta(days=1))
    for write in writers:
        # What two days take is what all of them may take, whatever was loaded and pooled before.
        few_bytes = sum(len(piece) for piece in write(few, export.leaves(engine, few)))
        sent, most_early, most_late = 0, 0, 0
        for piece in write(asked, export.leaves(engine, asked)):
            sent += len(piece)
            if sent <= few_bytes:
                most_early = max(most_early, resident())
            else:
                most_late = max(most_late, resident())
        assert sent > count * 5, write.__module__
        grew = most_late - most_early
        assert grew < 14 * count, (
            f"{write.__module__} grew by {grew / MB:.0f} MB over {sent / MB:.0f} MB sent"
        )
    engine.dispose()
