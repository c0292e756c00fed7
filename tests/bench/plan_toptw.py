"""Team orienteering with windows: Vansteenwegen's instances as problems, judged in whole numbers.

As the set's own page says, distances are rounded down: to one decimal in the instances after Solomon, to two
in those after Cordeau. Times are therefore whole tenths or hundredths, each of them a second of the problem,
and nothing is rounded a second time.
"""

from __future__ import annotations

import csv
import json
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from routing.problem import Problem, Rates, Site, TimeWindow, Van, Visit, frozen_matrix

DATA: Final = Path(__file__).parents[3] / "shared/data/toptw"
_SETS: Final = (("vansteenwegen_c_r_rc_100_100.zip", 10), ("vansteenwegen_pr01_10.zip", 100))
"""Archives, and how many of their times make 1."""
_MILLI: Final = 1000


@dataclass(frozen=True, slots=True)
class Vertex:
    """A place, in thousandths; how long one stays and when service may begin, in the instance's times."""

    x: int
    y: int
    stay: int
    score: int
    opens: int
    closes: int


@dataclass(frozen=True)
class Orienteering:
    """An instance: paths begin and end at vertex 0 and are back by its closing. `scale` times make 1."""

    name: str
    scale: int
    vertices: tuple[Vertex, ...]

    @cached_property
    def away(self) -> tuple[tuple[int, ...], ...]:
        """Times between all vertices."""
        return tuple(tuple(self._away(a, b) for b in self.vertices) for a in self.vertices)

    def _away(self, a: Vertex, b: Vertex) -> int:
        return math.isqrt(self.scale**2 * ((a.x - b.x) ** 2 + (a.y - b.y) ** 2)) // _MILLI


@dataclass(frozen=True, slots=True)
class Published:
    """A published iterated local search's best score by the number of paths; the proven best of one path."""

    best: dict[int, int]
    optimum: int | None


def read(text: str, name: str, scale: int) -> Orienteering:
    """An instance as its file has it: two lines of numbers, then a vertex a line.

    Raises
    ------
    ValueError : the file does not hold as many vertices as it says, or a time or score that is not whole.
    """
    lines = [line.split() for line in text.splitlines()]
    vertices = tuple(_vertex(fields, scale) for fields in lines[2:] if fields)
    if len(vertices) != int(lines[0][2]) + 1:
        raise ValueError(f"{name} says {lines[0][2]} vertices besides the first and has {len(vertices) - 1}")
    return Orienteering(name, scale, vertices)


def _vertex(fields: Sequence[str], scale: int) -> Vertex:
    x, y, stay, score = fields[1:5]
    opens, closes = fields[-2:]
    return Vertex(
        _whole(x, _MILLI),
        _whole(y, _MILLI),
        _whole(stay, scale),
        _whole(score, 1),
        _whole(opens, scale),
        _whole(closes, scale),
    )


def _whole(told: str, scale: int) -> int:
    value = Decimal(told) * scale
    if value != int(value):
        raise ValueError(f"{told} is no whole number of 1/{scale}")
    return int(value)


def instances() -> dict[str, Orienteering]:
    """All instances of the data folder by name; empty where it is missing."""
    found = {}
    for archive, scale in _SETS:
        if (DATA / archive).exists():
            with zipfile.ZipFile(DATA / archive) as opened:
                for entry in sorted(opened.namelist()):
                    name = Path(entry).stem
                    found[name] = read(opened.read(entry).decode("ascii"), name, scale)
    return found


def published() -> dict[str, Published]:
    """What is published of each instance."""
    best: dict[str, dict[int, int]] = {}
    with (DATA / "ils_results.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            best.setdefault(row["instance"], {})[int(row["m"])] = int(float(row["best"]))
    optima = {
        row["instance"]: row.get("optw_optimum_m1")
        for row in json.loads((DATA / "reference.json").read_text(encoding="utf-8"))
    }
    return {name: Published(scores, optima.get(name)) for name, scores in best.items()}


@dataclass(frozen=True, slots=True)
class Reference:
    """A path of one van whose score is known."""

    instance: str
    path: tuple[int, ...]
    score: int


def reference_paths() -> tuple[Reference, ...]:
    """The known paths of the data folder."""
    rows = json.loads((DATA / "reference.json").read_text(encoding="utf-8"))
    return tuple(
        Reference(row["instance"], tuple(row["reference_route_m1"]), row["reference_prize_m1"])
        for row in rows
        if row.get("reference_route_m1")
    )


def problem_of(instance: Orienteering, paths: int) -> Problem:
    """The instance with so many vans: scores as prizes, nobody mandatory, no patrol and no food."""
    first, *others = instance.vertices
    away = frozen_matrix(np.array(instance.away))
    return Problem(
        sites=tuple(Site(f"vertex {n}", v.x / _MILLI, v.y / _MILLI) for n, v in enumerate(instance.vertices)),
        seconds=away,
        metres=away,
        vans=tuple(Van(f"path {n + 1}", 0, first.opens, first.closes) for n in range(paths)),
        visits=tuple(
            Visit(f"vertex {n}", "visit", n, v.stay, (TimeWindow(v.opens, v.closes),), prize=v.score)
            for n, v in enumerate(others, start=1)
        ),
        patrol_target_s=0,
        rates=Rates(imbalance=0),
    )


def score(instance: Orienteering, paths: Sequence[Sequence[int]]) -> int:
    """What paths over vertices collect, walked here once more by the instance itself.

    Raises
    ------
    ValueError : a path is late somewhere, or a vertex is on it that does not exist or was collected before.
    """
    seen: set[int] = set()
    for path in paths:
        _walk(instance, path)
        for vertex in path:
            if vertex in seen or not 0 < vertex < len(instance.vertices):
                raise ValueError(f"{instance.name}: vertex {vertex} cannot be collected, or not again")
            seen.add(vertex)
    return sum(instance.vertices[vertex].score for vertex in seen)


def _walk(instance: Orienteering, path: Sequence[int]) -> None:
    now, here = instance.vertices[0].opens, 0
    for there in (*path, 0):
        now += instance.away[here][there]
        vertex = instance.vertices[there]
        if now > vertex.closes:
            raise ValueError(f"{instance.name}: vertex {there} is reached at {now}, after {vertex.closes}")
        now = max(now, vertex.opens) + vertex.stay
        here = there
