"""What is wrong at this moment, by the rules that look at the moment only. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from tracking.alarm_rules import Rule, Rules, Severity
from tracking.track import Ints

HEARD_S: Final = 120
"""A terminal that was heard so lately is connected."""
LATE_BACK_S: Final = 120.0
RISK_BACK_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Heading:
    """The stop a van heads for; `eta_s` by road from where it is, None when no road is known."""

    stop_id: int
    due: datetime
    eta_s: float | None


@dataclass(frozen=True, slots=True)
class Proved:
    """Seconds of patrol that the ledger of a van's day proves, and until when it was counted."""

    seconds: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A beat that nobody has passed any cell of.

    Parameters
    ----------
    van_id : the van on shift that patrols it
    silent_s : for how long of it nobody knows where that van was: perhaps there
    """

    van_id: int
    since: datetime
    silent_s: float = 0.0


@dataclass(frozen=True, slots=True)
class VanNow:
    """One van as it stands.

    Parameters
    ----------
    good_at : its newest unflagged fix, None when it never had one
    heard_at : the newest message of any of its terminals
    heading : None where nothing is promised next
    proved : None while its ledger is not kept yet, or where it has no beat
    on_call : it serves an SOS
    """

    van_id: int
    starts: datetime | None = None
    ends: datetime | None = None
    good_at: datetime | None = None
    heard_at: datetime | None = None
    heading: Heading | None = None
    proved: Proved | None = None
    on_call: bool = False

    def on_shift(self, now: datetime) -> bool:
        """Whether it works now."""
        return self.starts is not None and self.ends is not None and self.starts <= now < self.ends


@dataclass(frozen=True, slots=True)
class Situation:
    """A district at a moment.

    Parameters
    ----------
    target_s : patrol that is owed a day
    beats : by number, those whose van is on shift
    unseen : calls that nobody has looked at, by number, with their time
    twins : by van, when two sockets last spoke for one of its terminals
    locked : shared maps that wrong passwords have locked, by number, with the time of the first of those
    behind_s : how long what terminals send has waited for the database; with the server's name
    open : what stands already, by (code, subject): a value that flutters ends it later than it began it
    """

    vans: tuple[VanNow, ...] = ()
    target_s: int = 6 * 3600
    beats: Mapping[int, Waiting] = field(default_factory=dict)
    unseen: Mapping[int, datetime] = field(default_factory=dict)
    twins: Mapping[int, datetime] = field(default_factory=dict)
    locked: Mapping[int, datetime] = field(default_factory=dict)
    server: str = ""
    behind_s: float = 0.0
    open: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong now, by the data since `began`. `body`: values for its sentence."""

    code: str
    subject: str
    severity: Severity
    began: datetime
    van_id: int | None = None
    body: Mapping[str, float | int | str] = field(default_factory=dict)


def conditions(situation: Situation, rules: Rules, now: datetime) -> tuple[Condition, ...]:
    """What is wrong in a district now, by rule. A function of its arguments alone.

    The on-delay is not applied here: `began` says how long it has lasted, and whoever raises it waits.
    """
    found: list[Condition] = []
    for code, find in _FINDERS.items():
        if rules[code].enabled:
            found += find(situation, rules[code], now)
    return tuple(found)


def is_due(condition: Condition, rule: Rule, now: datetime) -> bool:
    """Whether it has lasted its rule's on-delay."""
    return now - condition.began >= timedelta(seconds=rule.on_delay_s)


def _of_van(rule: Rule, van_id: int, began: datetime, **body: float | str) -> Condition:
    return Condition(rule.code, f"van:{van_id}", rule.severity, began, van_id, body)


def _gps_lost(situation: Situation, rule: Rule, now: datetime) -> Iterator[Condition]:
    """Connected and heard on shift, but without a good fix."""
    for van in situation.vans:
        if not van.on_shift(now) or van.heard_at is None or (now - van.heard_at).total_seconds() > HEARD_S:
            continue
        last = van.good_at if van.good_at is not None else van.starts
        if last is not None and (now - last).total_seconds() > rule.threshold:
            yield _of_van(rule, van.van_id, last)


def _late(situation: Situation, rule: Rule, now: datetime) -> Iterator[Condition]:
    """By road it gets to its next stop too long after that stop's window."""
    for van in situation.vans:
        to = van.heading
        if to is None or to.eta_s is None or van.on_call or not van.on_shift(now):
            continue
        subject = f"stop:{to.stop_id}"
        late_s = (now - to.due).total_seconds() + to.eta_s
        most_s = rule.threshold - (LATE_BACK_S if ("late", subject) in situation.open else 0.0)
        if late_s > most_s:
            # Since when: it grows late with the clock, so so long ago it was just in time.
            began = now - timedelta(seconds=max(0.0, late_s - rule.threshold))
            body = {"stop": to.stop_id, "late_s": round(late_s)}
            yield Condition(rule.code, subject, rule.severity, began, van.van_id, body)


def _patrol_at_risk(situation: Situation, rule: Rule, now: datetime) -> Iterator[Condition]:
    """The rest of the shift no longer holds the patrol that is owed, with `threshold` seconds to spare."""
    for van in situation.vans:
        if van.proved is None or van.ends is None or not van.on_shift(now):
            continue
        # What the ledger has not counted yet may all turn out to be patrol.
        left_s = (van.ends - min(now, van.proved.until)).total_seconds()
        short_s = situation.target_s - van.proved.seconds - left_s
        most_s = -rule.threshold - (
            RISK_BACK_S if (rule.code, f"van:{van.van_id}") in situation.open else 0.0
        )
        if short_s > most_s:
            began = now - timedelta(seconds=max(0.0, short_s + rule.threshold))
            yield _of_van(
                rule, van.van_id, began, short_s=round(max(0.0, short_s)), proved_s=van.proved.seconds
            )


def _beat_unseen(situation: Situation, rule: Rule, now: datetime) -> Iterator[Condition]:
    """Nobody has passed any of a beat for long, though the van whose beat it is works and is heard.

    While it is not heard its way is not known: it may turn out to have led through the beat.
    """
    for beat_id, each in situation.beats.items():
        if (now - each.since).total_seconds() - each.silent_s >= rule.threshold:
            body = {"beat": beat_id}
            yield Condition(rule.code, f"beat:{beat_id}", rule.severity, each.since, each.van_id, body)


def unseen(passes: Ints, span: tuple[int, int], limit_s: float) -> tuple[int, int] | None:
    """The first time of a span, at least as long as a limit, in which nobody passed; None without.

    Parameters
    ----------
    passes : when somebody did, rising; epoch milliseconds as all of it
    """
    edges = np.concatenate([span[:1], passes[(passes > span[0]) & (passes < span[1])], span[1:]])
    long = np.flatnonzero(np.diff(edges) >= limit_s * 1000)
    return (int(edges[long[0]]), int(edges[long[0] + 1])) if len(long) else None


def _sos_unseen(situation: Situation, rule: Rule, now: datetime) -> Iterator[Condition]:
    for case_id, called_at in situation.unseen.items():
        if (now - called_at).total_seconds() >= rule.threshold:
            yield Condition(rule.code, f"sos:{case_id}", rule.severity, called_at, None, {"sos": case_id})


def _server_behind(situation: Situation, rule: Rule, now: datetime) -> Iterator[Condition]:
    if situation.behind_s > rule.threshold:
        began = now - timedelta(seconds=situation.behind_s)
        body = {"behind_s": round(situation.behind_s)}
        yield Condition(rule.code, f"server:{situation.server}", rule.severity, began, None, body)


def _two_sockets(situation: Situation, rule: Rule, now: datetime) -> Iterator[Condition]:
    for van_id, at in situation.twins.items():
        if timedelta() <= now - at <= timedelta(seconds=rule.threshold):
            yield _of_van(rule, van_id, at)


def _share_locked(situation: Situation, rule: Rule, now: datetime) -> Iterator[Condition]:
    for share_id, since in situation.locked.items():
        if (now - since).total_seconds() >= rule.threshold:
            yield Condition(rule.code, f"share:{share_id}", rule.severity, since)


_FINDERS: Final = {
    "gps_lost": _gps_lost,
    "late": _late,
    "patrol_at_risk": _patrol_at_risk,
    "beat_unseen": _beat_unseen,
    "sos_unseen": _sos_unseen,
    "server_behind": _server_behind,
    "two_sockets": _two_sockets,
    "share_locked": _share_locked,
}
