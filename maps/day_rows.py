"""A day's proofs as plain values for the pages that show them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from fleet.registry import Van
from fleet.units import ms_of
from fleet.words import Locale, translate
from maps.alert_words import RULES
from maps.board import Json
from maps.naming import named, place_name
from maps.van_days import Alert, Call, Evidence, Proofs
from tracking.day_store import KeptBeat, KeptDay

TARGET_MIN: Final = 360
VERDICTS: Final = ("served", "arrived", "no_answer", "declined", "skipped", "pending")
GRADES: Final = ("A", "B", "C", "D")
_SCALE_H: Final = (6, 20)
_UNSEEN: Final = frozenset({"offline", "gap"})


def sheet(proofs: Proofs, now: datetime, locale: Locale) -> Json:
    """The whole district's day: a row a van."""
    return {
        "as_of": ms_of(now),
        "day": str(proofs.day),
        "scale": list(scale(proofs)),
        "target_min": TARGET_MIN,
        "vans": [row(proofs, van, locale) for van in proofs.vans],
    }


def scale(proofs: Proofs) -> tuple[int, int]:
    """What the timelines span: 06:00 to 20:00 there, or whole hours more where a van was out longer."""
    six, twenty = (proofs.start.replace(hour=hour) for hour in _SCALE_H)
    seen = [span for ledger in proofs.ledgers.values() for span in ledger.spans if span.kind not in _UNSEEN]
    hour_ms = int(timedelta(hours=1) / timedelta(milliseconds=1))
    starts = min([ms_of(six), *(span.starts_ms // hour_ms * hour_ms for span in seen)])
    ends = max([ms_of(twenty), *(-(-span.ends_ms // hour_ms) * hour_ms for span in seen)])
    return max(starts, ms_of(proofs.start)), min(ends, ms_of(proofs.end))


def row(proofs: Proofs, van: Van, locale: Locale) -> Json:
    """One van's day: its ledger, its stops counted by verdict and grade, its alerts counted."""
    ledger = proofs.ledgers.get(van.id)
    calls = [each for each in proofs.calls if each.van_id == van.id]
    told = [each for each in proofs.alerts if each.van_id == van.id]
    grades = Counter(each.evidence.grade for each in calls if each.evidence and each.evidence.grade)
    verdicts = Counter(each.verdict for each in calls)
    return {
        "id": van.id,
        "name": named(van.name, van.name_en, locale),
        "colour": van.colour,
        "ledger": None if ledger is None else _ledger(ledger, locale),
        "stops": len(calls),
        "verdicts": {name: verdicts[name] for name in VERDICTS if verdicts[name]},
        "grades": {name: grades[name] for name in GRADES},
        "alerts": {
            "n": len(told),
            "open": sum(1 for each in told if each.ended is None),
            "worst": _worst(told),
        },
    }


def _ledger(ledger: KeptDay, locale: Locale) -> Json:
    return {
        "proved_min": ledger.proved_s // 60,
        "claimed_min": ledger.claimed_s // 60,
        "sos_min": ledger.sos_s // 60,
        "distance_m": ledger.distance_m,
        "fixes": ledger.fixes,
        "flagged": ledger.flagged,
        "cells": ledger.cells,
        "cells_seen": ledger.cells_seen,
        "longest_unseen_s": ledger.longest_unseen_s,
        "beats": [_beat(each, locale) for each in ledger.beats],
        "spans": [[span.kind, span.starts_ms, span.ends_ms] for span in ledger.spans],
        "computed": ms_of(ledger.computed_at),
        "received_until": _ms(ledger.received_until),
    }


def _beat(beat: KeptBeat, locale: Locale) -> Json:
    return {
        "name": named(beat.name, beat.name_en, locale),
        "cells": beat.cells,
        "cells_seen": beat.cells_seen,
        "passes": beat.passes,
        "longest_unseen_s": beat.longest_unseen_s,
        "longest_revisit_s": beat.longest_revisit_s,
        "median_revisit_s": beat.median_revisit_s,
    }


def _worst(told: Iterable[Alert]) -> str | None:
    order = ("sos", "high", "warn", "info")
    return min((each.severity for each in told), key=order.index, default=None)


def calls(proofs: Proofs, van_id: int, locale: Locale) -> list[Json]:
    """A van's planned stops with what they came to, by time; names masked."""
    return [_call(each, locale) for each in proofs.calls if each.van_id == van_id]


def _call(call: Call, locale: Locale) -> Json:
    return {
        "id": call.stop.id,
        "place": place_name(call.stop, locale),
        "kind": call.stop.kind,
        "begins": ms_of(call.stop.begins),
        "leaves": ms_of(call.stop.leaves),
        "other_van": call.stop.van_id != call.van_id,
        "verdict": call.verdict,
        "evidence": None if call.evidence is None else _evidence(call.evidence),
    }


def _evidence(evidence: Evidence) -> Json:
    return {
        "arrived": _ms(evidence.arrived),
        "departed": _ms(evidence.departed),
        "tapped": _ms(evidence.tapped),
        "dwell_s": evidence.dwell_s,
        "distance_m": evidence.distance_m,
        "late_s": evidence.late_s if evidence.late else 0,
        "in_order": evidence.in_order,
        "grade": evidence.grade,
        "score": evidence.score,
        "parts": [[each.part, each.points, each.of, each.value] for each in evidence.parts],
        "computed": ms_of(evidence.computed_at),
    }


def alerts(proofs: Proofs, van_id: int, locale: Locale) -> list[Json]:
    """A van's alerts of the day, by when their condition began."""
    fences = {each.id: named(each.name, each.name_en, locale) for each in proofs.fences}
    return [_alert(each, fences, locale) for each in proofs.alerts if each.van_id == van_id]


def _alert(alert: Alert, fences: Mapping[int, str], locale: Locale) -> Json:
    title = translate(locale, RULES[alert.code].name) if alert.code in RULES else alert.code
    fence = fences.get(alert.body.get("fence", 0))
    return {
        "id": alert.id,
        "title": title if fence is None else f"{title} · {fence}",
        "severity": alert.severity,
        "began": ms_of(alert.began),
        "ended": _ms(alert.ended),
        "historical": alert.historical,
        "acked": _ms(alert.acked_at),
        "acked_by": alert.acked_by or "",
    }


def matched(stays: Sequence[tuple[int, int]], found: Sequence[Json]) -> list[int | None]:
    """Of each call the place of the stay that it was made at: the one that overlaps it longest, None without.

    Parameters
    ----------
    stays : from and to, epoch milliseconds, disjoint
    found : as `calls` gives them
    """
    return [_stay_of(stays, each["evidence"]) for each in found]


def _stay_of(stays: Sequence[tuple[int, int]], evidence: object) -> int | None:
    if not isinstance(evidence, dict) or evidence["arrived"] is None:
        return None
    arrived, departed = evidence["arrived"], evidence["departed"] or evidence["arrived"]
    shared = [min(ends, departed) - max(starts, arrived) for starts, ends in stays]
    best = max(range(len(stays)), key=shared.__getitem__, default=None)
    return best if best is not None and shared[best] >= 0 else None


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else ms_of(moment)
