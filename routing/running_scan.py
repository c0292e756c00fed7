"""One van's calls of a running day, and which of them could be given up: a rough walk, many times over.

Pure Python on small lists. It takes the break as soon as it may, or leaves it out, and does not count cups:
whoever uses a string times it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from routing.levels import has_prize, is_moved
from routing.place import locked
from routing.plan import Stop
from routing.problem import PROMISE_S, Problem, TimeWindow, Visit
from routing.timetable import Call, timed

STRING = 6
"""Calls that may be given up for one, one behind the other. What may not be given up stays between them."""
_NEVER_S = 10**8


class Lost(NamedTuple):
    """What a string costs, the gravest first: compared as a tuple.

    `over` is how many promises are broken above the budget, `moved` how many in all, `end_s` when the van is
    back.
    """

    mandatory: int
    over: int
    prize: int
    cups: int
    moved: int
    end_s: int


class String(NamedTuple):
    """Calls that are given up, and what that roughly costs. `rough`: the break was left out."""

    rough: bool
    lost: Lost
    given: tuple[int, ...]


class _Row(NamedTuple):
    """A call as the walk needs it: its place in the small table, the latest begin by its food, its worth."""

    at: int
    service_s: int
    windows: tuple[TimeWindow, ...]
    latest_s: int
    promised: bool
    promised_s: int | None
    mandatory: bool = False
    prize: int = 0
    cups: int = 0


_State: TypeAlias = tuple[int, int, bool]
"""Seconds, place in the small table, whether the break is still to come."""


class Scan:
    """A van's calls without its passes, `first` of them locked, as they are timed now.

    `stops` are the start, then one for each call, then the end.
    """

    def __init__(self, problem: Problem, van: int, calls: Sequence[Call]) -> None:
        self.problem, self.van, self.calls = problem, van, tuple(calls)
        self.first = locked(problem, van, calls)
        table = timed(problem, van, self.calls)
        self.sound = not table.breaches
        self.rested_at = next((k for k, stop in enumerate(table.stops) if stop.kind == "break"), None)
        self.stops: tuple[Stop, ...] = tuple(stop for stop in table.stops if stop.kind != "break")
        self.sites = [stop.site for stop in self.stops]
        self.rows = self._rows()
        self.drives: list[list[int]] = problem.seconds[self.sites][:, self.sites].tolist()
        self.due = self._due()

    def _rows(self) -> list[_Row]:
        batch_s, rows = self.problem.vans[self.van].batch_s, []
        for at, call in enumerate(self.calls, start=1):
            if call.kind == "reload":
                kitchen = self.problem.kitchens[call.index]
                batch_s = kitchen.ready_s
                window = TimeWindow(kitchen.from_s, kitchen.window.closes_s)
                rows.append(_Row(at, kitchen.service_s, (window,), _NEVER_S, False, None))
            elif call.kind in ("visit", "dropoff"):
                rows.append(self._visit_row(at, call, batch_s))
            else:
                stop = self.stops[at]
                rows.append(_Row(at, stop.leaves_s - stop.begins_s, (), _NEVER_S, False, None))
        return rows

    def _visit_row(self, at: int, call: Call, batch_s: int) -> _Row:
        visit = self.problem.visits[call.index]
        service_s = visit.service_on(self.van)
        serve_by_s = self.problem.serve_by_s(visit, batch_s)
        latest_s = _NEVER_S if serve_by_s is None else serve_by_s - service_s
        promise = visit.promise
        kept = promise is not None and promise.van == self.van
        at_s = promise.begins_s if promise is not None and kept else None
        windows = visit.windows if call.in_nap else _outside(visit.windows, visit.nap)
        prize = visit.prize if has_prize(visit) else 0
        worth = visit.mandatory, prize, visit.cups
        return _Row(at, service_s, windows, latest_s, promise is not None, at_s, *worth)

    def _due(self) -> list[int]:
        """For each call and all behind it, how many promises are broken as it stands now."""
        due = [0] * (len(self.calls) + 1)
        for k in range(len(self.calls) - 1, -1, -1):
            stop = self.stops[k + 1]
            broken = stop.visit is not None and is_moved(self.problem.visits[stop.visit], self.van, stop)
            due[k] = due[k + 1] + broken
        return due

    def begins(self, visit: Visit) -> Iterator[tuple[int, int]]:
        """When its service could begin at each position behind the locked calls, with the position."""
        for position in range(self.first, len(self.calls) + 1):
            before = self.stops[position]
            seconds = self.problem.drive_s(before.site, visit.site, before.leaves_s)
            if seconds >= 0:
                yield max(before.leaves_s + seconds, visit.windows[0].opens_s), position

    def detour_s(self, visit: Visit, position: int) -> int:
        """Extra driving for a visit at a position; of a way that nobody can drive, any number."""
        before, behind = self.stops[position], self.stops[position + 1]
        there_s = self.problem.drive_s(before.site, visit.site, before.leaves_s)
        on_s = self.problem.drive_s(visit.site, behind.site, before.leaves_s)
        return there_s + on_s - self.problem.drive_s(before.site, behind.site, before.leaves_s)

    def strings(
        self, position: int, visit: Visit | None, wish: tuple[int, bool], known: Lost | None = None
    ) -> list[String]:
        """Strings behind a position that would make room for a visit there, the least lost first.

        Parameters
        ----------
        wish : the budget of promises, and whether a string is to hold a mandatory visit: then all do
        known : what is lost elsewhere: nothing that loses more is walked, nor anything without its break
        """
        budget, grave = wish
        begun = self._begun(position, visit)
        if begun is None:
            return []
        found: list[String] = []
        for rough in (False, True) if begun[2] and known is None else (False,):
            state: _State | None = (begun[0], begun[1], begun[2] and not rough)
            whole = None if grave else self._lost((), (position, state, 0), budget)
            if whole is not None:
                found.append(String(rough, whole, ()))
            moved = 0
            for first in range(position, len(self.calls)):
                found += (String(rough, *each) for each in self._from(first, state, moved, (*wish, known)))
                if state is None:
                    break
                state, broken = self._step(state, self.rows[first])
                moved += broken
                if known is not None and moved - budget > known.over:
                    break
        return sorted(found, key=lambda each: (each.lost.over, each.rough, each.lost, each.given))

    def _begun(self, position: int, visit: Visit | None) -> _State | None:
        """The van as it leaves the new visit, which stands last in the small table."""
        before = self.stops[position]
        pending = self.problem.vans[self.van].rest is not None and (
            self.rested_at is None or self.rested_at > position
        )
        if visit is None:
            return before.leaves_s, position, pending
        there_s = self.problem.drive_s(before.site, visit.site, before.leaves_s)
        if there_s < 0:
            return None
        if len(self.drives) == len(self.sites):
            self.drives.append(self.problem.seconds[visit.site, self.sites].tolist())
        begins_s = max(before.leaves_s + there_s, visit.windows[0].opens_s)
        return begins_s + visit.service_on(self.van), len(self.sites), pending

    def _from(
        self, first: int, state: _State | None, moved: int, wish: tuple[int, bool, Lost | None]
    ) -> Iterator[tuple[Lost, tuple[int, ...]]]:
        """Strings that begin at one call and after which the rest keeps its limits."""
        budget, grave, known = wish
        given: list[int] = []
        for k in range(first, len(self.calls)):
            if not self._gives_way(k, grave=grave):
                if not given or state is None:
                    return
                state, broken = self._step(state, self.rows[k])
                moved += broken
                continue
            given.append(k)
            if known is not None and not grave and self._least(given, moved - budget) > known[1:4]:
                return
            lost = self._lost(given, (k + 1, state, moved), budget)
            if lost is not None and bool(lost.mandatory) == grave:
                yield lost, tuple(given)
            if len(given) == STRING:
                return

    def _gives_way(self, k: int, *, grave: bool) -> bool:
        call = self.calls[k]
        if call.kind not in ("visit", "dropoff"):
            return False
        visit = self.problem.visits[call.index]
        return not visit.sos and (grave or not visit.mandatory)

    def _least(self, given: Sequence[int], over: int) -> tuple[int, int, int]:
        """What some given calls lose whatever comes behind them: promises over the budget, prize, cups."""
        rows = [self.rows[n] for n in given]
        over = max(0, over + sum(row.promised for row in rows))
        return over, sum(row.prize for row in rows), sum(row.cups for row in rows)

    def _lost(self, given: Sequence[int], after: tuple[int, _State | None, int], budget: int) -> Lost | None:
        """What it costs to go on behind some given calls; None when something is late all the same."""
        k, state, moved = after
        rest = self._rest(k, state)
        if rest is None:
            return None
        rows = [self.rows[n] for n in given]
        moved += rest[1] + sum(row.promised for row in rows)
        return Lost(
            mandatory=sum(row.mandatory for row in rows),
            over=max(0, moved - budget),
            prize=sum(row.prize for row in rows),
            cups=sum(row.cups for row in rows),
            moved=moved,
            end_s=rest[0],
        )

    def _rest(self, k: int, state: _State | None) -> tuple[int, int] | None:
        """When the van is back if it goes on with call `k`, and what it breaks on the way; None when late."""
        moved = 0
        for n in range(k, len(self.calls)):
            if state is None:
                return None
            state, broken = self._step(state, self.rows[n])
            moved += broken
            if state is not None and not state[2] and state[0] <= self.stops[n + 1].leaves_s and self.sound:
                return self.stops[-1].arrives_s, moved + self.due[n + 1]
        if state is None:
            return None
        return self._home(state, moved)

    def _home(self, state: _State, moved: int) -> tuple[int, int] | None:
        one = self.problem.vans[self.van]
        now_s, at, pending = state
        seconds = self._drive(at, len(self.sites) - 1, now_s)
        end_s = now_s + seconds
        if pending and one.rest is not None and end_s > one.rest.latest_s:
            end_s += one.rest.duration_s
        late = seconds < 0 or end_s > one.ends_s + one.overtime_s
        return None if late else (end_s, moved)

    def _drive(self, at: int, to: int, leaves_s: int) -> int:
        seconds = self.drives[at][to]
        if seconds <= 0 or not self.problem.pace:
            return seconds
        return -(-seconds * self.problem.pace[leaves_s // 3600 % 24] // 100)

    def _step(self, state: _State, row: _Row) -> tuple[_State | None, bool]:
        """Drive to a call and serve it; None when a limit of its own is missed."""
        now_s, at, pending = state
        rest = self.problem.vans[self.van].rest
        if pending and rest is not None and now_s >= rest.earliest_s:
            now_s, pending = now_s + rest.duration_s, False
        seconds = self._drive(at, row.at, now_s)
        if seconds < 0:
            return None, False
        now_s += seconds
        if pending and rest is not None and now_s >= rest.earliest_s:
            if now_s > rest.latest_s:
                return None, False
            now_s, pending = now_s + rest.duration_s, False
        now_s = _begin(row, now_s)
        if now_s > row.latest_s:
            return None, False
        broken = row.promised and (row.promised_s is None or abs(now_s - row.promised_s) > PROMISE_S)
        return (now_s + row.service_s, row.at, pending), broken


def _begin(row: _Row, arrives_s: int) -> int:
    """When service begins; never where no window is left."""
    for window in row.windows:
        if arrives_s <= window.closes_s:
            return max(arrives_s, window.opens_s)
    return _NEVER_S + 1 if row.windows else arrives_s


def _outside(windows: tuple[TimeWindow, ...], nap: TimeWindow | None) -> tuple[TimeWindow, ...]:
    """Windows without a nap."""
    if nap is None:
        return windows
    parts = [
        part
        for each in windows
        for part in (
            TimeWindow(each.opens_s, min(each.closes_s, nap.opens_s - 1)),
            TimeWindow(max(each.opens_s, nap.closes_s), each.closes_s),
        )
    ]
    return tuple(part for part in parts if part.opens_s <= part.closes_s) or windows
