"""Ledgers compared with minutes worked out by hand."""

from __future__ import annotations

import pytest

from tests.tracking.proving import (
    ABROAD,
    CORNER,
    DEPOT,
    DOOR,
    SHIFT,
    Drive,
    at,
    facts,
    minutes_after,
    told,
)
from tracking.ledger import KINDS, Ledger, Stretch, Tap, Told
from tracking.proof import prove


def ledger(drive: Drive, known: Told | None = None) -> Ledger:
    return prove(facts(drive.fixes(), known or told())).ledger


def minutes(found: Ledger) -> dict[str, float]:
    return {kind: found.seconds(kind) / 60 for kind in KINDS if found.seconds(kind)}


def test_driving_about_in_the_beat_is_patrol() -> None:
    found = ledger(Drive(CORNER).loop(60))
    assert minutes(found) == {"patrol": 60}
    assert (found.proved_s, found.sos_s) == (3600, 0)


def test_a_silence_of_more_than_five_minutes_proves_nothing_and_one_of_five_does() -> None:
    found = ledger(Drive(CORNER).loop(10).silence(5, at(1500, 900)).loop(10).silence(6).loop(10))
    assert minutes(found) == {"patrol": 35, "gap": 6}


def test_standing_at_a_door_serves_and_standing_elsewhere_is_idle() -> None:
    drive = Drive(DOOR).stand(30).go(CORNER, 5).stand(20).go(at(1500, 1500), 5)
    found = minutes(ledger(drive))
    assert found["service"] == pytest.approx(30, abs=0.5)
    assert found["idle"] == pytest.approx(20, abs=0.5)
    assert sum(found.values()) == 60


def test_a_short_wait_is_still_patrol() -> None:
    found = minutes(ledger(Drive(CORNER).loop(10).stand(4).loop(10)))
    assert found == {"patrol": 24}


def test_the_depot_does_not_count() -> None:
    found = minutes(ledger(Drive(DEPOT).stand(40).go(CORNER, 10).loop(10)))
    assert found["depot"] == pytest.approx(40, abs=1)
    assert found["patrol"] == pytest.approx(20, abs=1)


def test_a_detour_outside_the_beat_does_not_count() -> None:
    # 1,500 m east to west inside in 10 min, as many outside: the border is crossed between two fixes.
    found = minutes(ledger(Drive(at(1500, 500)).go(ABROAD, 20).stand(10).go(at(1500, 500), 20)))
    assert found["patrol"] == pytest.approx(20, abs=0.2)
    assert found["off_beat"] == pytest.approx(30, abs=0.2)


def test_breaks_and_reloads_last_from_their_tap_to_the_next_of_the_crew() -> None:
    taps = (
        Tap(minutes_after(10), "break"),
        Tap(minutes_after(12), "reading"),
        Tap(minutes_after(30), "departed"),
        Tap(minutes_after(40), "reload"),
        Tap(minutes_after(45), "departed"),
    )
    found = ledger(Drive(CORNER).loop(60), told(*taps))
    assert minutes(found) == {"patrol": 35, "break": 20, "reload": 5}
    assert found.proved_s == 35 * 60


def test_a_call_for_help_counts_anywhere_but_in_a_silence() -> None:
    drive = Drive(ABROAD).loop(10).silence(10).loop(40)
    call = Stretch(minutes_after(5), minutes_after(30))
    taps = (Tap(minutes_after(25), "break"), Tap(minutes_after(35), "departed"))
    found = ledger(drive, told(*taps, calls=[call]))
    assert minutes(found) == {"sos": 15, "gap": 10, "break": 5, "off_beat": 30}
    assert (found.proved_s, found.sos_s) == (900, 900)


def test_the_shift_is_covered_whether_the_van_was_heard_or_not() -> None:
    drive = Drive(CORNER, at_ms=minutes_after(30)).loop(60)
    found = ledger(drive, told(shift=SHIFT))
    assert [(each.kind, (each.ends_ms - each.starts_ms) / 60_000) for each in found.spans] == [
        ("offline", 30),
        ("patrol", 60),
        ("offline", 390),
    ]
    assert [(each.first, each.last) for each in found.spans] == [(-1, -1), (0, 720), (-1, -1)]


def test_a_live_van_that_was_just_heard_is_not_offline() -> None:
    drive = Drive(CORNER).loop(60)
    just, later = minutes_after(64), minutes_after(66)
    assert minutes(ledger(drive, told(shift=SHIFT, until_ms=just))) == {"patrol": 60}
    assert minutes(ledger(drive, told(shift=SHIFT, until_ms=later))) == {"patrol": 60, "offline": 6}


def test_claims_run_from_the_first_tap_to_the_shifts_end() -> None:
    taps = (
        Tap(minutes_after(5), "departed"),
        Tap(minutes_after(60), "break"),
        Tap(minutes_after(90), "departed"),
        Tap(minutes_after(100), "seen"),
    )
    drive = Drive(CORNER)
    assert ledger(drive, told(*taps, shift=SHIFT)).claimed_s == (480 - 5 - 30) * 60
    assert ledger(drive, told(*taps, shift=SHIFT, until_ms=minutes_after(70))).claimed_s == 55 * 60
    assert ledger(drive, told(*taps)).claimed_s == 55 * 60
    assert ledger(drive, told()).claimed_s == 0


def test_a_van_never_heard_has_an_empty_ledger() -> None:
    assert ledger(Drive(CORNER)).spans == ()
    assert minutes(ledger(Drive(CORNER), told(shift=SHIFT))) == {"offline": 480}
