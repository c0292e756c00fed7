"""What taps, plan and positions tell of each van of a running day: where it is free next, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from fleet.sos import Case
from maps.crew import heading_for
from maps.day import Day, Stop, Tap
from routing.agenda import Agenda
from routing.problem import CONTAINERS, Container
from routing.running import Spot, State, VanNow
from routing.running_store import Published

SERVICE_S = 20 * 60
"""How long a van is taken to be with a call for help."""
_AT_STOP = frozenset({"arrived", "started"})


class Reader:
    """What taps, plan and fixes tell of each van of the agenda."""

    def __init__(self, day: Day, agenda: Agenda, published: Published, case: Case | None) -> None:
        self.day, self.agenda, self.published = day, agenda, published
        self.now_s = int((day.now - agenda.origin).total_seconds())
        self.visit_of = {stop_id: visit for visit, stop_id in published.stop_ids.items()}
        self.stops: dict[int, list[Stop]] = {van_id: [] for van_id in agenda.van_ids}
        for stop in day.stops:
            self.stops.setdefault(stop.van_id, []).append(stop)
        self.taps: dict[int, list[Tap]] = {van_id: [] for van_id in agenda.van_ids}
        for tap in day.taps:
            self.taps.setdefault(tap.van_id, []).append(tap)
        self.heading = {
            van: heading_for(self.stops[van_id], self.taps[van_id], day.now)
            for van, van_id in enumerate(agenda.van_ids)
        }
        taken = {each.van_id: each for each in day.calls if each.state in ("accepted", "arrived")}
        self.called = {van: taken[v] for van, v in enumerate(agenda.van_ids) if v in taken}
        self.patrolled: Mapping[int, int] = {}
        own = None if case is None else case.id
        others = {each.van_id: each for each in day.calls if each.id != own}
        with_call = {van: others[v] for van, v in enumerate(agenda.van_ids) if v in others}
        self.away = {van: each for van, each in with_call.items() if _is_planned(each)}
        self.held = frozenset(with_call) - set(self.away)
        """Vans with a call that the plan does not know yet: nothing new for them until it does."""

    def spots(self) -> dict[int, tuple[float, float]]:
        """The vans seen today that are not standing at a stop; one with another call is there next."""
        found: dict[int, tuple[float, float]] = {}
        for van, van_id in enumerate(self.agenda.van_ids):
            position = self.day.positions.get(van_id)
            if van in self.away:
                found[van] = self.away[van].lon, self.away[van].lat
            elif position is not None and position.t >= self.day.start and self._at_stop(van) is None:
                found[van] = position.at
        return found

    def state(self, spots: Mapping[int, Spot]) -> State:
        """The day at this moment. What a crew has passed over is over, as on the screens."""
        done = {self.visit_of[stop_id] for stop_id in self.day.closed if stop_id in self.visit_of}
        for van, van_id in enumerate(self.agenda.van_ids):
            goal = self.heading[van]
            ahead = [stop.id for stop in self.stops[van_id] if goal is not None and stop.seq >= goal.seq]
            behind = (stop.id for stop in self.stops[van_id] if stop.id not in ahead)
            done |= {self.visit_of[stop_id] for stop_id in behind if stop_id in self.visit_of}
            here = self._at_stop(van)
            if here is None and self._calls_first(van):
                here = goal
            if here is not None and here.id in self.visit_of:
                done.add(self.visit_of[here.id])
        vans = tuple(self._van(van, spots.get(van), done) for van in range(len(self.agenda.van_ids)))
        return State(vans, frozenset(done))

    def _at_stop(self, van: int) -> Stop | None:
        """The stop where the crew has said that it is."""
        goal, taps = self.heading[van], self.taps[self.agenda.van_ids[van]]
        if goal is None or van in self.called:
            return None
        told = any(tap.stop_id == goal.id and tap.kind in _AT_STOP for tap in taps)
        return goal if told else None

    def _van(self, van: int, spot: Spot | None, done: set[int]) -> VanNow:
        here, goal, problem = self._at_stop(van), self.heading[van], self.agenda.problem
        at: int | Spot = problem.vans[van].depot if spot is None else spot
        free_s = max(self.now_s, problem.vans[van].starts_s)
        heading: tuple[int, ...] = ()
        if van in self.away:
            free_s = max(free_s, self._helped_s(self.away[van]))
        elif here is not None:
            at = self._site(here)
            free_s = max(free_s, self._begun_s(van, here) + self._took_s(here))
        elif goal is not None and goal.id in self.visit_of and van not in self.called and spot is not None:
            heading = (self.visit_of[goal.id],)
        return self._aboard(van, done, VanNow(at, free_s, heading))

    def _calls_first(self, van: int) -> bool:
        """Whether a van that is offered another call goes there from the stop that it drives to."""
        goal = self.heading[van]
        if goal is None or van in self.called or van not in self.away:
            return False
        reached_s = self._helped_s(self.away[van]) - SERVICE_S
        return goal.leaves <= self.agenda.at(reached_s)

    def _helped_s(self, call: Case) -> int:
        """When a van will be done with another call: reached as was decided, or any moment now."""
        there = call.arrived_at or self.day.now
        if call.arrived_at is None:
            told = (each.at + timedelta(seconds=each.eta_s or 0) for each in call.receipt.decisions[-1:])
            there = max((there, *told))
        return int((there - self.agenda.origin).total_seconds()) + SERVICE_S

    def _aboard(self, van: int, done: set[int], now: VanNow) -> VanNow:
        """Cups as tapped since the last reload, the break as tapped or planned, the span since the start."""
        problem, van_id = self.agenda.problem, self.agenda.van_ids[van]
        aboard = {each: problem.vans[van].aboard(each) for each in CONTAINERS}
        batch_s, idle_s = problem.vans[van].batch_s, 0
        route = next((r for r in self.published.plan.routes if r.van == van), None)
        rested = any(tap.kind == "break" for tap in self.taps[van_id])
        for stop in route.stops if route is not None else ():
            if stop.kind in ("break", "reload") and stop.begins_s < self.now_s:
                idle_s += stop.leaves_s - stop.begins_s
                rested |= stop.kind == "break"
            if stop.kitchen is not None and stop.begins_s < self.now_s:
                aboard = {each: problem.vans[van].cups(each) for each in CONTAINERS}
                batch_s = problem.kitchens[stop.kitchen].ready_s
            if stop.visit in done and stop.visit is not None:
                handed = self._handed(van_id, stop.visit)
                aboard = {each: max(0, aboard[each] - handed[each]) for each in CONTAINERS}
        out_s = max(0, now.free_s - problem.vans[van].starts_s - idle_s)
        return replace(
            now,
            hot_aboard=aboard["hot"],
            cold_aboard=aboard["cold"],
            batch_s=batch_s,
            patrolled_s=self.patrolled.get(van_id, 0),
            rested=rested,
            out_s=out_s,
        )

    def _handed(self, van_id: int, visit: int) -> Mapping[Container, int]:
        """Cups handed out at a call: as tapped, shared out as planned; as planned without a number."""
        problem, stop_id = self.agenda.problem, self.published.stop_ids.get(visit)
        planned = {each: problem.cups_of(problem.visits[visit], each) for each in CONTAINERS}
        done = [tap for tap in self.taps[van_id] if tap.stop_id == stop_id and tap.kind == "done"]
        told = [tap.body.get("cups") for tap in done]
        cups, whole = told[-1] if told else None, sum(planned.values())
        if not isinstance(cups, int | float) or not whole:
            return planned
        return {each: -(-int(cups) * n // whole) for each, n in planned.items()}

    def _site(self, stop: Stop) -> int:
        return next(
            n
            for n, site in enumerate(self.agenda.problem.sites)
            if abs(site.lon - stop.at[0]) < 1e-6 and abs(site.lat - stop.at[1]) < 1e-6
        )

    def _begun_s(self, van: int, stop: Stop) -> int:
        taps = self.taps[self.agenda.van_ids[van]]
        begun = max(tap.t for tap in taps if tap.stop_id == stop.id and tap.kind in _AT_STOP)
        return int((begun - self.agenda.origin).total_seconds())

    def _took_s(self, stop: Stop) -> int:
        return int((stop.leaves - stop.begins).total_seconds())


def _is_planned(call: Case) -> bool:
    """Whether the day's plan has been written round a call with the van that it is with."""
    return any(each.stage == "adopted" and each.van_id == call.van_id for each in call.receipt.proposals)
