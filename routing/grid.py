"""A problem as arrays, for the compiled search.

Places are numbered: visits as in the problem, then kitchens, then each van's start, then each van's end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from routing.levels import has_prize
from routing.problem import DANGER_S, PROMISE_S, IntMatrix, Problem

Ints: TypeAlias = npt.NDArray[np.int64]
BIG = 1 << 40
_FAR_S = 10**7

(HOT, COLD, HOLD, NAP_FROM, NAP_TO, PROMISED, PROMISED_AT, SAME_GROUP, ONE_GROUP, NEEDS, PENALTY) = range(11)
"""Of a visit: cups; how long its food keeps after its batch; its nap; its promise's van (-1: none) and time;
groups (-1: none); equipment as bits; what leaving it out costs on the walk, in seconds of driving."""
LEVEL = 11
"""From here on what leaving it out costs by level: SOS, mandatory, prize, cups."""
LAST_CLOSE, WINDOWS, OPENS = 15, 16, 17
"""The last close of its windows, their number; from `OPENS` on opening and close of each."""

(STARTS, LEAVES_BY, ENDS, OVERTIME, SPAN, HOT_CUPS, COLD_CUPS, HOT_ABOARD, COLD_ABOARD, BATCH) = range(10)
(REST_FROM, REST_UNTIL, REST_FOR, TARGET, BEAT_OF, LOCKED, ALIKE, WORKED) = range(10, 18)
"""Of a van, as in `Van`; its break, patrol owed, kind of beat (-1: none), locked visits, kind of
van, work of the week before."""

READY_FROM, CLOSES, TAKES, BATCHED = range(4)
"""Of a kitchen: earliest and latest begin of a reload, its seconds, when its batch was ready."""

(NAP, MOVED, STRANGE, LATE, MAY_MOVE, OWING, KITS, BALANCE, UNITS, PACED) = (0, 1, 2, 3, 4, 5, 6, 7, 8, 31)
PACE = 32
BOUND = PACE + 24
"""Rates in seconds of driving; seconds that a promise may move; kinds of equipment; thousandths for a second
of imbalance; the units of each kind; whether there is a pace, from `PACE` on that of each hour; whether
anything binds visits to each other."""
_MOST_KITS = PACED - UNITS


class Grid(NamedTuple):
    """What never changes during a search.

    Parameters
    ----------
    time : seconds between places
    reach : the same for what looks from one visit at many places: for each visit and place the seconds from
        the place to the visit and from the visit to the place, side by side in memory
    near : for each visit the other visits, the nearest first
    beat : seconds of a leg inside, by kind of beat
    visit, van, kitchen : rows of what the constants above name
    pair : vans by visits: seconds of service times 4, plus 2 inside the van's beats, plus 1 for a strange
        crew; -1 where the van may not serve it
    rate : see `NAP`
    """

    time: npt.NDArray[np.int32]
    reach: npt.NDArray[np.int32]
    near: npt.NDArray[np.int32]
    beat: npt.NDArray[np.int32]
    visit: Ints
    van: Ints
    kitchen: Ints
    pair: Ints
    rate: Ints


_KIND = (
    "depot", "ends_at", "starts_s", "ends_s", "leaves_by_s", "overtime_s", "span_s", "hot_cups", "cold_cups",
    "hot_aboard", "cold_aboard", "batch_s", "skills", "rest", "patrolled_s", "worked_s",
)  # fmt: skip


class Worth(NamedTuple):
    """Seconds of driving that annealing gives for a missed point of prize, cup, minute of patrol."""

    prize: int
    cup: int
    minute: int


def worth_of(problem: Problem) -> Worth:
    """Dear enough that a level is seldom sold for a lower one on the walk; tuples decide in the end."""
    prizes = [visit.prize for visit in problem.visits if has_prize(visit)]
    mean = sum(prizes) / len(prizes) if prizes else 1
    return Worth(prize=max(20, round(40_000 / max(1, mean))), cup=150, minute=400)


def grid_of(problem: Problem, worth: Worth | None = None, neighbours: int = 400) -> Grid:
    """Lay a problem out. Visits that no van may serve are never put anywhere."""
    worth = worth or worth_of(problem)
    places = _places(problem)
    time = _table(problem.seconds, places, _FAR_S)
    beat_of, beat = _beats(problem, places)
    visits = len(problem.visits)
    return Grid(
        time=time,
        reach=np.stack([time.T[:visits], time[:visits]], axis=2),
        near=_near(time, visits, neighbours),
        beat=beat,
        visit=_visits(problem, worth),
        van=_vans(problem, beat_of),
        kitchen=_rows([[k.from_s, k.window.closes_s, k.service_s, k.ready_s] for k in problem.kitchens], 4),
        pair=_pairs(problem),
        rate=_rates(problem, worth),
    )


def _rows(values: Sequence[Sequence[int]], width: int) -> Ints:
    return np.array(values, dtype=np.int64).reshape(-1, width)


def _visits(problem: Problem, worth: Worth) -> Ints:
    width = max((len(visit.windows) for visit in problem.visits), default=1)
    rows = np.zeros((len(problem.visits), OPENS + 2 * width), np.int64)
    for n, visit in enumerate(problem.visits):
        rows[n, [HOT, COLD]] = problem.cups_of(visit, "hot"), problem.cups_of(visit, "cold")
        rows[n, HOLD] = _hold(problem, n)
        if visit.nap:
            rows[n, [NAP_FROM, NAP_TO]] = visit.nap.opens_s, visit.nap.closes_s
        rows[n, PROMISED] = -1 if visit.promise is None else visit.promise.van
        rows[n, PROMISED_AT] = 0 if visit.promise is None else visit.promise.begins_s
        rows[n, NEEDS] = sum(1 << k for k, e in enumerate(problem.equipment) if e.code in visit.equipment)
        missed = (visit.sos, visit.mandatory and not visit.sos, visit.prize * has_prize(visit), visit.cups)
        rows[n, LEVEL : LEVEL + 4] = missed
        rows[n, LAST_CLOSE] = visit.windows[-1].closes_s if visit.windows else -1
        rows[n, WINDOWS] = len(visit.windows)
        for w, window in enumerate(visit.windows):
            rows[n, [OPENS + 2 * w, OPENS + 2 * w + 1]] = window.opens_s, window.closes_s
    rows[:, SAME_GROUP] = _groups(problem, "same_van")
    rows[:, ONE_GROUP] = _groups(problem, "not_same_day")
    rows[:, PENALTY] = _penalties(problem, rows[:, LEVEL : LEVEL + 4], worth)
    return rows


def _vans(problem: Problem, beat_of: Ints) -> Ints:
    alike = _alike(problem)
    return _rows(
        [
            [
                van.starts_s,
                van.starts_s if van.leaves_by_s is None else van.leaves_by_s,
                van.ends_s,
                van.overtime_s,
                BIG if van.span_s is None else van.span_s,
                van.hot_cups,
                van.cold_cups,
                van.aboard("hot"),
                van.aboard("cold"),
                van.batch_s,
                van.rest.earliest_s if van.rest else 0,
                van.rest.latest_s if van.rest else 0,
                van.rest.duration_s if van.rest else 0,
                problem.patrol_target_s - van.patrolled_s,
                int(beat_of[n]),
                len(van.prefix),
                alike[n],
                van.worked_s,
            ]
            for n, van in enumerate(problem.vans)
        ],
        WORKED + 1,
    )


def _pairs(problem: Problem) -> Ints:
    pairs = np.full((len(problem.vans), len(problem.visits)), -1, np.int64)
    for n, van in enumerate(problem.vans):
        for m, visit in enumerate(problem.visits):
            if _may(problem, n, m):
                inside = van.inside is not None and bool(van.inside[visit.site])
                strange = bool(visit.familiar) and n not in visit.familiar
                pairs[n, m] = 4 * visit.service_on(n) + 2 * inside + strange
    return pairs


def _rates(problem: Problem, worth: Worth) -> Ints:
    rates, kits = problem.rates, problem.equipment[:_MOST_KITS]
    row = np.zeros(BOUND + 1, np.int64)
    row[[NAP, MOVED, STRANGE, LATE, MAY_MOVE, OWING, KITS]] = (
        rates.nap, rates.moved, rates.unfamiliar, rates.overtime, PROMISE_S, worth.minute, len(kits),
    )  # fmt: skip
    row[UNITS : UNITS + len(kits)] = [each.units for each in kits]
    # Passes fill the vans' days later and level them: what the walk would balance is not what will be.
    row[BALANCE] = 0 if problem.cells else round(1000 * rates.imbalance)
    row[PACED] = bool(problem.pace)
    row[PACE:BOUND] = problem.pace or 100
    row[BOUND] = bool(kits or problem.relations)
    return row


def _ints(values: object) -> Ints:
    return np.array(values, dtype=np.int64).reshape(-1)


def _places(problem: Problem) -> Ints:
    """The site of each place."""
    return _ints(
        [visit.site for visit in problem.visits]
        + [kitchen.site for kitchen in problem.kitchens]
        + [van.depot for van in problem.vans]
        + [van.ends_at for van in problem.vans]
    )


def _table(matrix: IntMatrix, places: Ints, missing: int) -> npt.NDArray[np.int32]:
    table = np.ascontiguousarray(matrix[np.ix_(places, places)], dtype=np.int32)
    table[table < 0] = missing
    return table


def _near(time: npt.NDArray[np.int32], visits: int, neighbours: int) -> npt.NDArray[np.int32]:
    both = time[:visits, :visits].astype(np.int64)
    both = both + both.T
    np.fill_diagonal(both, -1)
    return np.ascontiguousarray(np.argsort(both, axis=1, kind="stable")[:, :neighbours], dtype=np.int32)


def _beats(problem: Problem, places: Ints) -> tuple[Ints, npt.NDArray[np.int32]]:
    kinds: dict[int, int] = {}
    tables: list[npt.NDArray[np.int32]] = []
    beat_of = np.full(len(problem.vans), -1, np.int64)
    for n, van in enumerate(problem.vans):
        if van.inside is None or van.in_beat_s is None:
            continue
        if id(van.in_beat_s) not in kinds:
            kinds[id(van.in_beat_s)] = len(tables)
            tables.append(_table(van.in_beat_s, places, 0))
        beat_of[n] = kinds[id(van.in_beat_s)]
    beat = np.stack(tables) if tables else np.zeros((0, len(places), len(places)), np.int32)
    return beat_of, np.ascontiguousarray(beat)


def _hold(problem: Problem, visit: int) -> int:
    holds = [problem.items[portion.item].hold_s for portion in problem.visits[visit].portions]
    return min(holds) + DANGER_S if holds else BIG


def _penalties(problem: Problem, levels: Ints, worth: Worth) -> Ints:
    """What leaving a visit out costs while the search wanders; a broken promise besides."""
    prizes = levels[:, 2] * worth.prize
    most = int(max(prizes.max(initial=0), 40_000))
    promised = _ints([problem.rates.moved if v.promise else 0 for v in problem.visits])
    return levels[:, 0] * 100 * most + levels[:, 1] * 10 * most + prizes + levels[:, 3] * worth.cup + promised


def _may(problem: Problem, n: int, m: int) -> bool:
    """Whether a van may serve a visit: locks, skills, and cups that one load holds."""
    van, visit = problem.vans[n], problem.visits[m]
    return (
        (visit.vans is None or n in visit.vans)
        and visit.skills <= van.skills
        and problem.cups_of(visit, "hot") <= max(van.hot_cups, van.aboard("hot"))
        and problem.cups_of(visit, "cold") <= max(van.cold_cups, van.aboard("cold"))
    )


def _groups(problem: Problem, kind: str) -> Ints:
    """The group of each visit by relations of one kind, joined where they share a visit; -1 for none."""
    group = np.full(len(problem.visits), -1, np.int64)
    for n, relation in enumerate(each for each in problem.relations if each.kind == kind):
        met = {int(group[visit]) for visit in relation.visits} - {-1}
        group[np.isin(group, list(met))] = n
        group[list(relation.visits)] = n
    _, numbered = np.unique(group, return_inverse=True)
    return numbered.astype(np.int64) - (1 if (group == -1).any() else 0)


def _alike(problem: Problem) -> list[int]:
    """Vans that differ in nothing share a number: of empty ones only the first is tried."""
    known: dict[object, int] = {}
    numbers = []
    personal = any(v.service_by_van or v.vans is not None or v.familiar or v.promise for v in problem.visits)
    for n, van in enumerate(problem.vans):
        key: object = n
        if not personal and van.inside is None and not van.prefix:
            key = tuple(getattr(van, name) for name in _KIND)
        numbers.append(known.setdefault(key, len(known)))
    return numbers
