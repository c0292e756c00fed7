"""A day's proofs as the pages show them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
import sqlalchemy as sa

from fleet.units import ms_of
from fleet.words import translate
from maps import day_rows, van_days
from maps.alert_words import RULES
from maps.board import Json
from maps.van_days import Proofs
from tests.maps import staging
from tests.maps.proofs import START, put_proofs
from tests.maps.staging import DAY, NOW
from tracking.fence_store import Entry
from tracking.ledger import Span


@pytest.fixture
def proofs(conn: sa.Connection) -> Proofs:
    stage = staging.stage(conn)
    staging.make_partition(conn, START)
    put_proofs(conn, stage)
    return van_days.read(conn, stage.district_id, DAY)


def test_a_row_counts_minutes_verdicts_grades_and_alerts(proofs: Proofs) -> None:
    sheet = cast("dict[str, Any]", day_rows.sheet(proofs, NOW, "en"))
    assert sheet["as_of"] == ms_of(NOW) and sheet["target_min"] == 360
    first, second = sheet["vans"]
    assert first["name"] == "Van 1"
    # 45 + 22 + 30 + 20 + 35 + 26 + 48 + 62 + 40 minutes, and 26 of them on the call.
    assert (first["ledger"]["proved_min"], first["ledger"]["sos_min"]) == (328, 26)
    assert first["ledger"]["claimed_min"] == 368
    assert first["ledger"]["beats"] == [
        {
            "name": "Beat 1", "cells": 4, "cells_seen": 3, "passes": 9, "longest_unseen_s": 5400,
            "longest_revisit_s": 7500, "median_revisit_s": 2820,
        }
    ]  # fmt: skip
    assert second["ledger"]["beats"][0]["longest_revisit_s"] is None
    assert first["verdicts"] == {"served": 2, "skipped": 1, "pending": 1} and first["stops"] == 4
    assert first["grades"] == {"A": 1, "B": 0, "C": 0, "D": 1}
    assert first["alerts"] == {"n": 3, "open": 0, "worst": "high"}
    assert second["alerts"] == {"n": 0, "open": 0, "worst": None}


def test_a_van_without_a_ledger_says_so(proofs: Proofs) -> None:
    row = day_rows.row(replace(proofs, ledgers={}), proofs.vans[0], "zh")
    assert row["ledger"] is None


def test_the_scale_is_six_to_twenty_and_widens_for_what_was_done_outside(proofs: Proofs) -> None:
    six, twenty = day_rows.scale(proofs)
    assert six == ms_of(proofs.start) + 6 * 3_600_000 and twenty - six == 14 * 3_600_000
    ledger = next(iter(proofs.ledgers.values()))
    early = Span("patrol", six - 1, six + 60_000, -1, -1)
    late = Span("service", twenty, twenty + 1, -1, -1)
    silent = Span("offline", ms_of(proofs.start), six, -1, -1)
    wide = replace(proofs, ledgers={1: replace(ledger, spans=(silent, early, late))})
    assert day_rows.scale(wide) == (six - 3_600_000, twenty + 3_600_000)
    beyond = Span("patrol", ms_of(proofs.start) - 1, ms_of(proofs.end) + 1, -1, -1)
    whole = replace(proofs, ledgers={1: replace(ledger, spans=(beyond,))})
    assert day_rows.scale(whole) == (ms_of(proofs.start), ms_of(proofs.end))


def test_elders_are_masked_and_parts_are_whole(proofs: Proofs) -> None:
    calls = cast("list[dict[str, Any]]", day_rows.calls(proofs, proofs.vans[0].id, "zh"))
    assert [call["place"] for call in calls][:2] == ["第1小区 刘*珍", "第2小区 刘*珍"]
    evidence = calls[0]["evidence"]
    assert evidence["parts"][1] == ["distance", 22, 25, 41]
    assert sum(points for _, points, _, _ in evidence["parts"]) == evidence["score"] == 92
    assert (evidence["late_s"], calls[1]["evidence"]["late_s"]) == (0, 1500)
    assert calls[3]["evidence"] is None and calls[3]["verdict"] == "pending"


def test_alerts_are_said_in_the_askers_language(proofs: Proofs) -> None:
    van_id = proofs.vans[0].id
    told = day_rows.alerts(proofs, van_id, "zh")
    assert [each["title"] for each in told] == [
        translate("zh", RULES[code].name) for code in ("gps_lost", "two_sockets", "late")
    ]
    assert told[0]["acked_by"] == "李建国" and told[2]["ended"] is not None and told[1]["historical"] is True
    strange = replace(proofs.alerts[0], code="new_rule", ended=None)
    assert day_rows.row(replace(proofs, alerts=(strange,)), proofs.vans[0], "zh")["alerts"] == {
        "n": 1, "open": 1, "worst": "warn",
    }  # fmt: skip
    assert day_rows.alerts(replace(proofs, alerts=(strange,)), van_id, "zh")[0]["title"] == "new_rule"


def test_an_alert_of_a_fence_names_it(proofs: Proofs) -> None:
    left = replace(proofs.alerts[0], code="fence_exit", body={"fence": 7})
    yard = Entry(7, "y", "料场", "Yard", "circle", 80.0, ("exit",), None)
    day = replace(proofs, alerts=(left,), fences=(yard,))
    van_id = proofs.vans[0].id
    assert day_rows.alerts(day, van_id, "zh")[0]["title"] == "离开围栏 · 料场"
    assert day_rows.alerts(day, van_id, "en")[0]["title"] == "Left a fence · Yard"
    assert day_rows.alerts(replace(day, fences=()), van_id, "en")[0]["title"] == "Left a fence"


def test_a_stop_is_matched_to_the_stay_that_it_shares_most_time_with() -> None:
    def call(arrived: int | None, departed: int | None) -> Json:
        return {"evidence": {"arrived": arrived, "departed": departed}}

    stays = [(0, 100), (150, 300), (310, 400)]
    found: list[Json] = [
        call(90, 200),
        call(None, None),
        {"evidence": None},
        call(305, 306),
        call(10, None),
        call(160, 170),
    ]
    assert day_rows.matched(stays, found) == [1, None, None, None, 0, 1]
    assert day_rows.matched([], [call(1, 2)]) == [None]


def test_now_is_told_as_the_clock_has_it(proofs: Proofs) -> None:
    later = NOW + timedelta(hours=1)
    assert day_rows.sheet(proofs, later, "zh")["as_of"] == ms_of(later)
