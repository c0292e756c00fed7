"""VROOM problems for tests: its documentation's three examples, and small ones by chance.

The examples' figures are those of VROOM's documentation. It had its matrices from a road server; here the
legs that its answers drive have the documented seconds and metres, and all others are estimated.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import strategies as st

from fleet.geo import haversine_m

Json = dict[str, Any]
DEPOT, ONE, TWO, THREE, FOUR, FIVE, SIX = PLACES = (
    (2.35044, 48.71764), (1.98935, 48.701), (2.03655, 48.61128), (2.39719, 49.07611),
    (2.41808, 49.22619), (2.28325, 48.5958), (2.89357, 48.90736),
)  # fmt: skip
_LEGS = {
    (DEPOT, ONE): (2328, 32355), (ONE, TWO): (890, 14661), (TWO, FIVE): (1595, 21518),
    (FIVE, DEPOT): (1752, 27071), (DEPOT, SIX): (2941, 62696), (SIX, FOUR): (3816, 69018),
    (FOUR, THREE): (1909, 22868), (THREE, DEPOT): (3480, 62170),
}  # fmt: skip
T = 1600416000
COST = {1: 18711, 2: 5461, 3: 18711}
"""What VROOM's documented answers cost."""


def at(place: tuple[float, float]) -> Json:
    return {"location": list(place), "location_index": PLACES.index(place)}


def _home() -> Json:
    here = list(DEPOT)
    return {"start": here, "end": here, "start_index": 0, "end_index": 0, "capacity": [4]}


def matrices() -> Json:
    """Documented legs, and great circles at 90 km/h for the rest."""
    seconds, metres = [[0] * len(PLACES) for _ in PLACES], [[0] * len(PLACES) for _ in PLACES]
    for (a, one), (b, other) in itertools.permutations(enumerate(PLACES), 2):
        way = haversine_m(one, other)
        seconds[a][b], metres[a][b] = _LEGS.get((one, other), (round(way * 1.35 / 25), round(way * 1.35)))
    return {"car": {"durations": seconds, "distances": metres}}


def example(n: int) -> Json:
    """One of the documentation's problems."""
    return {1: _first, 2: _second, 3: _third}[n]()


def _first() -> Json:
    shift = {"time_window": [T, T + 14400]}
    rest = {"id": 2, "service": 300, "time_windows": [[T + 7200, T + 9000]]}
    five_minutes = {"service": 300}
    return {
        "vehicles": [
            {"id": 1, **_home(), "skills": [1, 14], **shift},
            {"id": 2, **_home(), "skills": [2, 14], **shift, "breaks": [rest]},
        ],
        "jobs": [
            {"id": 1, **five_minutes, "delivery": [1], **at(ONE), "skills": [1],
             "time_windows": [[T + 3600, T + 7200]]},
            {"id": 2, **five_minutes, "pickup": [1], **at(TWO), "skills": [1]},
            {"id": 5, **five_minutes, "delivery": [1], **at(FIVE), "skills": [14]},
            {"id": 6, **five_minutes, "delivery": [1], **at(SIX), "skills": [14]},
        ],
        "shipments": [
            {
                "amount": [1],
                "skills": [2],
                "pickup": {"id": 4, **five_minutes, **at(FOUR)},
                "delivery": {"id": 3, **five_minutes, **at(THREE)},
            }
        ],
        "matrices": matrices(),
    }  # fmt: skip


def _second() -> Json:
    durations = [[0, 2104, 197, 1299], [2103, 0, 2255, 3152], [197, 2256, 0, 1102], [1299, 3153, 1102, 0]]
    return {
        "vehicles": [{"id": 0, "start_index": 0, "end_index": 3}],
        "jobs": [{"id": 1414, "location_index": 1}, {"id": 1515, "location_index": 2}],
        "matrices": {"car": {"durations": durations}},
    }


def _third() -> Json:
    shift = {"time_window": [T, T + 10800]}
    until_two = {"time_windows": [[T, T + 7200]]}
    steps = [[1, 2, 5], [6, 4, 3]]
    given = [[{"type": "start"}, *({"type": "job", "id": n} for n in ids), {"type": "end"}] for ids in steps]
    given[1][0] = {"type": "start", "service_after": T - 800}
    jobs = [(1, 2, ONE, {}), (2, 2, TWO, {}), (3, 1, THREE, until_two), (4, 1, FOUR, until_two),
            (5, 3, FIVE, {}), (6, 1, SIX, until_two)]  # fmt: skip
    return {
        "vehicles": [{"id": n + 1, **_home(), **shift, "steps": given[n]} for n in range(2)],
        "jobs": [{"id": n, "service": 300, "delivery": [load], **at(p), **more} for n, load, p, more in jobs],
        "matrices": matrices(),
    }


def without_matrices(problem: Json) -> Json:
    """The same by locations alone, as the documentation has it."""
    plain: Json = json.loads(json.dumps(problem))
    del plain["matrices"]
    return plain


@st.composite
def small(draw: st.DrawFn) -> Json:
    """A few tasks and vehicles, any of VROOM's means with each."""
    size = draw(st.integers(2, 5))
    row = st.lists(st.integers(1, 60), min_size=size, max_size=size)
    rows = draw(st.lists(row, min_size=size, max_size=size))
    durations = [[0 if a == b else rows[a][b] for b in range(size)] for a in range(size)]
    place = st.integers(0, size - 1)
    window = st.tuples(st.integers(0, 200), st.integers(0, 200)).map(lambda w: [w[0], w[0] + w[1]])
    skills = st.sampled_from([[], [], [1], [2]])

    def maybe(**fields: st.SearchStrategy[Any]) -> Json:
        return {name: draw(each) for name, each in fields.items() if draw(st.booleans())}

    def step(number: int) -> Json:
        windows = st.tuples(window, st.integers(30, 90)).map(
            lambda w: [w[0], [w[0][1] + w[1], w[0][1] + w[1] + 50]]
        )
        timed = maybe(time_windows=windows | window.map(lambda w: [w]))
        return {
            "id": number,
            "location_index": draw(place),
            **maybe(service=st.integers(0, 20), setup=st.integers(0, 15)),
            **timed,
        }

    jobs = [
        {
            **step(n),
            "skills": draw(skills),
            **maybe(delivery=_load(), pickup=_load(), priority=st.integers(0, 9)),
        }
        for n in range(draw(st.integers(0, 3)))
    ]
    shipments = [
        {"pickup": step(n), "delivery": step(n), "amount": draw(_load()), "skills": draw(skills)}
        for n in range(draw(st.integers(0, 2)))
    ]
    vehicles = []
    for n in range(draw(st.integers(1, 2))):
        ends = draw(st.sampled_from([("start_index",), ("end_index",), ("start_index", "end_index")]))
        vehicle = {
            "id": n,
            "capacity": draw(st.sampled_from([[2, 2], [5, 5]])),
            "skills": draw(st.sampled_from([[], [1], [1, 2]])),
        }
        vehicle |= {end: draw(place) for end in ends}
        rest = window.map(lambda w: [{"id": 1, "service": 10, "time_windows": [[w[0], w[1] + 60]]}])
        vehicle |= maybe(
            time_window=st.integers(0, 60).map(lambda t: [t, t + 420]),
            breaks=rest,
            max_tasks=st.integers(1, 4),
            max_travel_time=st.integers(40, 300),
            speed_factor=st.sampled_from([0.5, 1.0, 2.0]),
            costs=st.fixed_dictionaries(
                {"fixed": st.sampled_from([0, 100]), "per_task_hour": st.sampled_from([0, 3600])}
            ),
        )  # fmt: skip
        vehicles.append(vehicle)
    return {
        "vehicles": vehicles,
        "jobs": jobs,
        "shipments": shipments,
        "matrices": {"car": {"durations": durations}},
    }


def _load() -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, 2), min_size=2, max_size=2)
