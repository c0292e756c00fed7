"""A stored plan's calls, found again in the agenda of its day as the registry has it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from routing.agenda import Agenda
from routing.place import Orders
from routing.stored import StopRow
from routing.timetable import Call

_NEAR_DEG = 1e-7


@dataclass(frozen=True, slots=True)
class Restored:
    """For each van of the agenda its calls; `lost` are stops that the day has no more use for."""

    orders: Orders
    lost: tuple[StopRow, ...]


def visit_keys(agenda: Agenda) -> tuple[str, ...]:
    """A name for each visit that stays while its rows do: `p` person or `s` stop point, then the row's id.

    A second call on the same person or place in one day gets `.2`, and so on.
    """
    seen: dict[str, int] = {}
    keys: list[str] = []
    for caller in agenda.callers:
        key = f"s{caller.site_id}" if caller.recipient_id is None else f"p{caller.recipient_id}"
        seen[key] = seen.get(key, 0) + 1
        keys.append(key if seen[key] == 1 else f"{key}.{seen[key]}")
    return tuple(keys)


def restore(agenda: Agenda, stops: Sequence[StopRow], sites: Mapping[int, int]) -> Restored:
    """Find the calls behind stored stops.

    Parameters
    ----------
    sites : the site of each stored stop, by the stop's id
    """
    finder = _Finder(agenda)
    orders: list[list[Call]] = [[] for _ in agenda.van_ids]
    lost: list[StopRow] = []
    for stop in stops:
        if stop.kind in ("start", "end", "break"):
            continue
        call = finder.call(stop, sites.get(stop.id))
        if call is None or stop.van_id not in agenda.van_ids:
            lost.append(stop)
        else:
            orders[agenda.van_ids.index(stop.van_id)].append(call)
    return Restored(tuple(tuple(calls) for calls in orders), tuple(lost))


class _Finder:
    """Looks up the agenda's indexes; each visit is found once."""

    def __init__(self, agenda: Agenda) -> None:
        self.agenda = agenda
        self.free: dict[tuple[int | None, int | None], list[int]] = {}
        for n, caller in enumerate(agenda.callers):
            key = (caller.recipient_id, None if caller.recipient_id is not None else caller.site_id)
            self.free.setdefault(key, []).append(n)

    def call(self, stop: StopRow, site_id: int | None) -> Call | None:
        if stop.kind in ("visit", "dropoff"):
            return self.visit(stop, site_id)
        if stop.kind == "pass":
            return self.cell(stop)
        if stop.kind == "reload":
            return self.kitchen(stop, site_id)
        if stop.kind == "handover" and site_id in self.agenda.site_ids:
            waits = stop.begins > stop.arrives
            begins_s = int((stop.begins - self.agenda.origin).total_seconds())
            return Call("handover", self.agenda.site_ids.index(site_id), from_s=begins_s if waits else 0)
        return None

    def visit(self, stop: StopRow, site_id: int | None) -> Call | None:
        key = (stop.recipient_id, None if stop.recipient_id is not None else site_id)
        waiting = self.free.get(key)
        if not waiting:
            return None
        n = waiting.pop(0)
        asked = self.agenda.problem.visits[n]
        begins_s = int((stop.begins - self.agenda.origin).total_seconds())
        napping = asked.nap is not None and asked.nap.opens_s <= begins_s < asked.nap.closes_s
        return Call(asked.kind, n, napping)

    def cell(self, stop: StopRow) -> Call | None:
        problem = self.agenda.problem
        for n, cell in enumerate(problem.cells):
            site = problem.sites[cell.site]
            if abs(site.lon - stop.lon) < _NEAR_DEG and abs(site.lat - stop.lat) < _NEAR_DEG:
                return Call("pass", n)
        return None

    def kitchen(self, stop: StopRow, site_id: int | None) -> Call | None:
        """The last batch that was ready when the reload began."""
        problem = self.agenda.problem
        begins_s = int((stop.begins - self.agenda.origin).total_seconds())
        ready = [
            (kitchen.ready_s, n)
            for n, kitchen in enumerate(problem.kitchens)
            if self.agenda.site_ids[kitchen.site] == site_id and kitchen.ready_s <= begins_s
        ]
        return Call("reload", max(ready)[1]) if ready else None
