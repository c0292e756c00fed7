"""Spreads calls over the days ahead with CP-SAT. Deterministic: the same needs give the same days.

One yes or no a need and day. Smallest gaps hold always. A largest gap that cannot be kept costs more than
anything else, by risk and day; then vans' time that is not there; then days past the target, trips into a
neighbourhood, calls made without need, and days that are fuller than others. Large districts are
spread neighbourhood by neighbourhood, each with what those before it left of the vans' time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ortools.sat.python import cp_model

from routing.horizon import TRIP_S, Ahead, Gaps, Given, Need

# Costs of one unit each; a minute is the unit of loads.
_LATE, _OVER, _TRIP, _PAST, _CALL, _FULL = 2000, 40, 12, 12, 30, 1
_MOST_NEEDS: Final = 260
"""Needs that are spread at once."""
_EFFORT: Final = 1.5
"""CP-SAT's deterministic seconds for one block of needs."""
_FULL_FROM: Final = (0.5, 0.7, 0.85)
"""Shares of a day's time from which each more minute costs more."""


def spread(ahead: Ahead, effort: float = _EFFORT) -> Given:
    """Give every need its days.

    Returns
    -------
    By day, the needs called on. Whatever order the rows came in, the same.
    """
    given: dict[int, set[tuple[int, int]]] = {n: set() for n in range(ahead.days)}
    taken = _Taken(ahead)
    blocks = list(_blocks(ahead.needs))
    whole = sum(_weight(block) for block in blocks)
    before = 0.0
    for block in blocks:
        before += _weight(block)
        model = _Model(ahead, block, taken, before / max(1, whole))
        for n, key in model.solve(effort):
            given[n].add(key)
        taken.add(block, given)
    return {n: frozenset(keys) for n, keys in given.items()}


def _blocks(needs: Sequence[Need]) -> Iterator[tuple[Need, ...]]:
    """Whole neighbourhoods together, as many as go into one model; a person is never parted."""
    block: list[Need] = []
    by_cluster: dict[int, list[Need]] = {}
    for need in needs:
        by_cluster.setdefault(need.cluster, []).append(need)
    for _, here in sorted(by_cluster.items()):
        people: dict[int, list[Need]] = {}
        for need in here:
            people.setdefault(need.recipient_id, []).append(need)
        for _, own in sorted(people.items()):
            if block and len(block) + len(own) > _MOST_NEEDS:
                yield tuple(block)
                block = []
            block.extend(own)
    if block:
        yield tuple(block)


def _weight(block: Sequence[Need]) -> float:
    """Seconds a day that a block asks for."""
    return sum((need.load_s / _first(need).target for need in block), 0.0)


def _first(need: Need) -> Gaps:
    return next(gaps for gaps in need.gaps if gaps is not None)


class _Taken:
    """What daily calls and blocks spread before take of each day, by the skills asked for."""

    def __init__(self, ahead: Ahead) -> None:
        self.ahead = ahead
        self.load: list[list[tuple[frozenset[str], int]]] = []
        self.trips: list[set[int]] = []
        for n in range(ahead.days):
            daily = [need for need in ahead.daily if need.gaps[n]]
            self.load.append([(need.skills, need.load_s) for need in daily])
            self.trips.append({need.cluster for need in daily})

    def add(self, block: Sequence[Need], given: dict[int, set[tuple[int, int]]]) -> None:
        for n in range(self.ahead.days):
            for need in block:
                if need.key in given[n]:
                    self.load[n].append((need.skills, need.load_s))
                    self.trips[n].add(need.cluster)

    def left_s(self, n: int, skills: frozenset[str]) -> int:
        """Seconds that vans with these skills still have, less what only they can do."""
        have = sum(van.seconds for van in self.ahead.vans[n] if skills <= van.skills)
        used = sum(load for asked, load in self.load[n] if asked >= skills)
        trips = TRIP_S * len(self.trips[n]) if not skills else 0
        return have - used - trips


class _Model:
    """The choice for one block of needs."""

    def __init__(self, ahead: Ahead, block: Sequence[Need], taken: _Taken, share: float) -> None:
        self.ahead, self.block, self.taken, self.share = ahead, block, taken, share
        self.model = cp_model.CpModel()
        self.costs: list[Any] = []
        self.x: dict[tuple[tuple[int, int], int], Any] = {
            (need.key, n): self.model.new_bool_var(f"x{need.key}@{n}")
            for need in block
            for n in range(ahead.days)
            if need.gaps[n] is not None
        }
        self.keys = frozenset(need.key for need in block)
        self._one_call_a_day()
        for need in block:
            self._keep_gaps(need)
        for n in range(ahead.days):
            self._hold_time(n)
            self._count_trips(n)
        self.costs += [_CALL * var for var in self.x.values()]
        self._hint()
        self.model.minimize(sum(self.costs))

    def solve(self, effort: float) -> list[tuple[int, tuple[int, int]]]:
        """The days given; the hint's where the solver finds none in its time."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = effort
        solver.parameters.relative_gap_limit = 0.01
        status = solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return sorted((n, key) for (key, n), asked in self.hint.items() if asked)
        return sorted((n, key) for (key, n), var in self.x.items() if solver.boolean_value(var))

    def _one_call_a_day(self) -> None:
        people: dict[int, list[Need]] = {}
        for need in self.block:
            people.setdefault(need.recipient_id, []).append(need)
        for own in people.values():
            for n in range(self.ahead.days):
                calls = [self.x[need.key, n] for need in own if (need.key, n) in self.x]
                if len(calls) > 1:
                    self.model.add_at_most_one(calls)

    def _closing(self, need: Need, n: int) -> list[Any]:
        """Literals of the calls on a day that count for a need; at most one of them is true."""
        keys = [(need.recipient_id, rank) for rank in sorted(need.closed_by)]
        return [self.x[key, n] for key in keys if (key, n) in self.x]

    def _keep_gaps(self, need: Need) -> None:
        for n, gaps in enumerate(need.gaps):
            if gaps is None:
                continue
            own = self.x[need.key, n]
            first = n - gaps.least + 1
            if -need.since >= first:
                self.model.add(own == 0)
            for before in range(max(0, first), n):
                for call in self._closing(need, before):
                    self.model.add_at_most_one([own, call])
            self._wish(need, n, gaps.most, _LATE * need.risk)
            self._wish(need, n, gaps.target, _PAST * need.risk)

    def _wish(self, need: Need, n: int, within: int, cost: int) -> None:
        """A day whose last `within` days hold no call that counts costs something."""
        first = n - within + 1
        if -need.since >= first:
            return
        calls = [call for day in range(max(0, first), n + 1) for call in self._closing(need, day)]
        missed = self.model.new_bool_var(f"late{need.key}@{n}<{within}")
        self.model.add_bool_or([*calls, missed])
        self.costs.append(cost * missed)

    def _load(self, n: int, skills: frozenset[str]) -> Any:
        """Minutes that this block's calls take on a day; a call takes the place of a daily one."""
        daily = {need.recipient_id: need.load_s for need in self.ahead.daily if need.gaps[n]}
        return sum(
            self.x[need.key, n] * ((need.load_s - daily.get(need.recipient_id, 0)) // 60)
            for need in self.block
            if (need.key, n) in self.x and need.skills >= skills
        )

    def _hold_time(self, n: int) -> None:
        for skills in sorted({frozenset[str](), *(need.skills for need in self.block)}, key=sorted):
            left = max(0, int(self.share * self.taken.left_s(n, skills)) // 60)
            load = self._load(n, skills)
            over = self.model.new_int_var(0, 100_000, f"over@{n}{sorted(skills)}")
            self.model.add(load <= left + over)
            self.costs.append(_OVER * over)
            for share in () if skills else _FULL_FROM:
                full = self.model.new_int_var(0, 100_000, f"full@{n}>{share}")
                self.model.add(load <= int(share * left) + full)
                self.costs.append(_FULL * full)

    def _count_trips(self, n: int) -> None:
        by_cluster: dict[int, list[Any]] = {}
        for need in self.block:
            if (need.key, n) in self.x and need.cluster not in self.taken.trips[n]:
                by_cluster.setdefault(need.cluster, []).append(self.x[need.key, n])
        for cluster, calls in sorted(by_cluster.items()):
            trip = self.model.new_bool_var(f"trip{cluster}@{n}")
            self.model.add_max_equality(trip, calls)
            self.costs.append(_TRIP * (TRIP_S // 60) * trip)

    def _hint(self) -> None:
        """Start from calls at their target, the most overdue first while there is time."""
        self.hint = {each: False for each in self.x}
        closed = {need.key: -need.since for need in self.block}
        for n in range(self.ahead.days):
            left_s = self.share * self.taken.left_s(n, frozenset())
            called: set[int] = set()
            for need in sorted(self.block, key=lambda need: self._urgency(need, n, closed)):
                gaps = need.gaps[n]
                if gaps is None or need.recipient_id in called:
                    continue
                gap = n - closed[need.key]
                if gap < gaps.target or (left_s < need.load_s and gap < gaps.most):
                    continue
                self.hint[need.key, n] = True
                called.add(need.recipient_id)
                left_s -= need.load_s
                for other in self.block:
                    if other.recipient_id == need.recipient_id and need.rank in other.closed_by:
                        closed[other.key] = n
        for each, asked in self.hint.items():
            self.model.add_hint(self.x[each], asked)

    def _urgency(self, need: Need, n: int, closed: dict[tuple[int, int], int]) -> tuple[Any, ...]:
        gaps = need.gaps[n]
        ratio = (n - closed[need.key]) / gaps.most if gaps else 0.0
        # The longer call first: it counts for the shorter one of the same person.
        return -ratio * need.risk, -need.rank, need.key
