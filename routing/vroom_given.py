"""Times for routes that are given (VROOM's plan mode): every limit may be broken, and as little as can be.

The times of a route's steps are pushed as little out of their windows as the drives between them allow. That
is an isotonic regression with one kinked line a step, solved exactly by slope trick. Pure.

Source: Ahuja, Orlin 2001, for the form of the problem; slope trick as in competitive programming's folklore.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fleet.errors import InvalidInput
from routing.vroom_eta import Step, rides, setup_of
from routing.vroom_problem import EVER, Given, Span, Vehicle, VroomProblem
from routing.vroom_write import Driven, Violation, loads_of

_HARD = 10**6
"""A second out of a hard time weighs as much as so many out of a window."""


@dataclass(frozen=True, slots=True)
class _Pull:
    """What a step's begin should be: in the window at a weight of 1, in the hard one at `_HARD`."""

    window: Span
    hard: Span = EVER


def times_for_given(problem: VroomProblem, vehicle: Vehicle) -> Driven:
    """The route that a vehicle's steps describe, with everything that it breaks.

    Raises
    ------
    InvalidInput : no road leads along the steps, or their hard times contradict each other.
    """
    given = _whole(vehicle.given or ())
    order = [g.index for g in given if g.kind in ("job", "pickup", "delivery") and g.index is not None]
    legs = rides(problem, vehicle, order)
    if legs is None:
        raise InvalidInput("No road leads along the steps of vehicle {id}. Correct them.", id=vehicle.id)
    drafts = list(_drafts(problem, vehicle, given, legs))
    pulls = [_pull(problem, vehicle, g) for g in given]
    gaps = [b.arrival - a.arrival for a, b in itertools.pairwise(drafts)]
    begins = best_times(pulls_chosen(pulls, gaps), gaps)
    for time, pull in zip(begins, pulls, strict=True):
        if not pull[0].hard[0] <= time <= pull[0].hard[1]:
            raise InvalidInput(
                "The hard times in the steps of vehicle {id} cannot all be kept. Loosen one of them.",
                id=vehicle.id,
            )
    steps = tuple(_placed(drafts, begins, gaps))
    broken = {
        n: [*_late(each.begins, pulls[n]), *_unable(problem, vehicle, steps, n)]
        for n, each in enumerate(steps)
    }
    return Driven(vehicle, steps, broken, tuple(_beyond(vehicle, steps)))


def _whole(given: Sequence[Given]) -> list[Given]:
    """With a start and an end, which may be left out."""
    whole = list(given)
    if not whole or whole[0].kind != "start":
        whole.insert(0, Given("start"))
    if whole[-1].kind != "end":
        whole.append(Given("end"))
    return whole


def _drafts(
    problem: VroomProblem, vehicle: Vehicle, given: Sequence[Given], legs: list[tuple[int, int]]
) -> Iterator[Step]:
    """The steps one right after the other from 0 on; a break comes before the drive to the next task."""
    order = [g.index for g in given if g.kind in ("job", "pickup", "delivery") and g.index is not None]
    now = drive_s = drive_m = done = 0
    for each in given:
        if each.kind == "start":
            yield Step("start", None, now, place=vehicle.start)
            continue
        if each.kind == "break" and each.index is not None:
            rest = vehicle.rests[each.index]
            yield Step("break", each.index, now, service_s=rest.service_s, drive_s=drive_s, drive_m=drive_m)
            now += rest.service_s
            continue
        now, drive_s, drive_m = now + legs[done][0], drive_s + legs[done][0], drive_m + legs[done][1]
        if each.kind == "end" or each.index is None:
            yield Step("end", None, now, drive_s=drive_s, drive_m=drive_m, place=vehicle.end)
            continue
        task = problem.tasks[each.index]
        setup_s, service_s = setup_of(problem, vehicle, order, done), task.service_on(vehicle)
        yield Step(each.kind, each.index, now, 0, setup_s, service_s, drive_s, drive_m, task.place)
        now += setup_s + service_s
        done += 1


def _pull(problem: VroomProblem, vehicle: Vehicle, given: Given) -> list[_Pull]:
    """One for each window."""
    low = given.at if given.at is not None else given.after if given.after is not None else EVER[0]
    high = given.at if given.at is not None else given.before if given.before is not None else EVER[1]
    windows: Sequence[Span] = (vehicle.window,)
    if given.kind == "break" and given.index is not None:
        windows = vehicle.rests[given.index].windows
    elif given.index is not None:
        windows = problem.tasks[given.index].windows
    return [_Pull(window, (low, high)) for window in windows]


def pulls_chosen(pulls: Sequence[Sequence[_Pull]], gaps: Sequence[int]) -> list[_Pull]:
    """Of several windows the one that an unhindered drive meets, or the nearest to it."""
    now = next((p[0].window[0] for p in pulls if p[0].window[0] > EVER[0]), 0)
    chosen = []
    for n, each in enumerate(pulls):
        best = min(each, key=lambda pull: max(pull.window[0] - now, now - pull.window[1], 0))
        chosen.append(best)
        now = max(now, best.window[0], best.hard[0])
        now += gaps[n] if n < len(gaps) else 0
    return chosen


def best_times(pulls: Sequence[_Pull], gaps: Sequence[int]) -> list[int]:
    """Times, each at least its gap after the one before, with the least weighted seconds outside.

    Of equally good ones the earliest that some window or hard time asks for.
    """
    offsets = [0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    left: list[tuple[int, int]] = []  # (-value, weight): where the slope to the left of the best falls
    best: list[tuple[int | None, int | None]] = []
    for pull, offset in zip(pulls, offsets, strict=True):
        spans = ((pull.window, 1), (pull.hard, _HARD))
        for (low, _), weight in spans:
            if low > EVER[0]:
                heapq.heappush(left, (offset - low, weight))
        caps = [_capped(left, high - offset, weight) for (_, high), weight in spans if high < EVER[1]]
        best.append((-left[0][0] if left else None, min(caps, default=None)))
    times: list[int] = []
    later: int | None = None
    for floor, cap in reversed(best):
        wanted = floor if floor is not None else cap
        if wanted is None:
            wanted = later if later is not None else 0
        later = wanted if later is None else min(later, wanted)
        times.append(later)
    return [time + offset for time, offset in zip(reversed(times), offsets, strict=True)]


def _capped(left: list[tuple[int, int]], high: int, weight: int) -> int:
    """Add what rises from `high` on: so much weight is taken from the greatest values; the least of them."""
    heapq.heappush(left, (-high, weight))
    value = 0
    while weight > 0:
        negative, held = heapq.heappop(left)
        value = -negative
        if held > weight:
            heapq.heappush(left, (negative, held - weight))
        weight -= held
    return value


def _placed(drafts: Sequence[Step], begins: Sequence[int], gaps: Sequence[int]) -> Iterator[Step]:
    arrival = begins[0]
    for n, (draft, begin) in enumerate(zip(drafts, begins, strict=True)):
        yield replace(draft, arrival=arrival, waiting_s=begin - arrival)
        if n < len(gaps):
            arrival = begin + gaps[n]


def _late(begins: int, pulls: Sequence[_Pull]) -> Iterator[Violation]:
    """How far a begin lies from the nearest window."""
    off = min((max(p.window[0] - begins, begins - p.window[1], 0), p.window[0] > begins) for p in pulls)
    if off[0]:
        yield {"cause": "lead_time" if off[1] else "delay", "duration": off[0]}


def _unable(problem: VroomProblem, vehicle: Vehicle, steps: Sequence[Step], n: int) -> Iterator[Violation]:
    load = loads_of(problem, steps)[n]
    if any(a > room for a, room in zip(load, vehicle.capacity, strict=True)):
        yield {"cause": "load"}
    index = steps[n].index
    if steps[n].kind in ("start", "end", "break") or index is None:
        return
    task = problem.tasks[index]
    if not vehicle.may(task):
        yield {"cause": "skills"}
    if task.partner is not None:
        nearby = steps[:n] if task.kind == "delivery" else steps[n + 1 :]
        if not any(s.kind in ("pickup", "delivery") and s.index == task.partner for s in nearby):
            yield {"cause": "precedence"}


def _beyond(vehicle: Vehicle, steps: Sequence[Step]) -> Iterator[Violation]:
    """What the route as a whole breaks."""
    tasks = sum(step.kind in ("job", "pickup", "delivery") for step in steps)
    if vehicle.max_tasks is not None and tasks > vehicle.max_tasks:
        yield {"cause": "max_tasks"}
    if vehicle.max_travel_s is not None and steps[-1].drive_s > vehicle.max_travel_s:
        yield {"cause": "max_travel_time"}
    if vehicle.max_distance_m is not None and steps[-1].drive_m > vehicle.max_distance_m:
        yield {"cause": "max_distance"}
    rested = {step.index for step in steps if step.kind == "break"}
    if tasks and len(rested) < len(vehicle.rests):
        yield {"cause": "missing_break"}
